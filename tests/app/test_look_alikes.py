"""Two breeds that look alike, on the first page: none of the ten photos that are asked after them, and who says which is told."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

from lessonkit.photos import labels
from lessonkit.spec import RunSpec
from lessonkit.ui.core import snapshot


def _said(app: AppTest) -> str:
    return next((of.value for of in app.main.markdown if "Look for what differs" in of.value), "")


def test_two_look_alikes_stand_before_the_ten_photos(on_home, baked: Path) -> None:
    app = on_home(baked, dataset="drawn")
    which = next(group for group in app.main.get("button_group") if group.key.startswith("look_alike_"))
    assert not _said(app)
    dataset = snapshot.datasets()["drawn"]
    found = labels.label_dataset(dataset)
    _, held_out = labels.split(list(found.of), found, RunSpec.split_seed)
    assert which.key.removeprefix("look_alike_") in set(found.of) - set(held_out), "the ten are photos held out"
    answers = set()
    for one in ("A", "B"):
        which.set_value(one).run()
        answers.add(_said(app).partition(" ")[0])
        which = app.main.button_group(key=which.key)
    assert answers == {"**Right.**", "**Not"}


def test_they_stay_when_the_first_of_the_ten_is_guessed(on_home, baked: Path) -> None:
    app = on_home(baked, dataset="drawn")
    app.button(key="guess_0_0").click().run()
    assert [group for group in app.main.get("button_group") if (group.key or "").startswith("look_alike_")]
