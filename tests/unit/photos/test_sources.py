"""Zips, zips in a zip and folders on a disk are read alike, with the names that were meant."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from lessonkit.errors import LessonError
from lessonkit.photos import imported, sources, wishes, zip_archive, zip_names
from tests.unit.photos.test_imported import FOLDERS, pets, photo, refused, zipped

pytestmark = pytest.mark.usefixtures("home")

ALPHABETS = {
    "cp866": ("собака", "кошка"), "cp1251": ("собака", "кошка"), "koi8_r": ("собака", "кошка"),
    "cp932": ("イヌ", "ネコ"), "gb18030": ("金毛", "哈士奇"), "big5": ("狗", "貓"), "cp949": ("강아지", "고양이"),
    "cp852": ("jamnik", "źrebię"), "cp1250": ("štěně", "kočka"), "cp737": ("σκύλος", "γάτα"), "cp1253": ("σκύλος", "γάτα"),
    "cp862": ("כלב", "חתול"), "cp1255": ("כלב", "חתול"), "cp720": ("كلب", "قطة"), "cp1256": ("كلب", "قطة"),
    "cp850": ("kätzchen", "hündin"), "cp874": ("สุนัข", "แมว"),
}  # fmt: skip


def raw_zip(names: dict[str, bytes], encoding: str, unicode_path: bool = False) -> io.BytesIO:
    """A zip as an old program writes it: names in a code page, no flag; the Unicode path field where asked for.

    Python would write UTF-8 and say so: it is given stand-ins of ASCII of the same length, which are replaced in the bytes.
    """
    out, swaps = io.BytesIO(), {}
    with zipfile.ZipFile(out, "w") as archive:
        for number, (name, data) in enumerate(names.items()):
            raw = name.encode(encoding)
            stand_in = f"{number:03}".rjust(len(raw), "@")
            swaps[stand_in.encode()] = raw
            info = zipfile.ZipInfo(stand_in)
            if unicode_path:
                field = struct.pack("<BL", 1, zlib.crc32(raw)) + name.encode()
                info.extra = struct.pack("<HH", 0x7075, len(field)) + field
            archive.writestr(info, data)
    data = out.getvalue()
    for stand_in, raw in swaps.items():
        data = data.replace(stand_in, raw)
    return io.BytesIO(data)


@pytest.mark.parametrize("encoding", ALPHABETS)
def test_names_in_an_old_encoding_are_read_as_they_were_meant(encoding: str) -> None:
    breeds = ALPHABETS[encoding]
    files = {f"{breed}/{n}.jpg": photo(n + 5 * i) for i, breed in enumerate(breeds) for n in range(3)}
    made = imported.add(raw_zip(files, encoding), "Mine")
    assert made.reading.breeds == dict.fromkeys(sorted(breeds), 3)
    assert bool(made.notes) == (encoding != "cp850")
    assert all("garbled" in note for note in made.notes)


def test_the_unicode_path_field_goes_before_any_guess() -> None:
    files = {f"{breed}/{n}.jpg": photo(n + 5 * i) for i, breed in enumerate(("köpek", "şahin")) for n in range(3)}
    made = imported.add(raw_zip(files, "cp857", unicode_path=True), "Mine")
    assert made.reading.breeds == {"köpek": 3, "şahin": 3}
    assert made.notes == ()


def test_a_unicode_path_field_of_another_name_is_not_believed() -> None:
    info = zipfile.ZipInfo("cat/1.jpg")
    field = struct.pack("<BL", 1, zlib.crc32(b"dog/1.jpg")) + b"../../out.jpg"
    info.extra = struct.pack("<HH", 0x7075, len(field)) + field
    assert zip_names.names([info]) == (["cat/1.jpg"], "")


def test_a_unicode_path_field_cannot_lead_out() -> None:
    files = {**{name: photo(n) for n, name in enumerate(FOLDERS)}, "../out.jpg": photo(9)}
    assert "leads out" in refused(raw_zip(files, "ascii", unicode_path=True))


def test_a_zip_in_a_zip_is_read_as_a_folder_of_its_name() -> None:
    inner = {
        breed: zipped({f"{n}.jpg": photo(n + 9 * i) for n in range(3)}).getvalue()
        for i, breed in enumerate(("beagle", "pug"))
    }
    outer = zipped({f"Class {breed}.zip": data for breed, data in inner.items()}, zipfile.ZIP_DEFLATED)
    made = imported.add(outer, "Mine")
    assert made.reading.breeds == {"Class beagle": 3, "Class pug": 3}
    assert ["“Class beagle.zip” in this zip" in note for note in made.notes] == [True, False]


def test_an_inner_zip_that_is_none_or_lies_too_deep_is_said() -> None:
    files = pets(*FOLDERS)
    deep = zipped({"in.zip": zipped(files).getvalue()}).getvalue()
    made = imported.add(zipped({**files, "test.zip": bytes(200), "deep.zip": deep, "more.rar": b"Rar!"}), "Mine")
    assert made.reading.breeds == {"cat": 2, "dog": 2}
    assert made.left_out == {
        "test.zip": sources.NO_ZIP, "deep/in.zip": sources.TOO_DEEP, "more.rar": sources.OTHER_ARCHIVE,
    }  # fmt: skip


def test_a_zip_in_a_zip_is_no_way_round_the_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    zeros = zipped({"cat/1.jpg": bytes(100 << 20), "dog/1.jpg": b"1"}, zipfile.ZIP_DEFLATED).getvalue()
    assert "unpack to 100 MB" in refused(zipped({"in.zip": zeros}))
    hollow = zipped({"a.zip": bytes(90 << 20)}, zipfile.ZIP_DEFLATED)
    assert "unpack to 90 MB" in refused(hollow)
    monkeypatch.setenv("LESSONKIT_ZIP_FILES", "5")
    one = {n: zipped(pets(f"{n}/1.jpg", f"{n}/2.jpg")).getvalue() for n in ("a", "b", "c")}
    assert "more than 5 files" in refused(zipped({f"{n}.zip": data for n, data in one.items()}))


def test_a_folder_on_the_disk_is_read_like_a_zip_and_left_as_it_is(tmp_path: Path) -> None:
    top = tmp_path / "My pets"
    files = pets(*(f"{b}/{y}/IMG_{n}.jpg" for b in ("Rex", "Tom") for y in (2023, 2024) for n in range(2)))
    for name, data in files.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_bytes(data)
    (top / "Rex" / "link.jpg").symlink_to(top / "Tom" / "2023" / "IMG_0.jpg")
    (top / "notes.txt").write_text("mine")
    before = sorted(p for p in top.rglob("*"))
    made = imported.add(top)
    assert made.name == "own-my-pets"
    assert made.reading.breeds == {"Rex": 4, "Tom": 4}
    assert made.left_out["Rex/link.jpg"] == sources.A_LINK
    assert sorted(p for p in top.rglob("*")) == before


def test_what_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(LessonError, match="not there"):
        imported.add(tmp_path / "nothing")


def test_only_names_headers_and_tables_are_read_before_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    read = zip_archive.read
    monkeypatch.setattr(
        zip_archive, "read", lambda archive, info: (opened.append(info.filename), read(archive, info))[1]
    )
    files = {f"{n}.jpg": photo(n) for n in range(6)}
    table = "id,breed\n" + "".join(f"{n},{'pug' if n % 2 else 'beagle'}\n" for n in range(6))
    found = wishes.read(zipped({**files, "labels.csv": table.encode()}))
    assert found.chosen is not None
    assert found.chosen.breeds == {"beagle": 3, "pug": 3}
    assert opened == ["labels.csv"]


def test_more_zips_in_a_zip_than_anybody_packs_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MOST_INNER", 2)
    inner = {f"{breed}.zip": zipped({f"{n}.jpg": photo(n + 9 * i) for n in range(3)}).getvalue()
             for i, breed in enumerate(("beagle", "pug", "boxer"))}  # fmt: skip
    made = imported.add(zipped(inner), "Mine")
    assert made.reading.breeds == {"beagle": 3, "pug": 3}
    assert made.left_out == {"boxer.zip": sources.too_many()}


def test_one_name_many_times_is_no_work_that_grows_with_its_square() -> None:
    class Taken(dict[str, int]):
        asked = 0

        def __contains__(self, name: object) -> bool:
            Taken.asked += 1
            return super().__contains__(name)

    taken = Taken()
    for number in range(2000):
        taken[zip_archive.free_name("x.jpg", taken)] = number
    assert len(taken) == 2000
    assert {"x.jpg", "x (2).jpg", "x (2000).jpg"} <= set(taken)
    assert Taken.asked < 30 * 2000


SHORT = [
    ("cp1251", ("фото", "мейн-кун", "сфинкс")), ("cp720", ("قط", "كلب")), ("gb18030", ("猫", "狗")), ("gb18030", ("柯基", "哈士奇")),
    ("cp874", ("แมว", "หมา")), ("cp857", ("köpek", "kuş")), ("cp1254", ("köpek", "kuş")), ("cp866", ("кот", "пёс")),
    ("big5", ("貓", "狗")), ("cp949", ("고양이", "개")), ("cp862", ("חתול", "כלב")),
]  # fmt: skip


@pytest.mark.parametrize(("encoding", "found"), SHORT)
def test_a_few_short_names_are_told_by_the_animals_that_they_name(encoding: str, found: tuple[str, ...]) -> None:
    raw = [name.encode(encoding) for name in found]
    guessed = zip_names.guess(raw)
    assert tuple(name.decode(guessed) for name in raw) == found
