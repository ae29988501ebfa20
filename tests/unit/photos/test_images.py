"""Photos of every kind, honest and not, come out upright, RGB and 8-bit, or as a sentence."""

from __future__ import annotations

import errno
import io
import os
import shutil
import signal
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lessonkit import language
from lessonkit.errors import DiskError, PhotoError, PhotoNotReadError
from lessonkit.photos import apart, catalog, decoding, images
from lessonkit.photos.images import open_photo, upright_size

# Pillow warns of the damage that these tests do on purpose.
pytestmark = [
    pytest.mark.filterwarnings("ignore::UserWarning:PIL"),
    pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning"),
]
RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def two_halves(mode: str = "RGB", size: tuple[int, int] = (40, 20)) -> Image.Image:
    """Left half red, right half blue."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, size[0], size[1]))
    return image.convert(mode)


def near(image: Image.Image, at: tuple[int, int], colour: tuple[int, ...], within: int = 12) -> bool:
    return max(abs(a - b) for a, b in zip(image.getpixel(at), colour, strict=True)) <= within


def opened_or_said(data: bytes) -> str:
    """The opened photo's mode, or the sentence; any other exception is the test's failure."""
    try:
        return open_photo(data).mode
    except PhotoError as problem:
        return problem.sentence if problem.way_out else ""


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def claiming_png(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes whose header claims any size."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(100_000))) + chunk(b"IEND", b"")


def claiming_jpeg(width: int, height: int, one_scan: bool = True, **options: object) -> bytes:
    """A JPEG of 64 × 64 pixels whose header claims another size, and perhaps more scans than one."""
    data = bytearray(encoded(two_halves(size=(64, 64)), "JPEG", **options))
    frame = data.index(b"\xff\xc2" if options.get("progressive") else b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    if not one_scan:
        data[data.index(b"\xff\xda") + 4] = 1
    return bytes(data)


def claiming_heic(width: int, height: int, size: tuple[int, int] = (64, 64)) -> bytes:
    """A HEIC photo of `size` whose properties claim another (ISO/IEC 23008-12, 6.5.3)."""
    data = bytearray(encoded(two_halves(size=size), "HEIF"))
    at = -1
    while (at := data.find(b"ispe", at + 1)) >= 0:
        data[at + 8 : at + 16] = struct.pack(">II", width, height)
    return bytes(data)


KINDS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "HEIF", "AVIF")


@pytest.mark.parametrize("kind", KINDS)
def test_each_format_is_opened_by_its_content(kind: str, tmp_path: Path) -> None:
    data = encoded(two_halves(), kind, **({"quality": 95} if kind in ("JPEG", "WEBP") else {}))
    path = tmp_path / "photo.jpg"
    path.write_bytes(data)
    for source in (path, data, io.BytesIO(data)):
        image = open_photo(source)
        assert (image.mode, image.size) == ("RGB", (40, 20))
        assert near(image, (5, 10), RED, 40)
        assert near(image, (35, 10), BLUE, 40)


# where the red left half must be after EXIF orientation n is applied: Exif 2.32, tag 0x0112
@pytest.mark.parametrize(
    ("orientation", "size", "red_at"),
    [
        (1, (40, 20), (5, 10)), (2, (40, 20), (35, 10)), (3, (40, 20), (35, 10)), (4, (40, 20), (5, 10)),
        (5, (20, 40), (10, 5)), (6, (20, 40), (10, 5)), (7, (20, 40), (10, 35)), (8, (20, 40), (10, 35)),
    ],
)  # fmt: skip
def test_a_photo_on_its_side_is_put_upright(orientation: int, size: tuple, red_at: tuple) -> None:
    for kind in ("JPEG", "PNG", "TIFF", "AVIF"):
        exif = Image.Exif()  # again: saving may change it
        exif[0x0112] = orientation
        data = encoded(two_halves(), kind, exif=exif)
        image = open_photo(data)
        assert image.size == size
        assert near(image, red_at, RED, 30)
        assert upright_size(data) == size[::-1]


def test_the_size_of_what_is_no_photo_is_a_sentence(tmp_path: Path) -> None:
    text = tmp_path / "pug_1.jpg"
    text.write_text("no photo")
    for source in (text, tmp_path / "gone.jpg", b"\xff\xd8\xff\xe0 cut"):
        with pytest.raises(PhotoError):
            upright_size(source)


def test_broken_exif_does_not_cost_the_photo() -> None:
    assert open_photo(encoded(two_halves(), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff")).size == (40, 20)


def test_sixteen_bit_greys_keep_their_greys() -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None].repeat(4, 0)
    for kind in ("PNG", "TIFF"):
        out = np.asarray(open_photo(encoded(Image.fromarray(ramp), kind)))
        assert np.abs(out[0, :, 0].astype(int) - np.arange(256)).max() <= 1


def test_real_valued_greys_of_zero_to_one_keep_their_greys() -> None:
    ramp = np.linspace(0, 1, 256, dtype=np.float32)[None].repeat(4, 0)
    ramp[3, :] = np.nan
    out = np.asarray(open_photo(encoded(Image.fromarray(ramp), "TIFF")))
    assert np.abs(out[0, :, 1].astype(int) - np.arange(256)).max() <= 1


def test_transparency_is_laid_over_white() -> None:
    clear = two_halves("RGBA")
    clear.putalpha(Image.new("L", (40, 20), 0))
    assert near(open_photo(encoded(clear, "PNG")), (5, 10), WHITE, 0)
    half = two_halves("RGBA")
    half.putalpha(Image.new("L", (40, 20), 128))
    assert near(open_photo(encoded(half, "PNG")), (5, 10), (255, 127, 127), 1)
    palette = two_halves().quantize(4)
    palette_red = palette.getpixel((0, 0))
    assert near(open_photo(encoded(palette, "PNG", transparency=palette_red)), (5, 10), WHITE, 0)
    assert near(open_photo(encoded(palette, "PNG", transparency=palette_red)), (35, 10), BLUE, 2)
    assert near(open_photo(encoded(two_halves(), "PNG", transparency=RED)), (5, 10), WHITE, 0)
    grey = Image.merge("LA", (Image.new("L", (4, 4), 0), Image.new("L", (4, 4), 0)))
    assert near(open_photo(encoded(grey, "PNG")), (1, 1), WHITE, 0)


def test_cmyk_and_black_and_white() -> None:
    assert near(open_photo(encoded(two_halves("CMYK"), "JPEG", quality=95)), (5, 10), RED, 40)
    assert near(open_photo(encoded(Image.new("1", (9, 9), 1), "PNG")), (1, 1), WHITE, 0)


def test_an_animated_gif_shows_its_first_frame() -> None:
    first, second = Image.new("RGB", (10, 10), RED), Image.new("RGB", (10, 10), BLUE)
    assert near(open_photo(encoded(first, "GIF", save_all=True, append_images=[second])), (5, 5), RED)


@pytest.mark.parametrize("size", [(900, 600), (600, 900), (640, 640)])
def test_max_side_and_enough(size: tuple[int, int]) -> None:
    for kind in ("JPEG", "PNG"):
        data = encoded(two_halves(size=size), kind)
        assert max(open_photo(data, max_side=224).size) == 224
        assert open_photo(data, max_side=2000).size == size
        assert min(open_photo(data, enough=208).size) >= 208
    assert min(open_photo(encoded(two_halves(size=(900, 900)), "JPEG"), enough=208).size) == 225


@pytest.mark.parametrize(
    "data",
    [
        claiming_png(12_001, 10_000), claiming_png(13_000, 13_000), claiming_png(60_000, 60_000),
        claiming_jpeg(20_000, 10_000), claiming_jpeg(12_000, 12_000, progressive=True),
        claiming_jpeg(12_000, 12_000, one_scan=False), claiming_heic(12_000, 12_000), claiming_heic(30_000, 30_000),
    ],
    ids=[
        "just over", "169 MP PNG", "3600 MP PNG", "200 MP JPEG", "progressive", "several scans", "144 MP HEIC",
        "900 MP HEIC",
    ],
)  # fmt: skip
def test_too_big_is_refused_by_the_header_alone(data: bytes) -> None:
    with pytest.raises(PhotoError, match="too big") as caught:
        open_photo(data, max_side=224)
    assert "120 megapixels" in caught.value.way_out


def large(width: int, height: int) -> Image.Image:
    """A photo that packs well: left half red, right half blue."""
    return two_halves(size=(width, height))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "size", "options"),
    [("HEIF", (8064, 3200), {"quality": 30}), ("JPEG", (8160, 6120), {"progressive": True}), ("PNG", (6000, 5000), {}),
     ("WEBP", (6000, 5000), {"method": 0})],
    ids=["HEIC panorama", "progressive JPEG", "PNG", "WebP"],
)  # fmt: skip
def test_what_phones_and_editors_save_above_25_megapixels_opens(kind: str, size: tuple, options: dict) -> None:
    data = encoded(large(*size), kind, **options)
    small = open_photo(data, enough=208)
    assert min(small.size) == 208
    assert small.width / small.height == pytest.approx(size[0] / size[1], abs=0.02)
    assert near(small, (2, 100), RED)
    assert near(small, (small.width - 2, 100), BLUE)
    whole = open_photo(data)
    assert whole.width * whole.height <= 1.001 * decoding.MOST_PIXELS


def test_a_photo_opened_apart_is_upright_and_its_processor_time_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MOST_PIXELS", 100)
    exif = Image.Exif()
    exif[0x0112] = 6
    before, here = apart.processor_seconds(), time.thread_time()
    opened = open_photo(encoded(two_halves(size=(400, 200)), "PNG", exif=exif), enough=50)
    assert apart.processor_seconds() - before > time.thread_time() - here
    assert opened.size == (200, 400) or opened.size == (50, 100)
    assert near(opened, (10, 5), RED)


def test_a_large_photo_that_is_damaged_is_refused_from_apart() -> None:
    with pytest.raises(PhotoError, match="cut off or damaged") as caught:
        open_photo(claiming_png(10_000, 10_000), enough=64)
    assert not isinstance(caught.value, PhotoNotReadError)
    with language.speaking("xx"), pytest.raises(PhotoError) as caught:  # no child knows the learner's language
        open_photo(claiming_png(10_000, 10_000), enough=64)
    assert [text[:1] for text in caught.value.args] == ["⟦", "⟦"]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the address space has no bound that is kept")
def test_a_photo_that_needs_more_memory_than_it_may_have_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "MOST_MEMORY", 150_000_000)
    with pytest.raises(PhotoError, match="more memory"):
        open_photo(encoded(large(8000, 6000), "PNG"), enough=64)


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal there")
def test_a_decoder_killed_from_outside_says_nothing_of_the_photo(monkeypatch: pytest.MonkeyPatch) -> None:
    killed = subprocess.CompletedProcess([], -signal.SIGKILL, b"", b"")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: killed)
    with pytest.raises(PhotoNotReadError, match="from outside"):
        open_photo(encoded(two_halves(size=(64, 64)), "AVIF"))


@pytest.mark.skipif(sys.platform == "win32", reason="no bound on a process's time there")
def test_a_photo_that_takes_too_much_processor_time_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "PATIENCE", 1)
    monkeypatch.setattr(apart, "CHILD", "tests.unit.photos.endless_child")
    with pytest.raises(PhotoError, match="longer than 1 s") as caught:
        open_photo(encoded(two_halves(size=(64, 64)), "AVIF"))
    assert not isinstance(caught.value, PhotoNotReadError)


def test_a_photo_that_waited_for_a_busy_processor_is_not_bad_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "LONGEST_WAIT", 0.01)
    with pytest.raises(PhotoNotReadError, match="much else to do"):
        open_photo(encoded(two_halves(size=(64, 64)), "AVIF"))


def test_an_avif_is_opened_apart_for_its_header_may_say_less_than_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encoded(two_halves(size=(64, 64)), "AVIF")
    assert open_photo(data).size == (64, 64)
    asked = []
    monkeypatch.setattr(images, "open_apart", lambda *of: asked.append(of) or Image.new("RGB", (64, 64)))
    open_photo(data)
    assert len(asked) == 1


def scanned(times: int) -> bytes:
    """A progressive JPEG whose last scan is repeated."""
    data = encoded(two_halves(size=(64, 64)), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * times + b"\xff\xd9"


def test_a_jpeg_of_a_thousand_scans_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert open_photo(scanned(3)).size == (64, 64)
    monkeypatch.setattr(decoding, "_pixels", lambda _: pytest.fail("it was decoded"))
    with pytest.raises(PhotoError, match="more pieces"):
        open_photo(scanned(1000))


# wrong beside the pixels


def with_chunk(name: bytes, body: bytes, damaged: bool = False) -> bytes:
    """A PNG with one more chunk after its header."""
    data, one = encoded(two_halves(), "PNG"), chunk(name, body)
    if damaged:
        one = one[:-1] + bytes([one[-1] ^ 1])
    return data[:33] + one + data[33:]


@pytest.mark.parametrize(
    "data",
    [
        with_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + b"x" * 2_000_000),
        with_chunk(b"zTXt", b"parameters\0\0" + zlib.compress(b"x" * 2_000_000)),
        with_chunk(b"iCCP", b"p3\0\0" + zlib.compress(bytes(range(256)) * 6000)),
        with_chunk(b"tEXt", b"Comment\0hello", damaged=True),
        with_chunk(b"zTXt", b"parameters\0\0not deflated"),
        with_chunk(b"tIME", b"\7\350\1\1\1\1\1", damaged=True),
    ],
    ids=["iTXt of 2 MB", "zTXt of 2 MB", "profile of 1.5 MB", "wrong checksum", "damaged zTXt", "damaged time"],
)
def test_a_png_opens_whatever_its_comments_hold(data: bytes) -> None:
    opened = open_photo(data)
    assert opened.size == (40, 20)
    assert upright_size(data) == (20, 40)
    assert near(opened, (2, 10), RED)
    assert near(opened, (37, 10), BLUE)


def test_a_png_whose_pixels_are_damaged_does_not_open() -> None:
    data = bytearray(encoded(Image.effect_noise((60, 60), 80).convert("RGB"), "PNG"))
    data[len(data) // 2] ^= 0xFF
    with pytest.raises(PhotoError):
        open_photo(bytes(data))


def noise(**options: object) -> bytes:
    return encoded(Image.effect_noise((160, 120), 60).convert("RGB"), "JPEG", quality=90, **options)


def test_a_jpeg_that_lacks_only_its_end_mark_opens() -> None:
    data = noise()
    assert open_photo(data[:-2]).tobytes() == open_photo(data).tobytes()
    assert open_photo(data + bytes(99)).tobytes() == open_photo(data).tobytes()


@pytest.mark.parametrize("missing", [7, 20, 500, 4000])
@pytest.mark.parametrize("options", [{}, {"progressive": True}], ids=["baseline", "progressive"])
def test_a_jpeg_that_lacks_more_does_not(missing: int, options: dict) -> None:
    with pytest.raises(PhotoError, match="cut off or damaged"):
        open_photo(noise(**options)[:-missing])


MEASURE = """
import pathlib, resource, sys
from lessonkit.errors import PhotoError
from lessonkit.photos.images import open_photo
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = peak()
try:
    open_photo(pathlib.Path(sys.argv[1]), max_side=224)
