"""A zip of one's own photos on the page: it is read, shown, asked about, and then made a dataset."""

from __future__ import annotations

import io
import shutil
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from lessonkit import jobs
from lessonkit.engine import tasks
from lessonkit.photos import catalog, uploads


@pytest.fixture
def _engines() -> None:
    """No engine: what it would do is done in this process."""


@pytest.fixture
def sent(on_home, baked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """`sent(names)`: on a home that has the drawn pets, the page on which a zip of photos with these names was sent and read, as the engine does it."""

    def start(kind: str, key: str, *args: Any) -> jobs.Job:
        # in this process, in place of the engine's
        jobs.create(kind, key, *args)
        tasks.run_job(kind, key)
        time.sleep(0.001)  # so that no two jobs are queued at the same time
        return jobs.read(kind, key) or jobs.Job(kind, key)

    def send(*names: str) -> tuple[AppTest, str]:
        monkeypatch.setattr("lessonkit.engine.client.Engine.start_job", lambda _, *asked: start(*asked))
        shutil.copytree(baked / "datasets" / "drawn", tmp_path / "home" / "datasets" / "drawn")
        app = on_home(tmp_path / "home", dataset="drawn")
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for number, name in enumerate(names):
                archive.writestr(name, photo(number))
        upload = uploads.keep_upload(packed)
        start("read_zip", upload, upload, {})
        app.switch_page("pages/data.py")
        app.session_state["own_job"], app.session_state["own_title_sent"], app.session_state["own_wish"] = (
            upload,
            "Mine",
            {},
        )
        return app.run(), upload

    return send


def photo(number: int) -> bytes:
    """A photo that no other number has."""
    out = io.BytesIO()
    Image.fromarray(np.random.default_rng(number).integers(0, 256, (32, 48, 3), dtype=np.uint8)).save(out, "JPEG")
    return out.getvalue()


def says(app: AppTest) -> str:
    return " ".join(
        str(e.value) for kind in (app.markdown, app.caption, app.warning, app.info, app.error) for e in kind
    )


def test_what_is_plain_is_shown_with_its_counts_before_it_is_made(sent) -> None:
    app, upload = sent(*(f"train/{b}/{n}.jpg" for b in ("cat", "dog") for n in range(3)), "test/1.jpg", "test/2.jpg")
    assert not app.exception
    assert "By the folder that each photo lies in**: 6 photos, 2 breeds" in says(app)
    assert "cat: 3 photos" in says(app)
    assert any("2 files would be left out" in e.label for e in app.expander)
    assert catalog.own_datasets() == {}
    assert len(list(uploads.samples_folder(upload).glob("*.webp"))) == 6
    app.button(key="own_take_0").click().run()
    assert not app.exception
    assert app.query_params["dataset"] == "own-mine"
    assert catalog.resolve("own-mine").description.photos == 6
    assert not uploads.waits(upload)
    assert not uploads.samples_folder(upload).exists()


def test_of_two_readings_the_one_that_is_meant_is_made(sent) -> None:
    app, _ = sent(*(f"{pet}/{who}/{n}.jpg" for pet in ("Rex", "Tom") for who in ("Anna", "Ben") for n in range(3)))
    assert not app.exception
    assert "more than one way" in says(app)
    assert "Rex: 6 photos" in says(app)
    assert "Anna: 6 photos" in says(app)
    app.button(key="own_take_1").click().run()
    assert not app.exception
    assert sorted({n.split("/")[0] for n in list(catalog.resolve("own-mine").names)}) == ["Anna", "Ben"]


def test_names_that_only_tell_a_camera_are_asked_about_and_can_be_read_with_a_pattern(sent) -> None:
    app, upload = sent(*(f"IMG_{n:04}{'ab'[n % 2]}.jpg" for n in range(8)))
    assert "only tell a camera" in says(app)
    assert uploads.waits(upload)
    app.text_input(key="own_pattern").input(r"\d([ab])\.jpg$")
    next(b for b in app.button if b.label == "Read it so").click().run()
    assert not app.exception
    app.button(key="own_take_0").click().run()
    assert not app.exception
    assert catalog.resolve("own-mine").description.breeds == 2


def test_a_zip_can_be_put_away(sent) -> None:
    app, upload = sent(*(f"{b}/{n}.jpg" for b in ("cat", "dog") for n in range(3)))
    app.button(key="own_forget").click().run()
    assert not app.exception
    assert not uploads.waits(upload)
    assert catalog.own_datasets() == {}


def test_a_pasted_pattern_is_read_as_it_was_meant_and_the_other_ways_stand_below(sent) -> None:
    app, _ = sent(*(f"{b}_{n}.jpg" for b in ("cat", "dog") for n in range(3)))
    app.button(key="own_take_0").click().run()
    app.text_input(key="pattern_own-mine").input("pat = r'(.+)_\\d+.jpg$'").run()
    assert not app.exception
    assert "between the quotes" in says(app)
    assert next(m.value for m in app.metric if m.label == "Photos labelled") == "6"
    assert any("/(.+)_\\d+.jpg$" in c.value for c in app.code)
    assert [t.label for t in app.tabs if t.label.startswith("from_")] == [
        "from_folder", "from_csv", "from_df", "from_name_func", "from_lists",
    ]  # fmt: skip


def test_halves_that_photos_came_in_are_a_choice_on_train(sent) -> None:
    app, _ = sent(*(f"{half}/{b}/{n}.jpg" for half in ("train", "valid") for b in ("cat", "dog") for n in range(5)))
    assert "They came in folders for halves: 10 photos to train on, 10 photos to check with" in says(app)
    app.button(key="own_take_0").click().run()
    app.switch_page("pages/train.py").run()
    assert not app.exception
    assert "is tested on the other 4," in says(app)
    app.segmented_control(key="split_own-mine").set_value("given").run()
    assert not app.exception
    assert "is tested on the other 10," in says(app)
