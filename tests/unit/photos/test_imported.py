"""A zip of one's own photos becomes a dataset; one that is not what it should be becomes a sentence, and no files."""

from __future__ import annotations

import io
import os
import re
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from docs.imports import ROOT
from lessonkit import config
from lessonkit.errors import LessonError
from lessonkit.photos import cache, catalog, images, imported, manifest, own_photos, zip_archive
from lessonkit.photos.labels import label, split
from lessonkit.photos.layouts import names as name_patterns
from tests.unit.photos.zips import FOLDERS, add, pets, photo, refused, zipped

pytestmark = pytest.mark.usefixtures("home")


def test_folders_name_the_breeds_and_every_page_finds_the_dataset() -> None:
    files = pets(*(f"My pets/{name}" for name in FOLDERS))
    told: list[tuple[str, int, int]] = []
    name = imported.add_zip(zipped(files), "Mína Dýr!", lambda *at: told.append(at))
    assert name == "own-mina-dyr"
    dataset = catalog.resolve(name)
    assert (dataset.title, dataset.labelled_by, dataset.description.photos, dataset.description.breeds) == (
        "Mína Dýr!",
        "folder",
        4,
        2,
    )
    assert list(catalog.all_datasets()) == ["pets", "imagewoof", "drawn", name]
    assert list(catalog.own_datasets()) == [name]
    assert catalog.resolve(name).present
    assert list(catalog.resolve(name).names) == list(FOLDERS)
    assert (catalog.resolve(name).photos_folder / "cat/1.jpg").read_bytes() == files["My pets/cat/1.jpg"]
    assert label(list(catalog.resolve(name).names), "", "folder").counts == {"cat": 2, "dog": 2}
    assert own_photos.left_out(catalog.resolve(name)) == []
    size = sum(map(len, files.values()))
    assert ("unpack", size, size) in told
    assert told[-1] == ("check", 4, 4)
    assert cache.build(catalog.resolve(name), 32).names == list(FOLDERS)
    assert images.thumbnail(catalog.resolve(name), "cat/1.jpg").is_file()
    catalog.obtain(name)  # there already: nothing to do, above all nothing to draw
    assert list(catalog.resolve(name).names) == list(FOLDERS)


def test_halves_and_years_are_no_breeds_and_cost_no_photo() -> None:
    files = pets(*(f"a/{split}/{breed}/{year}/1.jpg" for split in ("train", "valid") for breed in ("cat", "dog")
                   for year in (2023, 2024)))  # fmt: skip
    made = imported.add(zipped(files), "Mine")
    assert made.reading.labels == "parent"
    assert label(list(catalog.resolve(made.name).names), "", "folder").counts == {"cat": 4, "dog": 4}
    assert own_photos.left_out(catalog.resolve(made.name)) == []
    assert sorted(own_photos.given_halves(catalog.resolve(made.name)).values()) == ["train"] * 4 + ["valid"] * 4


@pytest.mark.parametrize(
    ("names", "pattern"),
    [
        (("x/cat_1.jpg", "x/cat_2.jpg", "x/dog_1.jpg", "x/dog_2.jpg"), r"/([^/]+)_\d+.jpg$"),
        (("red cat 1.JPG", "red cat-2.png", "dog (1).jpeg", "dog2.jpg"), name_patterns.WORDS_FIRST),
    ],
)
def test_file_names_name_the_breeds_where_folders_do_not(names: tuple[str, ...], pattern: str) -> None:
    name, _ = add(pets(*names))
    dataset = catalog.resolve(name)
    assert (dataset.labelled_by, dataset.pattern, dataset.description.breeds) == ("pattern", pattern, 2)
    assert sorted(label(list(catalog.resolve(name).names), dataset.pattern).counts.values()) == [2, 2]


