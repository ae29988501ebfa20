"""What a page says stands where a learner looks for it, on a phone too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lessonkit import runs
from lessonkit.analysis import predictions
from lessonkit.lesson.defaults import NAIVE
from lessonkit.ui.core import formatting
from lessonkit.ui.core.elements import _css_text


def in_order(block) -> Iterator:
    """The elements of a block, from the top of the page to its end."""
    for child in block.children.values():
        if hasattr(child, "children"):
            yield from in_order(child)
        else:
            yield child


def test_what_came_of_a_guess_stands_under_the_buttons(on_home, baked: Path) -> None:
    app = on_home(baked, dataset="drawn")
    app.button(key="guess_0_0").click().run()
    kinds = [element.type for element in in_order(app.main)]
    [verdict] = [place for place, kind in enumerate(kinds) if kind in ("success", "warning")]
    buttons = [place for place, kind in enumerate(kinds) if kind == "button"]
    assert verdict == max(buttons) + 1


def test_the_two_breeds_confused_most_are_named_with_their_photos(on_home, baked: Path) -> None:
    app = on_home(baked, dataset="drawn").switch_page("pages/mistakes.py").run()
    run = next(found for found in runs.all_runs() if found.id == app.session_state["model_box"])
    counts = predictions.confused_either_way(predictions.read(run))
    most = max(counts.values())
    [said] = [m.value for m in app.main.markdown if m.value.startswith("No two breeds were confused")]
    named = [
        pair for pair, n in counts.items() if n == most and all(f"**{formatting.breed(b)}**" in said for b in pair)
    ]
    assert len(named) == 1
    assert f": {formatting.photos(most)}, one way or the other" in said


@pytest.mark.parametrize("words", ['a "b" c', "a\\b", "</style><script>", "a\nb"])
def test_a_columns_name_ends_no_string_of_the_style(words: str) -> None:
    said = _css_text(words)
    assert said[0] == said[-1] == '"'
    assert not set('"<>\n') & set(said[1:-1])


def test_on_a_phone_each_figure_of_the_recap_says_what_it_is(on_home, baked: Path) -> None:
    app = on_home(baked, dataset="drawn").switch_page("pages/recap.py").run()
    styles = [
        element.proto.body for element in in_order(app._tree) if element.type == "html"
    ]  # they stand in no block of the page
    for number, column in enumerate(app.table[0].value.columns, 1):
        rule = f'.st-key-rows_recap td:nth-child({number}) {{ --column: "{column}"; }}'
        assert any(rule in style for style in styles), column


def test_what_a_new_learner_asks_is_answered_within_three_clicks(on_home, baked: Path) -> None:
    """The first click is on the page's name in the sidebar; where it looked on a mistake is asked in `test_exploring`."""

    def said(app) -> str:
        return "\n".join(m.value for m in app.main.markdown)

    app = on_home(baked, dataset="drawn").switch_page("pages/too_many_epochs.py").run()
    epochs = [m.value for m in app.main.metric if m.label == "Lowest valid loss: epoch"]
    assert [int(number) > 0 for number in epochs] == [True]

    app.switch_page("pages/unfreezing.py").run()
    assert "**What happened.**" in said(app)
    app.segmented_control(key="sides").set_value(NAIVE).run()
    assert "now wrong: " in said(app)

    app.switch_page("pages/clean.py").run()
    wrong = next(b for b in app.main.button if b.key.startswith("mark_") and not b.disabled)
    right = app.selectbox(key=f"right_{wrong.key.removeprefix('mark_')}").value
    wrong.click().run()
    assert f":material/edit: Marked: **{formatting.breed(right)}**" in said(app)
    next(b for b in app.main.button if b.key.startswith("unmark_")).click().run()
    assert "Marked: " not in said(app)
