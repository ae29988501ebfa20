"""What a learner expects, and earlier ideas asked again: kept for their browser, resolved in the run's numbers, never in the way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lessonkit.language import ENGLISH, MADE_UP, speaking
from lessonkit.lesson import expectations, recall
from lessonkit.ui.core import language_choice
from lessonkit.ui.lesson import unfreezing
from tests import kept


def words(place) -> str:
    return " ".join(element.value for kind in (place.markdown, place.caption) for element in kind)


def progress(app) -> str:
    return " ".join(bar.proto.text for bar in app.sidebar.get("progress"))


def test_an_idea_is_asked_again_and_its_first_answer_counts(on_home: Callable, baked: Path) -> None:
    asked = recall.AGAIN["too_many_epochs"]
    app = on_home(baked, dataset="drawn").switch_page("pages/too_many_epochs.py").run()
    assert progress(app) == ""
    box = f"box_{recall.key(asked)}"
    wrong = next(iter(asked.wrong))
    app.radio(key=box).set_value(wrong).run()
    assert asked.wrong[wrong] in words(app.main)
    assert asked.why not in words(app.main)
    app.radio(key=box).set_value(asked.right).run()
    assert asked.why in words(app.main)
    assert f"1 of {len(recall.ALL)}, 0 right at once" in progress(app.run())
    again = on_home(baked, browser=app, dataset="drawn").switch_page("pages/too_many_epochs.py").run()
    assert again.radio(key=box).value == asked.right
    assert f"1 of {len(recall.ALL)}, 0 right at once" in progress(again)
    other = on_home(baked, dataset="drawn").switch_page("pages/too_many_epochs.py").run()
    assert (other.radio(key=box).value, progress(other)) == (None, "")


def test_the_five_questions_are_counted_once_all_are_answered(on_home: Callable, baked: Path) -> None:
    app = on_home(baked, dataset="drawn").switch_page("pages/recap.py").run()
    for place, asked in enumerate(recall.CHECK):
        assert "right at the first try" not in words(app.main)
        answer = asked.right if place else next(iter(asked.wrong))
        app.radio(key=f"box_{recall.key(asked)}").set_value(answer).run()
    assert not app.exception
    assert "**4 of 5** right at the first try." in words(app.main)


def test_what_was_expected_stands_beside_what_happened_on_each_page(on_home: Callable, baked: Path) -> None:
    """And whoever skips the questions misses nothing else."""
    app = on_home(baked, dataset="drawn")
    stage = kept.stage()
    boxes = {
        "too_many_epochs": (f"expects_epochs|{stage.spec().recipe}", expectations.RISES),
        "unfreezing": (f"expects_rates|{stage.spec().recipe}", expectations.NOBODY),
    }
    for page, (key, guess) in boxes.items():
        app.switch_page(f"pages/{page}.py").run()
        skipped = words(app.main)
        assert "You expected" not in skipped
        app.button_group(key=key).set_value(guess).run()
        assert not app.exception
        assert f"You expected: {guess}." in words(app.main)
        app.button_group(key=key).set_value(None).run()
        assert words(app.main) == skipped
    app.switch_page("pages/mistakes.py").run()
    box = app.button_group(key=f"expects_confusion|{stage.id}")
    said = []
    for option in box.options:
        app.button_group(key=box.key).set_value(option).run()
        assert not app.exception
        said.append("So it is." in words(app.main))
    assert sum(said) == 1
    assert "Guesses before a run: 3" in progress(app)


def test_what_was_said_in_one_language_is_read_in_another(
    on_home: Callable, baked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = on_home(baked, dataset="drawn")
    stage, asked = kept.stage(), recall.AGAIN["unfreezing"]
    box, rates = f"box_{recall.key(asked)}", f"expects_rates|{stage.spec().recipe}"
    guess, shown = next(iter(unfreezing.NAMES.values())), f"⟦{next(iter(unfreezing.NAMES.values()))}⟧"
    with speaking(MADE_UP):  # that of the browser, which sends what it shows
        monkeypatch.setattr(language_choice, "chosen", lambda: MADE_UP)
        app.switch_page("pages/unfreezing.py").run()
        assert shown in [option.content for option in app.button_group(key=rates).proto.options]
        app.button_group(key=rates).set_value(guess).run()
        app.radio(key=box).set_value(asked.right).run()
        assert not app.exception
        beside = [element.value for element in app.main.markdown if "compare_arrows" in element.value]
        assert [shown in words for words in beside] == [True], "the guess beside what happened"
        monkeypatch.setattr(language_choice, "chosen", lambda: ENGLISH)
        app.run()
    again = on_home(baked, browser=app, dataset="drawn").switch_page("pages/unfreezing.py").run()
    for opened in (app, again):
        assert (opened.button_group(key=rates).value, opened.radio(key=box).value) == (guess, asked.right)