def test_a_breed_that_is_spelled_in_two_ways_is_one() -> None:
    folders, _ = add(pets("train/Beagle/1.jpg", "train/Beagle/2.jpg", "valid/beagle/3.jpg", "train/pug/1.jpg",
                          "train/pug/2.jpg", "valid/Pug/3.jpg"))  # fmt: skip
    assert label(list(catalog.resolve(folders).names), "", "folder").counts == {"Beagle": 3, "pug": 3}
    files, _ = add(pets("x/Beagle_1.jpg", "x/beagle_2.jpg", "x/beagle_3.jpg", "x/pug_1.jpg", "x/Pug_2.jpg"))
    names = list(catalog.resolve(files).names)
    assert label(names, catalog.resolve(files).pattern).counts == {"pug": 2, "beagle": 3}
    assert manifest.find_photos(catalog.resolve(files).photos_folder) == names


@pytest.mark.parametrize(
    "names",
    [
        ("train/cat_1.jpg", "train/cat_2.jpg", "valid/dog_1.jpg", "train/dog_2.jpg", "valid/cat_3.jpg"),
        ("Pets/cat_1.jpg", "Pets/cat_2.jpg", "Pets/dog_1.jpg", "Pets/dog_2.jpg", "new/cat_3.jpg"),
        ("all/cat_1.jpg", "all/cat_2.jpg", "all/dog_1.jpg", "dog_2.jpg", "cat_3.jpg"),
    ],
)
def test_folders_that_tell_no_breeds_apart_leave_it_to_the_file_names(names: tuple[str, ...]) -> None:
    name, left = add(pets(*names))
    assert catalog.resolve(name).labelled_by == "pattern"
    assert label(list(catalog.resolve(name).names), catalog.resolve(name).pattern).counts == {"cat": 3, "dog": 2}
    assert left == {}


def test_a_pattern_that_is_given_goes_before_folders() -> None:
    files = pets("mon/my cat.jpg", "mon/a dog.jpg", "tue/that cat.jpg", "tue/dog again.jpg", "tue/sky.jpg")
    name = imported.add_zip(zipped(files), "Week", pattern="(cat|dog)")
    assert (catalog.resolve(name).labelled_by, catalog.resolve(name).description.breeds) == ("pattern", 2)
    assert label(list(catalog.resolve(name).names), "(cat|dog)").unmatched == [
        "tue/sky.jpg"
    ]  # kept: a pattern can change
    with pytest.raises(LessonError, match="no group"):
        imported.add_zip(zipped(files), "Week", pattern="cat|dog")


def test_what_no_photo_is_is_left_out_and_said() -> None:
    heic = b"\0\0\0\x18ftypheic" + bytes(40)
    files = pets(*FOLDERS) | {
        "cat/notes.jpg": b"I am a text.",
        "cat/iphone.HEIC": heic,
        "cat/renamed.jpg": heic,
        "cat/empty.jpg": b"",
        "cat/cut.jpg": photo(9, size=(400, 300))[:9000],
        "dog/dot.png": photo(9, "PNG", size=(1, 1)),
        "dog/clip.mov": bytes(10),
        "cat/again.jpg": photo(0),
        "bird/1.jpg": photo(10),
        "stray.jpg": photo(11),
        "cat/" + 70 * "長" + ".jpg": photo(12),
    }
    name, said = add(files)
    assert list(catalog.resolve(name).names) == list(FOLDERS)
    for file, word in {
        "cat/notes.jpg": "not a photo", "cat/iphone.HEIC": "cannot be read", "cat/renamed.jpg": "cannot be read",
        "cat/empty.jpg": "empty", "cat/cut.jpg": "cut off", "dog/dot.png": "1 × 1", "dog/clip.mov": "no photo",
        "cat/again.jpg": "same photo as “cat/1.jpg”", "bird/1.jpg": "only photo of its breed",
        "stray.jpg": "in no folder", "cat/" + 70 * "長" + ".jpg": "too long",
    }.items():  # fmt: skip
        assert word in said.pop(file)
    assert said == {}
    assert manifest.find_photos(catalog.resolve(name).photos_folder) == list(catalog.resolve(name).names)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_photos_of_every_kind_are_taken_as_they_are() -> None:
    frames = [Image.new("P", (20, 20), n) for n in (1, 2)]
    gif = io.BytesIO()
    frames[0].save(gif, "GIF", save_all=True, append_images=frames[1:])
    files = pets(*FOLDERS) | {
        "cat/moves.gif": gif.getvalue(),
        "cat/print.jpg": photo(20, mode="CMYK"),
        "cat/iphone.HEIC": photo(22, "HEIF", (64, 64)),
        "cat/new.avif": photo(23, "AVIF", (64, 64)),
        "cat/saved.jfif": photo(24),
        "cat/25mp.png": large("PNG", (5000, 5000)),
        "dog/96mp.jpg": large("JPEG", (12_000, 8_000)),
        "dog/200mp.jpg": large("JPEG", (16_000, 12_500)),
        "dog/200mp.png": claiming(files_of=photo(21, "PNG"), size=(16_000, 12_500)),
    }
    name, said = add(files)
    assert set(catalog.resolve(name).names) == set(files) - {"dog/200mp.jpg", "dog/200mp.png"}
    assert all("too big" in said.pop(f"dog/200mp.{kind}") for kind in ("jpg", "png"))
    assert said == {}
    assert (catalog.resolve(name).photos_folder / "cat/moves.gif").read_bytes() == gif.getvalue()