except PhotoError:
    pass
print(peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss counts in kB on Linux alone")
@pytest.mark.parametrize(
    "data",
    [claiming_png(13_000, 13_000), claiming_jpeg(9_000, 9_000, progressive=True)],
    ids=["too large a PNG", "progressive JPEG"],
)
def test_too_big_costs_no_memory(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(data)
    spent = subprocess.run([sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True)
    assert int(spent.stdout) < 20_000


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss counts in kB on Linux alone")
@pytest.mark.parametrize(
    "data",
    [encoded(Image.new("RGBA", (5000, 5000), (9, 9, 9, 99)), "PNG"), encoded(Image.new("I;16", (5000, 5000)), "PNG")],
    ids=["transparency", "16-bit grey"],
)
def test_four_large_photos_at_once_cost_little_more_than_one(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(data)
    four = MEASURE.replace(
        "    open_photo(pathlib.Path(sys.argv[1]), max_side=224)",
        "    with ThreadPoolExecutor(4) as pool:\n"
        "        list(pool.map(lambda _: open_photo(pathlib.Path(sys.argv[1])).size, range(4)))\n"
        "    raise PhotoError('')",
    )
    four = "from concurrent.futures import ThreadPoolExecutor\n" + four
    spent = subprocess.run([sys.executable, "-c", four, str(path)], capture_output=True, text=True, check=True)
    assert int(spent.stdout) < 450_000  # pixels of 100 MB each; 1,900 MB once


def test_a_heic_photo_that_holds_more_than_it_says_is_not_decoded(tmp_path: Path) -> None:
    with pytest.raises(PhotoError):
        open_photo(claiming_heic(64, 64, size=(4000, 3000)))


@pytest.mark.parametrize(("size", "side"), [((8_000, 6_000), 4_000), ((4_000, 3_000), 500)])
def test_a_phones_jpeg_with_a_picture_behind_it_is_a_jpeg(size: tuple[int, int], side: int) -> None:
    behind = two_halves(size=(160, 120))
    data = encoded(two_halves(size=size), "MPO", save_all=True, append_images=[behind])
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "MPO"
    image = open_photo(data, enough=300)
    assert max(image.size) <= side  # decoded smaller, as any JPEG
    assert near(image, (50, 50), RED)
    assert upright_size(data) == size[::-1]


def test_what_cannot_be_read_is_not_said_to_be_damaged(tmp_path: Path) -> None:
    for use in (open_photo, upright_size):
        with pytest.raises(PhotoError):
            use(tmp_path)
    with pytest.raises(PhotoError, match="cannot be read .*directory"):
        open_photo(tmp_path)


def test_a_large_jpeg_is_decoded_smaller() -> None:
    image = open_photo(encoded(two_halves(size=(7_000, 4_000)), "JPEG"))
    assert image.size == (3_500, 2_000)
    assert near(image, (100, 1_000), RED)


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1)])
def test_too_small_is_said(size: tuple[int, int]) -> None:
    with pytest.raises(PhotoError, match=f"{size[0]} × {size[1]}"):
        open_photo(encoded(Image.new("RGB", size), "PNG"))


def test_what_is_no_photo_is_said_to_be_none(tmp_path: Path) -> None:
    path = tmp_path / "cat.jpg"
    path.write_text("This is a text file, named .jpg.")
    for source in (path, path.read_bytes(), b"%PDF-1.7", b"<svg xmlns='http://www.w3.org/2000/svg'/>"):
        with pytest.raises(PhotoError, match="not a photo"):
            open_photo(source)
    with pytest.raises(PhotoError, match="Git LFS"):
        open_photo(b"version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 12\n")
    with pytest.raises(PhotoError, match="empty"):
        open_photo(b"")
    with pytest.raises(PhotoError, match="starts like a photo"):
        open_photo(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    with pytest.raises(PhotoError, match="a video"):
        open_photo(b"\0\0\0\x18ftypqt  \0\0\0\0qt  ")
    with pytest.raises(PhotoError, match="no photo “gone.jpg”"):
        open_photo(tmp_path / "gone.jpg")


@pytest.mark.parametrize("kind", KINDS)
def test_a_photo_cut_anywhere_is_a_sentence_or_a_photo_but_never_a_crash(kind: str) -> None:
    rng = np.random.default_rng(0)
    data = encoded(Image.fromarray(rng.integers(0, 256, (60, 60, 3), np.uint8)), kind)
    refused = 0
    for end in range(1, len(data), max(1, len(data) // 40)):
        refused += opened_or_said(data[:end]) != "RGB"
    assert refused >= 35


def test_damaged_bytes_are_a_sentence_or_a_photo_but_never_a_crash() -> None:
    rng = np.random.default_rng(1)
    for kind in KINDS:
        data = encoded(two_halves(size=(64, 48)), kind)
        for _ in range(60):
            damaged = bytearray(data)
            for at in rng.integers(0, min(len(data), 400), 4):
                damaged[at] = rng.integers(0, 256)
            assert opened_or_said(bytes(damaged))


def test_the_archives_two_that_are_not_what_their_names_say(
    pets_archive: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LESSONKIT_MIRROR", str(pets_archive.parent))
    catalog.obtain("pets")
    top = catalog.resolve("pets").photos_folder
    assert (top / "Abyssinian_34.jpg").read_bytes()[:3] == b"GIF"
    assert (top / "Abyssinian_5.jpg").read_bytes()[1:4] == b"PNG"
    for name in ("Abyssinian_34.jpg", "Abyssinian_5.jpg"):
        assert np.asarray(open_photo(top / name)).std() > 20  # a cat, not a plain field


def test_a_thumbnail_that_the_disk_does_not_take_is_a_sentence_and_leaves_nothing(
    drawn_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    shutil.copytree(drawn_home / "datasets", home / "datasets")
    monkeypatch.setenv("LESSONKIT_HOME", str(home))
    photo = list(catalog.resolve("drawn").names)[0]
    small = images.thumbnail(catalog.resolve("drawn"), photo, 64)
    small.unlink()
    small.mkdir()  # in its place, so that the file written beside cannot be put there
    (small / "x").touch()
    with pytest.raises(DiskError):
        images.thumbnail(catalog.resolve("drawn"), photo, 64)
    assert list(small.parent.iterdir()) == [small]


def test_thumbnails_are_small_webp_made_once_and_only_of_photos(
    drawn_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LESSONKIT_HOME", str(drawn_home))
    photo = list(catalog.resolve("drawn").names)[0]
    path = images.thumbnail(catalog.resolve("drawn"), photo, 96)
    with Image.open(path) as small:
        assert (small.format, max(small.size)) == ("WEBP", 96)
    made = path.stat().st_mtime_ns
    assert images.thumbnail(catalog.resolve("drawn"), photo, 96) == path
    assert path.stat().st_mtime_ns == made
    for other in ("../complete.json", "/etc/passwd", "nothing_1.jpg", ""):
        with pytest.raises(PhotoError, match="no photo"):
            images.thumbnail(catalog.resolve("drawn"), other)


class _BreaksOff(io.BytesIO):
    """A file on a disk that gives no more from some byte on."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() >= 4000:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return super().read(size)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "BMP"])
def test_a_disk_that_breaks_off_is_told_from_a_photo_that_is_cut_off(kind: str):
    noise = np.random.default_rng(0).integers(0, 256, (500, 500, 3), dtype=np.uint8)  # more than one read takes
    whole = encoded(Image.fromarray(noise), kind)
    with pytest.raises(PhotoNotReadError, match="Input/output error"):
        open_photo(_BreaksOff(whole))
    with pytest.raises(PhotoError) as cut_off:
        open_photo(whole[: len(whole) // 2])
    assert not isinstance(cut_off.value, PhotoNotReadError)


def test_a_photo_that_is_not_there_may_be_there_again(tmp_path: Path):
    for look in (open_photo, upright_size):
        with pytest.raises(PhotoNotReadError):
            look(tmp_path / "a.jpg")
