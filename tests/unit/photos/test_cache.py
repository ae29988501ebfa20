"""Photos decoded once: the right pixels, found again, made again when the photos change."""

from __future__ import annotations

import errno
import io
import os
import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from lessonkit import language
from lessonkit.errors import DiskError, LessonError, PhotoError
from lessonkit.photos import cache, catalog, images, manifest


def png(width: int, height: int, seed: int = 0) -> bytes:
    """A smooth picture: red grows to the right, green downwards, blue is the seed."""
    x, y = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    out = io.BytesIO()
    Image.fromarray(np.stack([x, y, np.full_like(x, seed)], -1).astype(np.uint8)).save(out, "PNG")
    return out.getvalue()


def make(photos: dict[str, bytes]) -> None:
    top = catalog.resolve("pets").photos_folder
    shutil.rmtree(catalog.resolve("pets").folder, ignore_errors=True)
    top.mkdir(parents=True)
    for photo, data in photos.items():
        (top / photo).write_bytes(data)
    manifest.seal(catalog.resolve("pets").folder, manifest.find_photos(top), "images")


SHAPES = {
    "wide_1.png": (300, 200, (64, 96, 3)), "tall_1.png": (200, 300, (96, 64, 3)), "tiny_1.png": (10, 12, (77, 64, 3)),
    "strip_1.png": (4000, 40, (64, 128, 3)), "mast_1.png": (4, 9000, (128, 64, 3)), "same_1.png": (64, 64, (64, 64, 3)),
}  # fmt: skip


def test_the_shorter_side_is_the_side_and_the_longer_at_most_twice_that(home: Path) -> None:
    make({name: png(w, h) for name, (w, h, _) in SHAPES.items()})
    photos = cache.build(catalog.resolve("pets"), 64)
    assert {name: photos[name].shape for name in photos} == {name: shape for name, (_, _, shape) in SHAPES.items()}
    assert photos.sizes.tolist() == [list(photos[name].shape[:2]) for name in photos.names]


def test_the_pixels_are_the_photos_own(home: Path) -> None:
    make({f"a_{n}.png": png(300, 200, n) for n in range(1, 200)})
    photos = cache.build(catalog.resolve("pets"), 64)
    assert photos.names == list(catalog.resolve("pets").names)
    for n in range(1, 200):
        pixels = photos[f"a_{n}.png"]
        assert pixels.dtype == np.uint8
        assert (pixels[..., 2] == n).all()
        assert np.abs(pixels[30, :, 0] - np.linspace(0, 255, 96)).max() < 5
        assert np.abs(pixels[:, 30, 1] - np.linspace(0, 255, 64)).max() < 6
    with pytest.raises(ValueError, match="read-only"):
        pixels[0, 0, 0] = 1


def test_it_is_made_once_opened_again_and_made_once_more_for_other_photos(home: Path) -> None:
    make({"a_1.png": png(80, 80, 1), "b_1.png": png(80, 80, 2)})
    with pytest.raises(LessonError, match="not decoded yet"):
        cache.open_cache(catalog.resolve("pets"), 64)
    told: list[tuple[str, int, int]] = []
    first = cache.build(catalog.resolve("pets"), 64, lambda *a: told.append(a))
    assert (told[0], told[-1]) == (("photos", 0, 2), ("photos", 2, 2))
    assert cache.is_built(catalog.resolve("pets"), 64)
    assert not cache.is_built(catalog.resolve("pets"), 72)
    cache.build(catalog.resolve("pets"), 64, lambda *_: pytest.fail("it is there: nothing is to be done"))
    assert (cache.open_cache(catalog.resolve("pets"), 64)["b_1.png"] == first["b_1.png"]).all()
    make({"a_1.png": png(80, 80, 1), "b_1.png": png(80, 80, 3)})
    assert not cache.is_built(catalog.resolve("pets"), 64)
    assert (cache.build(catalog.resolve("pets"), 64)["b_1.png"][..., 2] == 3).all()