def large(kind: str, size: tuple[int, int], mode: str = "L") -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, kind)
    return out.getvalue()


def claiming(files_of: bytes, size: tuple[int, int]) -> bytes:
    """A PNG whose header says that it is as large as this."""
    header = files_of[12:16] + struct.pack(">II", *size) + files_of[24:29]
    return files_of[:12] + header + struct.pack(">L", zlib.crc32(header)) + files_of[33:]


def test_names_of_every_kind_become_names_that_any_disk_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_archive, "takes_signs", lambda _: False)
    files = [
        ("Cat\\one.jpg", photo(0)),
        ("cat/two.jpg", photo(1)),
        ("dog/a:b?.jpg", photo(2)),
        ("dog/con.jpg", photo(3)),
        ("dog/./x.jpg", photo(4)),
        ("dog/X.JPG", photo(5)),
        ("dog/X.JPG", photo(6)),
        ("dog/x.jpg/y.jpg", photo(7)),
        ("__MACOSX/cat/._one.jpg", b"junk"),
        ("cat/.DS_Store", b"junk"),
        ("cat/._two.jpg", b"junk"),
        ("Thumbs.db", b"junk"),
        ("cafe\u0301/1.jpg", photo(8)),
        ("caf\u00e9/2.jpg", photo(9)),
    ]
    with pytest.warns(UserWarning, match="Duplicate name"):
        name, said = add(files)
    assert set(catalog.resolve(name).names) == {
        "Cat/one.jpg", "Cat/two.jpg", "dog/a_b_.jpg", "dog/_con.jpg", "café/1.jpg", "café/2.jpg",
        "dog/X.JPG", "dog/X (2).JPG", "dog/x (3).jpg", "dog/y.jpg",
    }  # fmt: skip
    assert said == {}


@pytest.mark.skipif(os.name == "nt", reason="its disks take no such names")
def test_breeds_keep_their_names_where_the_disk_takes_them() -> None:
    breeds = ["<b>bold<b>", 'O\'Malley "Mo"', "Tom: the 2nd?", "a|b*c"]
    name, said = add([(f"{breed}/{n}.jpg", photo(10 * i + n)) for i, breed in enumerate(breeds) for n in range(2)])
    assert said == {}
    assert list(label(catalog.resolve(name).names, "", "folder").counts) == sorted(breeds)


