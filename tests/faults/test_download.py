"""Downloads that go wrong in every way a network and a mirror know, against a real server."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import signal
import socket
import ssl
import subprocess
import sys
import tarfile
import threading
from functools import partial
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from lessonkit import config, storage
from lessonkit.engine import certificate
from lessonkit.errors import DiskError, DownloadError
from lessonkit.photos import archives, catalog, download
from lessonkit.photos.tar_archive import unpack
from tests.faults.archives import PHOTOS, TOP, honest, noise, special, tgz
from tests.faults.bad_server import Answer, BadServer
from tests.killing import killed_at

NAME = "oxford-iiit-pet.tgz"
MIB = 1 << 20


@pytest.fixture(autouse=True)
def _impatient(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "PATIENCE", 0.4)
    monkeypatch.setattr(download, "PAUSE", 0.0)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture(scope="module")
def good() -> bytes:
    """An honest archive of 700 kB."""
    return tgz(honest())


def _fetch(server: BadServer, tmp_path: Path, **more: object) -> Path:
    return download.fetch(f"{server.url}/{NAME}", tmp_path / NAME, **more)


def _part(tmp_path: Path) -> Path:
    return tmp_path / f"{NAME}.part"


# fetching


def test_what_comes_is_what_was_served_and_progress_counts_its_bytes(good: bytes, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    with BadServer({NAME: good}) as server:
        path = _fetch(server, tmp_path, report=lambda *a: told.append(a))
    assert path.read_bytes() == good
    assert server.asked[0].encoding == "identity"  # a server may pack what is packed already
    assert told[0] == ("download", 0, len(good))
    assert told[-1] == ("download", len(good), len(good))
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)


def test_a_cut_is_gone_on_from_where_it_broke(good: bytes, tmp_path: Path) -> None:
    with BadServer({NAME: good}, [Answer(cut=300_000), Answer(cut=100_000)]) as server:
        path = _fetch(server, tmp_path)
    assert path.read_bytes() == good
    assert [(a.range, a.if_range) for a in server.asked] == [
        (None, None), ("bytes=300000-", '"one"'), ("bytes=400000-", '"one"'),
    ]  # fmt: skip


def test_cut_again_and_again_it_says_so_keeps_the_part_and_the_next_call_goes_on(good: bytes, tmp_path: Path) -> None:
    with BadServer({NAME: good}, [Answer(cut=300_000)], then=Answer(cut=0)) as server:
        with pytest.raises(DownloadError, match=r"broke off after 0\.3") as caught:
            _fetch(server, tmp_path)
        assert "kept" in caught.value.way_out
        assert _part(tmp_path).read_bytes() == good[:300_000]
        assert len(server.asked) == 1 + download.TRIES - 1
        server.then = Answer()
        server.asked.clear()
        assert _fetch(server, tmp_path).read_bytes() == good
        assert [a.range for a in server.asked] == ["bytes=300000-"]


def test_a_stalled_connection_is_given_up_with_its_part_kept(good: bytes, tmp_path: Path) -> None:
    with (
        BadServer({NAME: good}, [Answer(stall=200_000)], then=Answer(stall=0)) as server,
        pytest.raises(DownloadError, match="stalled"),
    ):
        _fetch(server, tmp_path)
    assert _part(tmp_path).read_bytes() == good[:200_000]


def test_a_stall_once_is_gone_on_from(good: bytes, tmp_path: Path) -> None:
    with BadServer({NAME: good}, [Answer(stall=200_000)]) as server:
        assert _fetch(server, tmp_path).read_bytes() == good
    assert [a.range for a in server.asked] == [None, "bytes=200000-"]


def test_a_server_without_ranges_is_asked_for_the_whole_again(good: bytes, tmp_path: Path) -> None:
    with BadServer({NAME: good}, [Answer(cut=300_000, ranges=False)], then=Answer(ranges=False)) as server:
        assert _fetch(server, tmp_path).read_bytes() == good
    assert server.asked[1].range == "bytes=300000-"


def test_a_file_that_changed_meanwhile_is_not_glued_to_the_old_beginning(good: bytes, tmp_path: Path) -> None:
    newer = tgz(honest(30_000))
    with BadServer({NAME: good}, [Answer(cut=300_000)], then=Answer(cut=0)) as server:
        with pytest.raises(DownloadError):
            _fetch(server, tmp_path)
        server.files[NAME], server.etag, server.then = newer, '"two"', Answer()
        assert _fetch(server, tmp_path).read_bytes() == newer


def test_a_part_longer_than_the_servers_file_is_thrown_away(good: bytes, tmp_path: Path) -> None:
    newer = tgz(honest(5_000))
    with BadServer({NAME: good}, [Answer(cut=300_000)], then=Answer(cut=0)) as server:
        with pytest.raises(DownloadError):
            _fetch(server, tmp_path)
        server.files[NAME], server.then = newer, Answer()  # same ETag: a careless server
        assert _fetch(server, tmp_path).read_bytes() == newer


def test_a_part_from_another_place_is_not_gone_on_from(good: bytes, tmp_path: Path) -> None:
    with BadServer({NAME: good}, [Answer(cut=300_000)], then=Answer(cut=0)) as first, pytest.raises(DownloadError):
        _fetch(first, tmp_path)
    other = tgz(honest(30_000))
    with BadServer({NAME: other}) as second:  # with the same ETag
        assert _fetch(second, tmp_path).read_bytes() == other
    assert [a.range for a in second.asked] == [None]


def test_a_range_that_begins_elsewhere_is_not_appended(good: bytes, tmp_path: Path) -> None:
    with BadServer({NAME: good}, [Answer(cut=300_000), Answer(early=100)]) as server:
        assert _fetch(server, tmp_path).read_bytes() == good
    assert [a.range for a in server.asked] == [None, "bytes=300000-", None]


def test_a_server_without_ranges_that_always_cuts_is_given_up(good: bytes, tmp_path: Path) -> None:
    short, long = Answer(cut=200_000, ranges=False), Answer(cut=600_000, ranges=False)
    with BadServer({NAME: good}, [short, long] * 20) as server, pytest.raises(DownloadError, match="broke off"):
        _fetch(server, tmp_path)
    assert len(server.asked) <= 2 * download.TRIES


LOGIN = b"<!DOCTYPE html><title>Guest network</title><form>Your room number</form>" * 20


@pytest.mark.parametrize(
    "answer",
    [
        Answer(kind="text/html; charset=utf-8", body=LOGIN, ranges=False),
        Answer(kind="application/octet-stream", body=LOGIN, ranges=False),
        Answer(to="/login"),
    ],
    ids=["html", "html that says it is a file", "redirected"],
)
def test_a_login_page_is_told_from_an_archive_and_costs_nothing_that_came(
    answer: Answer, good: bytes, tmp_path: Path
) -> None:
    with BadServer({NAME: good, "login": LOGIN}, [Answer(cut=300_000)], then=Answer(cut=0)) as server:
        with pytest.raises(DownloadError):
            _fetch(server, tmp_path)
        server.answers, server.then = [answer], Answer(ranges=False)
        with pytest.raises(DownloadError, match="web page") as caught:
            _fetch(server, tmp_path)
        assert "log in" in caught.value.way_out
        assert _part(tmp_path).read_bytes() == good[:300_000]
        server.then = Answer()
        assert _fetch(server, tmp_path).read_bytes() == good


@pytest.mark.parametrize(("status", "said"), [(404, "not there"), (403, "not give")])
def test_an_archive_that_is_not_there_is_not_asked_for_twice(status: int, said: str, tmp_path: Path) -> None:
    with BadServer({}, then=Answer(status=status)) as server, pytest.raises(DownloadError, match=said):
        _fetch(server, tmp_path)
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_busy_server_is_asked_again(status: int, good: bytes, tmp_path: Path) -> None:
    with BadServer({NAME: good}, [Answer(status=status), Answer(status=status)]) as server:
        assert _fetch(server, tmp_path).read_bytes() == good


def test_cut_at_any_byte_it_becomes_whole(good: bytes, tmp_path: Path) -> None:
    drawn = random.Random(15)
    with BadServer({NAME: good}) as server:
        for n in range(20):
            first, second = sorted(drawn.randrange(len(good)) for _ in range(2))
            server.answers[:] = [Answer(cut=first), Answer(cut=second - first)]
            assert _fetch(server, tmp_path / str(n)).read_bytes() == good, (first, second)
            assert list((tmp_path / str(n)).glob("*.part")) == []


def test_no_network_is_said_with_a_way_that_needs_none(tmp_path: Path) -> None:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    with pytest.raises(DownloadError, match="no connection to 127") as caught:
        download.fetch(f"http://127.0.0.1:{port}/{NAME}", tmp_path / NAME)
    assert "drawn pets" in caught.value.way_out


def test_a_full_disk_before_and_while_writing(good: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with BadServer({NAME: good}) as server:
        (tmp_path / f"{NAME}.json").write_text(json.dumps({"url": f"{server.url}/{NAME}"}))
        _part(tmp_path).symlink_to("/dev/full")
        with pytest.raises(DownloadError, match="no space") as caught:
            _fetch(server, tmp_path)
        assert "LESSONKIT_HOME" in caught.value.way_out
        _part(tmp_path).unlink()
        usage = storage.shutil.disk_usage(tmp_path)
        monkeypatch.setattr(storage.shutil, "disk_usage", lambda _: usage._replace(free=MIB))
        with pytest.raises(DownloadError, match=r"0 MB|1 MB"):
            _fetch(server, tmp_path)
        assert not _part(tmp_path).exists()


def test_room_for_the_archive_and_what_is_in_it_is_asked_for_before_anything_is_fetched(
    good: bytes, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = storage.shutil.disk_usage("/")
    monkeypatch.setattr(storage.shutil, "disk_usage", lambda _: usage._replace(free=config.disk_free() + 2 * len(good)))
    with BadServer({NAME: good}) as server:
        monkeypatch.setenv("LESSONKIT_MIRROR", server.url)
        with pytest.raises(DiskError, match="fetch it and unpack it"):
            catalog.obtain("pets")
        assert not [p for p in (home / "datasets").rglob("*") if p.is_file() and p.stat().st_size]
        monkeypatch.setattr(
            storage.shutil, "disk_usage", lambda _: usage._replace(free=config.disk_free() + 3 * len(good))
        )
        catalog.obtain("pets")


def test_a_disk_that_fills_up_while_unpacking_does_not_cost_the_download(
    good: bytes, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = home / "datasets" / ".downloads" / NAME
    usage = storage.shutil.disk_usage("/")
    with BadServer({NAME: good}) as server:
        monkeypatch.setenv("LESSONKIT_MIRROR", server.url)
        with monkeypatch.context() as patch:
            patch.setattr(storage.shutil, "disk_usage", lambda _: usage._replace(free=0 if kept.exists() else 1 << 30))
            with pytest.raises(DiskError, match="no space on the disk to unpack"):
                catalog.obtain("pets")
        assert kept.read_bytes() == good
        catalog.obtain("pets")
        assert len(server.asked_for(NAME)) == 1
    assert not kept.exists()


# the archive as a whole


def test_from_its_home_the_size_and_the_first_mibs_md5_must_be_right(good: bytes, tmp_path: Path) -> None:
    md5 = hashlib.md5(good[:MIB]).hexdigest()
    with BadServer({NAME: good}) as server:
        url = f"{server.url}/{NAME}"
        with pytest.raises(DownloadError, match="checksum"):
            archives.archive(NAME, url, len(good), "0" * 32)
        with pytest.raises(DownloadError, match="bytes"):
            archives.archive(NAME, url, len(good) + 1, md5)
        assert archives.archive(NAME, url, len(good), md5).read_bytes() == good


@pytest.mark.parametrize("as_url", [True, False], ids=["url", "folder"])
def test_a_mirror_whose_sums_say_otherwise_is_refused(
    as_url: bool, good: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = f"{hashlib.sha256(good).hexdigest()}  {NAME}\n".encode()
    (tmp_path / NAME).write_bytes(good)
    with BadServer({NAME: good}) as server:
        monkeypatch.setenv("LESSONKIT_MIRROR", server.url if as_url else str(tmp_path))
        for sums, fits in ((b"0" * 64 + right[64:], False), (right, True)):
            server.files["SHA256SUMS"] = sums
            (tmp_path / "SHA256SUMS").write_bytes(sums)
            if fits:
                catalog.obtain("pets")
            else:
                with pytest.raises(DownloadError, match="checksum"):
                    catalog.obtain("pets")
            assert catalog.resolve("pets").present is fits
    assert list(catalog.resolve("pets").names) == sorted(PHOTOS)


def test_a_mirror_folder_without_the_archive_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LESSONKIT_MIRROR", str(tmp_path))
    with pytest.raises(DownloadError, match="holds no oxford"):
        catalog.obtain("pets")


def test_a_byte_flipped_far_in_is_found_and_the_copy_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = tgz(honest(150_000))
    flipped = bytearray(whole)
    flipped[2 * MIB] ^= 1
    with BadServer({NAME: bytes(flipped)}) as server:
        monkeypatch.setenv("LESSONKIT_MIRROR", server.url)
        with pytest.raises(DownloadError, match="damaged"):
            catalog.obtain("pets")
        assert not catalog.resolve("pets").present
        server.files[NAME] = whole
        catalog.obtain("pets")
    assert len(list(catalog.resolve("pets").names)) == len(PHOTOS)


def test_what_is_unpacked_is_what_was_packed_and_the_download_is_gone(
    good: bytes, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, int, int]] = []
    with BadServer({NAME: good}) as server:
        monkeypatch.setenv("LESSONKIT_MIRROR", server.url)
        catalog.obtain("pets", lambda *a: told.append(a))
    assert list(catalog.resolve("pets").names) == sorted(PHOTOS)
    assert (catalog.resolve("pets").photos_folder / PHOTOS[3]).read_bytes() == noise(40_000, 3)
    assert list(dict.fromkeys(s for s, _, _ in told)) == ["download", "unpack", "check"]
    assert list((home / "datasets" / ".downloads").iterdir()) == []
    assert {p.name for p in (home / "datasets").iterdir() if p.is_dir()} == {".downloads", "pets"}


# hostile archives

LINKS = [
    [special(f"{TOP}/images/a", tarfile.SYMTYPE, "/etc")],
    [special(f"{TOP}/images/a", tarfile.SYMTYPE, "b")],
    [special(f"{TOP}/images/a", tarfile.LNKTYPE, f"{TOP}/images/{PHOTOS[0]}")],
    [
        special("a", tarfile.SYMTYPE, "."), special("a/b", tarfile.SYMTYPE, ".."),
        special("a/b/c", tarfile.SYMTYPE, "../.."), ("a/b/c/out.jpg", b"out"),
    ],
    [special(f"{TOP}/images/pipe", tarfile.FIFOTYPE)],
    [special(f"{TOP}/images/disk", tarfile.BLKTYPE)],
    [("../out.jpg", b"out")],
    [(f"{TOP}/images/../../../../out.jpg", b"out")],
]  # fmt: skip


@pytest.mark.parametrize(
    "members", LINKS, ids=["link out", "link inside", "hard link", "chain", "pipe", "device", "..", "far .."]
)
def test_an_archive_that_holds_more_than_files_and_folders_is_refused_whole(
    members: list, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    (tmp_path / NAME).write_bytes(tgz([*honest(100), *members]))
    monkeypatch.setenv("LESSONKIT_MIRROR", str(tmp_path))
    with pytest.raises(DownloadError, match="not an honest one"):
        catalog.obtain("pets")
    assert not catalog.resolve("pets").present
    assert not [p for p in tmp_path.rglob("*") if p.name == "out.jpg" or p.is_symlink()]
    assert not [p for p in (home / "datasets").iterdir() if "making" in p.name]


def test_an_absolute_name_stays_inside(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(tgz([("/images/a_1.jpg", b"a"), ("images/b_1.jpg", b"b")]))
    unpack(tmp_path / NAME, tmp_path / "in")
    assert sorted(p.name for p in (tmp_path / "in").rglob("*.jpg")) == ["a_1.jpg", "b_1.jpg"]


def test_a_bomb_is_refused_before_it_fills_the_disk(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(tgz([("a_1.jpg", b"small"), ("bomb_1.jpg", bytes(80 * MIB))]))
    with pytest.raises(DownloadError, match="more than 6[0-9] MB"):
        unpack(tmp_path / NAME, tmp_path / "in")
    assert sum(p.stat().st_size for p in (tmp_path / "in").rglob("*.jpg")) == len(b"small")


def test_a_bomb_in_a_header_is_refused_before_memory_is_spent(tmp_path: Path) -> None:
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, 48 * MIB
    raw = header.tobuf() + bytes(48 * MIB) + bytes(2 * tarfile.BLOCKSIZE)
    (tmp_path / NAME).write_bytes(tgz([], lambda _: raw))
    with pytest.raises(DownloadError, match="header of many megabytes"):
        unpack(tmp_path / NAME, tmp_path / "in")


def _no_end(tar: bytes) -> bytes:
    return tar.rstrip(b"\0") + bytes(-len(tar.rstrip(b"\0")) % tarfile.BLOCKSIZE)


def _damaged_header(tar: bytes) -> bytes:
    at = tar.index(PHOTOS[5].encode())
    return tar[:at] + b"\xff\xff" + tar[at + 2 :]


@pytest.mark.parametrize(
    "spoil",
    [_no_end, _damaged_header, lambda tar: tar + b"more", lambda _: b"", lambda _: noise(5000)],
    ids=["no end mark", "a damaged header", "more after its end", "empty", "no tar"],
)
def test_a_damaged_tar_in_a_good_gzip_is_found(spoil, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(tgz(honest(1000), spoil))
    with pytest.raises(DownloadError, match="damaged"):
        unpack(tmp_path / NAME, tmp_path / "in")


def test_a_gzip_cut_anywhere_is_found(good: bytes, tmp_path: Path) -> None:
    for end in (5, 30, 300_000, len(good) - 8, len(good) - 1):
        (tmp_path / NAME).write_bytes(good[:end])
        with pytest.raises(DownloadError, match="damaged"):
            unpack(tmp_path / NAME, tmp_path / f"in{end}")


def test_an_archive_without_photos_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / NAME).write_bytes(tgz([(f"{TOP}/images/a.mat", b"x"), (f"{TOP}/elsewhere/a_1.jpg", b"x")]))
    monkeypatch.setenv("LESSONKIT_MIRROR", str(tmp_path))
    with pytest.raises(DownloadError, match="holds no photos"):
        catalog.obtain("pets")


def test_an_archive_without_photos_is_not_kept_for_the_next_try(good: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    with BadServer({NAME: tgz([(f"{TOP}/notes.txt", b"x")])}) as server:
        monkeypatch.setenv("LESSONKIT_MIRROR", server.url)
        with pytest.raises(DownloadError, match="holds no photos"):
            catalog.obtain("pets")
        server.files[NAME] = good
        catalog.obtain("pets")
    assert list(catalog.resolve("pets").names) == sorted(PHOTOS)


@pytest.mark.parametrize(
    "members",
    [
        [(f"images/{name}", b"a") for name in PHOTOS],
        [(f"images/{name}", b"a") for name in PHOTOS] + [("._images", b"a Mac's")],
        [(f"{TOP}/images/{name}", b"a") for name in PHOTOS] + [(f"._{TOP}", b"a Mac's"), (".DS_Store", b"a Mac's")],
    ],
    ids=["images alone", "images and a Mac's", "a top folder and a Mac's"],
)
def test_photos_are_found_wherever_a_mirror_has_packed_them(
    members: list, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / NAME).write_bytes(tgz(members))
    monkeypatch.setenv("LESSONKIT_MIRROR", str(tmp_path))
    catalog.obtain("pets")
    assert list(catalog.resolve("pets").names) == sorted(PHOTOS)


# processes

OBTAIN = """
import sys
from lessonkit import storage
from lessonkit.photos import catalog, download
from lessonkit.photos.tar_archive import unpack
download.PATIENCE = 60
download.throttled = lambda report, *_: report  # a line for each piece that is on the disk
catalog.obtain("pets", lambda *a: print(*a, flush=True))
"""


def test_a_killed_download_goes_on_from_what_it_had(good: bytes, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with BadServer({NAME: good}, [Answer(stall=400_000)]) as server:
        monkeypatch.setenv("LESSONKIT_MIRROR", server.url)
        child = subprocess.Popen(
            [sys.executable, "-c", OBTAIN], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
        )
        try:
            part = home / "datasets" / ".downloads" / f"{NAME}.part"
            while not (part.is_file() and part.stat().st_size > 0):
                assert child.stdout.readline(), "the child ended by itself"
        finally:
            child.send_signal(signal.SIGKILL)
            child.communicate()
        had = part.stat().st_size
        (home / "datasets" / ".pets.making-0badcafe").mkdir()  # as one killed while it unpacked leaves
        catalog.obtain("pets")
    assert [a.range for a in server.asked] == [None, f"bytes={had}-"]
    assert list(catalog.resolve("pets").names) == sorted(PHOTOS)
    assert not list((home / "datasets").glob(".pets.making-*"))


def test_eight_that_ask_at_once_fetch_once(good: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[list[str]] = [[] for _ in range(8)]
    with BadServer({NAME: good}) as server:
        monkeypatch.setenv("LESSONKIT_MIRROR", server.url)
        eight = [
            threading.Thread(target=catalog.obtain, args=("pets", lambda s, *_, i=i: told[i].append(s)))
            for i in range(8)
        ]
        for thread in eight:
            thread.start()
        for thread in eight:
            thread.join()
    assert len(server.asked_for(NAME)) == 1
    assert sum("unpack" in stages for stages in told) == 1
    assert catalog.resolve("pets").present


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_killed_while_unpacking_it_is_whole_or_absent(
    good: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At twenty lines of what unpacks and seals it, from the first on."""
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / NAME).write_bytes(good)
    monkeypatch.setenv("LESSONKIT_MIRROR", str(tmp_path / "mirror"))
    within = ("obtain", "_obtain", "unpack", "seal", "write_bytes", "write_json")
    lines = 1
    while lines < 4096 and killed_at(lines, partial(_obtained_in, tmp_path / f"home {lines}"), within):
        lines *= 2
    for n in range(20):
        home = tmp_path / f"home {n}-th"
        killed_at(n * lines // 20, partial(_obtained_in, home), within)
        monkeypatch.setenv("LESSONKIT_HOME", str(home))
        before = catalog.resolve("pets")
        if before.present:
            assert len(list(before.names)) == len(PHOTOS)
        catalog.obtain("pets")
        after = catalog.resolve("pets")
        assert len(list(after.names)) == len(PHOTOS)
        assert all((after.photos_folder / name).stat().st_size for name in after.names)
        assert list((home / "datasets").glob(".pets.making*")) == [], "what was left half made is cleared away"


def _obtained_in(home: Path) -> None:
    os.environ["LESSONKIT_HOME"] = str(home)
    catalog.obtain("pets")


def test_the_real_archive_is_unpacked_and_nothing_but_photos_counted(
    pets_archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LESSONKIT_MIRROR", str(pets_archive.parent))
    catalog.obtain("pets")
    names = list(catalog.resolve("pets").names)
    with tarfile.open(pets_archive) as tar:
        packed = {m.name.rpartition("/")[2] for m in tar if m.isreg() and m.name.endswith(".jpg")}
    assert set(names) == packed
    assert len(names) == 737
    assert io.BytesIO((catalog.resolve("pets").photos_folder / "Abyssinian_34.jpg").read_bytes()).read(3) == b"GIF"


@pytest.fixture
def secure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """What a server on 127.0.0.1 shows to be who it is; downloads believe it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a mirror")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), *certificate.VALID)
    not_for = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "crl_sign")
    may = dict.fromkeys((*not_for, "encipher_only", "decipher_only"), False)
    for extension in (  # what a strict check, as Python 3.13's, wants of one that signed itself
        x509.BasicConstraints(ca=True, path_length=0),
        x509.KeyUsage(digital_signature=True, key_cert_sign=True, **may),
        x509.SubjectKeyIdentifier.from_public_key(key.public_key()),
        x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()),
        x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]),
    ):
        made = made.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints | x509.KeyUsage))
    file = tmp_path / "mirror.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + made.sign(key, SHA256()).public_bytes(Encoding.PEM))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(file))
    shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shown.load_cert_chain(file)
    return shown


def test_a_redirect_from_https_to_http_is_refused_and_nothing_is_asked_there(
    good: bytes, secure: ssl.SSLContext, tmp_path: Path
) -> None:
    with BadServer({NAME: good}) as plain, BadServer({}, then=Answer(to=f"{plain.url}/{NAME}"), secure=secure) as safe:
        with pytest.raises(DownloadError, match="leads from https to http, where anybody on the way could"):
            _fetch(safe, tmp_path)
        assert len(safe.asked) == 1
        assert plain.asked == []
    with (
        BadServer({NAME: good}, secure=secure) as other,
        BadServer({}, then=Answer(to=f"{other.url}/{NAME}"), secure=secure) as safe,
    ):
        assert _fetch(safe, tmp_path).read_bytes() == good, "from https to https it goes on"