def test_photos_that_do_not_open_are_left_out_with_the_reason(home: Path) -> None:
    whole = png(80, 80)
    make(
        {
            "a_1.png": whole,
            "b_1.jpg": b"a text",
            "c_1.png": whole[: len(whole) // 2],
            "d_1.png": png(80, 80, 9),
            "e_1.png": png(3, 80),
        }
    )
    photos = cache.build(catalog.resolve("pets"), 64)
    assert photos.names == ["a_1.png", "d_1.png"]
    assert isinstance(small := photos.bad["e_1.png"], language.Text)
    assert "3 × 80 pixels" in small
    assert (photos["d_1.png"][..., 2] == 9).all()
    assert "not a photo" in photos.bad["b_1.jpg"]
    assert "cut off" in photos.bad["c_1.png"]
    assert "b_1.jpg" not in photos
    with pytest.raises(KeyError):
        photos["b_1.jpg"]


def nothing_is_kept_and_all_open_the_next_time(home: Path, photos: int) -> None:
    assert not cache.is_built(catalog.resolve("pets"), 64)
    assert not [p for p in (home / "cache" / "photos").iterdir() if p.is_dir()]
    again = cache.build(catalog.resolve("pets"), 64)
    assert (len(again), again.bad) == (photos, {})


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
def test_too_many_open_files_leave_no_photo_out(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    make({f"a_{n}.png": png(80, 80, n) for n in range(9)})
    list(catalog.resolve("pets").names), catalog.resolve("pets").fingerprint
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    decode = cache._decode_all

    def with_no_file_left(*args: object) -> None:
        free = os.open(os.devnull, os.O_RDONLY)  # the lowest number that is free
        os.close(free)
        resource.setrlimit(resource.RLIMIT_NOFILE, (free + 1, before[1]))  # the pixels' own file takes it
        try:
            decode(*args)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, before)

    with monkeypatch.context() as patch:
        patch.setattr(cache, "_decode_all", with_no_file_left)
        with pytest.raises(LessonError, match=r"cannot be read now \(Too many open files\)"):
            cache.build(catalog.resolve("pets"), 64)
    nothing_is_kept_and_all_open_the_next_time(home, 9)


def while_decoding(monkeypatch: pytest.MonkeyPatch, photo: str, happens: Callable[[Path], None]) -> None:
    """Have something happen to a photo's file in the moment before it is read."""
    read = Path.read_bytes

    def reading(path: Path) -> bytes:
        if path.name == photo:
            happens(path)
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", reading)


def test_a_photo_taken_away_while_they_are_decoded_is_not_taken_for_a_bad_one(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = {f"a_{n}.png": png(80, 80, n) for n in range(3)}
    make(made)
    with monkeypatch.context() as patch:
        while_decoding(patch, "a_1.png", lambda path: path.unlink(missing_ok=True))
        with pytest.raises(LessonError, match=r"“a_1\.png” was taken away"):
            cache.build(catalog.resolve("pets"), 64)
    (catalog.resolve("pets").photos_folder / "a_1.png").write_bytes(made["a_1.png"])
    nothing_is_kept_and_all_open_the_next_time(home, 3)


def test_photos_replaced_while_they_are_decoded_are_not_kept_under_the_name_of_the_old(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = {f"a_{n}.png": png(80, 80, n) for n in range(3)}
    make(made)
    with monkeypatch.context() as patch:
        while_decoding(patch, "a_1.png", lambda path: path.write_bytes(png(80, 80, 99)))
        with pytest.raises(LessonError, match="changed while they were decoded"):
            cache.build(catalog.resolve("pets"), 64)
    (catalog.resolve("pets").photos_folder / "a_1.png").write_bytes(made["a_1.png"])
    nothing_is_kept_and_all_open_the_next_time(home, 3)


def test_a_disk_or_a_memory_that_fails_leaves_no_photo_out(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make({f"a_{n}.png": png(80, 80, n) for n in range(3)})

    def fail(_: Path) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    def too_little(*_: object) -> None:
        raise MemoryError

    for name, broken in (("read_bytes", lambda patch: while_decoding(patch, "a_1.png", fail)),
                         ("load", lambda patch: patch.setattr(PngImageFile, "load", too_little))):  # fmt: skip
        with monkeypatch.context() as patch:
            broken(patch)
            with pytest.raises(LessonError, match="cannot be read now"):
                cache.build(catalog.resolve("pets"), 64)
        assert not cache.is_built(catalog.resolve("pets"), 64), name
    nothing_is_kept_and_all_open_the_next_time(home, 3)


def test_a_dataset_of_which_nothing_opens_says_so_and_leaves_nothing(home: Path) -> None:
    make({"a_1.jpg": b"text", "b_1.jpg": b""})
    with pytest.raises(PhotoError, match="Not one photo"):
        cache.build(catalog.resolve("pets"), 64)
    assert not cache.is_built(catalog.resolve("pets"), 64)
    assert not [p for p in (home / "cache" / "photos").iterdir() if p.is_dir()]


def test_what_a_killed_build_left_is_tidied_up(home: Path) -> None:
    make({"a_1.png": png(80, 80)})
    path = cache.cache_path(catalog.resolve("pets"), 64)
    left = path.with_name(f".{path.name}.making-0badcafe")
    left.mkdir(parents=True)
    (left / "pixels.u8").write_bytes(b"half")
    assert len(cache.build(catalog.resolve("pets"), 64)) == 1
    assert not left.exists()


def test_two_that_build_at_once_build_once(home: Path) -> None:
    make({f"a_{n}.png": png(200, 200, n) for n in range(40)})
    told: list[list[str]] = [[], []]
    both = [
        threading.Thread(target=cache.build, args=(catalog.resolve("pets"), 64, lambda s, *_, i=i: told[i].append(s)))
        for i in (0, 1)
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert sum("photos" in stages for stages in told) == 1
    assert len(cache.open_cache(catalog.resolve("pets"), 64)) == 40


def test_the_cached_side_leaves_room_for_crops() -> None:
    assert {size: cache.side_for(size) for size in (160, 224, 299)} == {160: 208, 224: 288, 299: 392}


def test_every_real_photo_is_decoded(pets_archive: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LESSONKIT_MIRROR", str(pets_archive.parent))
    catalog.obtain("pets")
    photos = cache.build(catalog.resolve("pets"), 96)
    assert len(photos) == 737
    assert photos.bad == {}
    assert min(photos[name].std() for name in photos) > 5
    assert os.path.getsize(photos.folder / "pixels.u8") == sum(photos[name].size for name in photos)


def test_small_photos_take_no_more_room_than_they_hold_and_are_enlarged_when_asked_for(home: Path) -> None:
    made = {f"tiny_{n}.png": png(8, 5, n) for n in range(400)} | {
        "large_1.png": png(600, 400),
        "flat_1.png": png(90, 6),
    }
    make(made)
    photos = cache.build(catalog.resolve("pets"), 208)
    kept = (photos.folder / "pixels.u8").stat().st_size
    assert kept == 3 * (400 * 8 * 5 + 312 * 208 + 12 * 6)
    assert photos.enlarged
    assert photos.bytes == sum(photos[name].size for name in photos)
    for name in ("tiny_7.png", "large_1.png", "flat_1.png"):
        whole = cache.fitted(images.open_photo(made[name], enough=208), 208)
        assert photos[name].shape == whole.shape == photos.shapes[photos.names.index(name)]
        assert (photos[name] == whole).all()
        assert min(whole.shape[:2]) == 208


def test_the_room_that_photos_will_take_is_reckoned_before_any_is_decoded(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make({f"a_{n}.png": png(300, 200, n) for n in range(5)} | {"bad_1.png": b"text", "tiny_1.png": png(8, 5)})
    asked: list[int] = []

    def full(_: Path, needed: int, to: str) -> None:
        asked.append(needed)
        raise DiskError(f"There is no space on the disk to {to}.", "Delete something.")

    with monkeypatch.context() as patch:
        patch.setattr(cache, "need_space", full)
        patch.setattr(cache, "open_photo", lambda *_, **__: pytest.fail("the disk is full"))
        with pytest.raises(DiskError, match="decode the photos"):
            cache.build(catalog.resolve("pets"), 64)
    photos = cache.build(catalog.resolve("pets"), 64)
    assert asked == [(photos.folder / "pixels.u8").stat().st_size]