@pytest.mark.parametrize("raw", ["kött".encode(), "kött".encode("cp437")])
def test_names_that_are_not_said_to_be_utf8_are_read_as_they_were_meant(raw: bytes) -> None:
    stand_in = b"@" * len(raw)  # of ASCII, so that the zip says nothing of UTF-8
    data = zipped(pets(*(f"{breed}/{n}.jpg" for breed in (stand_in.decode(), "dog") for n in (1, 2)))).getvalue()
    name = imported.add_zip(io.BytesIO(data.replace(stand_in, raw)), "Mine")
    assert label(list(catalog.resolve(name).names), "", "folder").breeds == ["dog", "kött"]


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, 0o120777 << 16
    return info


def with_flag(source: io.BytesIO, flag: int) -> io.BytesIO:
    """The same zip, with a flag set on its entries."""
    data = bytearray(source.getvalue())
    for magic, offset in ((b"PK\1\2", 8), (b"PK\3\4", 6)):
        at = -1
        while (at := data.find(magic, at + 1)) >= 0:
            data[at + offset] |= flag
    return io.BytesIO(bytes(data))


GOOD = list(pets(*FOLDERS).items())


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (io.BytesIO(b""), "The file is empty"),
        (io.BytesIO(b"Rar!\x1a\x07" + bytes(100)), "a RAR archive, not a zip"),
        (io.BytesIO(b"<html>" + bytes(100)), "not a zip, whatever"),
        (io.BytesIO(zipped(GOOD).getvalue()[:-300]), "cut off"),
        (io.BytesIO(zipped(GOOD).getvalue()[300:]), "damaged|None of the photos"),
        (io.BytesIO(b"PK\5\6" + bytes(18)), "no photos in it"),
        (io.BytesIO(b"PK\5\6" + b"\xff" * 18), "damaged"),
        (with_flag(zipped(GOOD), 1), "encrypted"),
        (zipped({"a.txt": b"1", "b.txt": b"2"}), "no photos in it: a.txt"),
        (zipped({"in.zip": zipped({"x.zip": zipped(GOOD).getvalue()}).getvalue()}), "no photos in it, but “in/x.zip”"),
        (zipped({"README.md": b"x", "data/train-0.parquet": b"PAR1"}), "no photos in it, but “data/train-0.parquet”"),
        (zipped({**pets("cover.jpg"), "train.rar": b"Rar!"}), "one photo in it. Beside it lies “train.rar”. An archive"),
        (zipped(pets("cat/1.jpg", "cat/2.jpg")), "All photos lie in one folder, “cat”"),
        (zipped(pets("cat_1.jpg", "cat_2.jpg")), "of one breed, “cat”"),
        (zipped(pets("a/cat/1.jpg", "b/cat/2.jpg", "b/dog/3.jpg")), "No two breeds of two photos"),
        (zipped(pets("cat/1.jpg", "dog/2.jpg")), "No two breeds of two photos"),
        (zipped(pets("rex.jpg", "tom.jpg")), "No two breeds of two photos"),
        (zipped(pets("zip/rex/a.jpg", "zip/rex/b.jpg")), "All photos lie in one folder, “rex”"),
        (zipped([*GOOD, ("../out.jpg", photo(9))]), "leads out of it"),
        (zipped([*GOOD, ("cat\\..\\..\\out.jpg", photo(9))]), "leads out of it"),
        (zipped([*GOOD, ("/etc/out.jpg", photo(9))]), "leads out of it"),
        (zipped([*GOOD, ("C:\\out.jpg", photo(9))]), "leads out of it"),
        (zipped([*GOOD, (link("cat/3.jpg"), b"/etc/passwd")]), "is a link"),
        (zipped(GOOD, zipfile.ZIP_LZMA), "packed in a way"),
        (zipped({name: b"text %d" % n for n, name in enumerate(FOLDERS)}), "None of the photos .*not a photo"),
        (zipped({"cat/1.jpg": photo(1), "cat/2.jpg": photo(2), "dog/1.jpg": b"t", "dog/2.jpg": b"u"}), "of one breed"),
    ],
)  # fmt: skip
def test_a_zip_that_is_not_what_it_should_be_is_a_sentence(source: io.BytesIO, sentence: str) -> None:
    assert re.search(sentence, refused(source))


def test_a_zip_that_is_gone_is_a_sentence(tmp_path: Path) -> None:
    assert "not there any more" in refused(tmp_path / "x.zip")


def test_a_bomb_is_refused_by_its_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_archive, "read", lambda *_: pytest.fail("it was unpacked"))
    zeros = bytes(120 << 20)
    assert "unpack to 120 MB" in refused(zipped({"cat/1.jpg": zeros, "dog/1.jpg": b"1", "cat/2.jpg": b"2",
                                                 "dog/2.jpg": b"3"}, zipfile.ZIP_DEFLATED))  # fmt: skip
    many = {f"{breed}/{n}.jpg": zeros[: 1 << 20] for breed in ("cat", "dog") for n in range(60)}
    assert "unpack to 120 MB" in refused(zipped(many, zipfile.ZIP_DEFLATED))
    monkeypatch.setattr(config, "zip_unpacked", lambda: 1000)
    assert "more than the 0 MB" in refused(zipped(GOOD))


def test_what_else_lies_in_a_zip_is_no_excuse_for_a_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_archive, "read", lambda *_: pytest.fail("it was unpacked"))
    monkeypatch.setattr(zip_archive, "RATIO_FREE", 0)
    padded = photo(9) + bytes(8 << 20)
    source = io.BytesIO()
    with zipfile.ZipFile(source, "w") as archive:
        archive.writestr("ballast.bin", os.urandom(1 << 20))  # 20 times that is more than the photos unpack to
        for name, data in GOOD:
            archive.writestr(name, data)
        archive.writestr("cat/3.jpg", padded, zipfile.ZIP_DEFLATED)
    assert "unpack to 8 MB" in refused(source)


def test_one_photo_alone_is_never_larger_than_the_largest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_archive, "read", lambda *_: pytest.fail("it was unpacked"))
    tight = {**dict(GOOD), "cat/3.jpg": photo(9) + bytes(zip_archive.LARGEST_PHOTO)}
    assert "the 64 MB that photos packed so small" in refused(zipped(tight, zipfile.ZIP_DEFLATED))


def test_an_entry_whose_name_begins_with_nothing_is_no_crash() -> None:
    data = zipped([*GOOD, ("@x/3.jpg", photo(9))]).getvalue().replace(b"@x/3.jpg", b"\0x/3.jpg")
    name = imported.add_zip(io.BytesIO(data), "Mine")
    assert set(FOLDERS) <= set(catalog.resolve(name).names)


def test_too_many_files_are_refused_before_an_object_is_made_of_each(monkeypatch: pytest.MonkeyPatch) -> None:
    source = zipped({f"{n}.jpg": b"" for n in range(300)})
    monkeypatch.setenv("LESSONKIT_ZIP_FILES", "300")
    assert "says which breed" in refused(source)
    monkeypatch.setenv("LESSONKIT_ZIP_FILES", "299")
    monkeypatch.setattr(zipfile, "ZipFile", lambda *_: pytest.fail("it was opened"))
    # The end record's own count is not believed.
    data = bytearray(source.getvalue())
    data[-14:-10] = struct.pack("<HH", 1, 1)
    assert "more than 299 files" in refused(io.BytesIO(bytes(data)))
    monkeypatch.setenv("LESSONKIT_ZIP_FILES", "300")
    monkeypatch.setattr(zip_archive, "_LARGEST_DIRECTORY", 1000)
    assert "more than 300 files" in refused(source), "a list of them that is too large is not read"


def test_a_declared_size_that_is_not_true_is_no_more_memory() -> None:
    data = bytearray(zipped({**dict(GOOD), "cat/3.jpg": bytes(50 << 20)}, zipfile.ZIP_DEFLATED).getvalue())
    size = struct.pack("<L", 50 << 20)
    while (at := data.find(size)) >= 0:
        data[at : at + 4] = struct.pack("<L", 1000)
    name = imported.add_zip(io.BytesIO(bytes(data)), "Mine")
    assert "damaged where this file lies" in dict(own_photos.left_out(catalog.resolve(name)))["cat/3.jpg"]


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.skipif(sys.platform == "win32", reason="resource limits are Unix's")
def test_a_photo_of_96_megapixels_costs_no_memory(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "large.zip"
    path.write_bytes(zipped({**dict(GOOD), "dog/96mp.jpg": large("JPEG", (12_000, 8_000), "RGB")}).getvalue())
    code = (
        "import resource, sys; from pathlib import Path; from lessonkit.photos import catalog, imported, own_photos\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "assert own_photos.left_out(catalog.resolve(imported.add_zip(Path(sys.argv[1]), 'Mine'))) == []\n"
        "print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 100  # the pixels alone are 275 MB


def test_two_of_one_title_are_two_datasets() -> None:
    first, _ = add(pets(*FOLDERS))
    second, _ = add(pets(*FOLDERS))
    assert (first, second) == ("own-mine", "own-mine-2")
    assert [d.title for d in catalog.own_datasets().values()] == ["Mine", "Mine (2)"]
    third, _ = add(pets(*FOLDERS), "../ ..\n長")
    assert third == "own-photos"


def test_folders_of_one_name_within_the_breeds_tell_nothing_apart() -> None:
    name, _ = add(
        pets("mine/cat/photos/1.jpg", "mine/cat/photos/2.jpg", "mine/dog/photos/1.jpg", "mine/dog/photos/2.jpg")
    )
    assert list(catalog.resolve(name).names) == list(FOLDERS)


def test_it_can_be_split_and_labelled_like_any_other() -> None:
    name, _ = add(pets(*(f"{breed}/{n}.jpg" for breed in ("cat", "dog") for n in range(10))))
    names = list(catalog.resolve(name).names)
    train, valid = split(names, label(names, "", catalog.resolve(name).labelled_by), 42)
    assert (len(train), len(valid)) == (16, 4)


def test_a_memory_that_does_not_suffice_leaves_no_photo_out(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_little(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(JpegImageFile, "load", too_little)
        with pytest.raises(LessonError, match="memory did not suffice"):
            imported.add_zip(zipped(pets(*FOLDERS)), "Mine")
    name = imported.add_zip(zipped(pets(*FOLDERS)), "Mine")
    assert own_photos.left_out(catalog.resolve(name)) == []


def test_what_is_kept_does_not_say_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera9000"
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 8.0, 14.6)})
    out = io.BytesIO()
    Image.effect_noise((64, 48), 60).convert("RGB").save(out, "JPEG", exif=exif)
    name, left_out = add(pets(*FOLDERS) | {"cat/told.jpg": out.getvalue()})
    assert left_out == {}
    kept = (catalog.resolve(name).photos_folder / "cat/told.jpg").read_bytes()
    assert b"SecretCamera9000" not in kept
    with Image.open(io.BytesIO(kept)) as image:
        assert not image.getexif()


def test_a_title_that_is_too_long_is_refused_and_none_is_cut_in_silence() -> None:
    with pytest.raises(LessonError, match="90 characters"):
        imported.add_zip(zipped(pets("beagle/1.jpg", "beagle/2.jpg", "pug/1.jpg", "pug/2.jpg")), "x" * 90)
    assert not list(config.datasets_folder().glob("own-*"))
    boxes = [path.read_text() for top in ("pages", "lessonkit/ui") for path in (ROOT / top).rglob("*.py")]
    assert not [text for text in boxes if "max_chars" in text], "a browser cuts what is pasted, and says nothing"
