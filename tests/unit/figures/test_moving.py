"""Pictures that move: their numbers are those of the maths and of the run, and they stand still for who asked for that."""

from __future__ import annotations

import re
from urllib.parse import unquote

import numpy as np
import pytest

from lessonkit.figures import moving
from lessonkit.figures.style import BLUE, GREEN, GREY, ORANGE, rgba

PICTURES = {
    "epoch": moving.epoch(["/a.webp"] * 18, 590, 64, 4),
    "steps": moving.steps(),
    "one_cycle": moving.one_cycle(1e-3, 4),
    "by_heart": moving.by_heart(),
    "row_and_column": moving.row_and_column(["Birman", "Ragdoll"], [[3, 1], [2, 4]], (1, 0)),
}


def curves(picture: str) -> list[tuple[str, str, np.ndarray]]:
    """The lines of a picture: their colour, their dashes, and their points (n, 2), percent from the left and from below."""
    [drawn] = re.findall(r'src="data:image/svg\+xml,([^"]+)"', picture)
    found = re.findall(r"d='M([^']+)' fill='none' stroke='([^']+)' [^/]*stroke-dasharray='([^']*)'", unquote(drawn))
    return [
        (colour, dashes, np.array([point.split() for point in path.split(" L")], float) * (1, -1) + (0, 100))
        for path, colour, dashes in found
    ]


def curve(picture: str, colour: str) -> np.ndarray:
    """The points of the one line that has this colour."""
    [points] = [points for of, _, points in curves(picture) if of == colour]
    return points


def placed(picture: str, kind: str) -> np.ndarray:
    """Where the dots of a kind stand, (n, 2) in percent from the left and from below."""
    found = re.findall(rf'<i class="{kind}[^"]*" style="left:([-\d.]+)%;bottom:([-\d.]+)%', picture)
    return np.array(found, float)


def rules(picture: str, name: str) -> list[tuple[list[float], str]]:
    """What moves by a name: at which percents of its time it looks how."""
    inside = picture.split(f"@keyframes {name} {{")[1].split("} }")[0] + "}"
    found = re.findall(r"((?:[\d.]+%,? )+)\{ ([^}]*?) \}", inside)
    return [([float(part) for part in re.findall(r"[\d.]+", times)], look) for times, look in found]


def way(picture: str, name: str) -> np.ndarray:
    """Where a dot goes, (n, 2) in percent from the left and from below; at the end of its time it is at the last place."""
    found = rules(picture, name)
    assert found[-1][0][-1] == 100
    return np.array([re.findall(r"[-\d.]+(?=%)", look) for _, look in found], float)


@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES.keys())
def test_it_says_what_it_shows_and_moves_only_when_asked(picture: str):
    said = re.search(r'role="img" aria-label="([^"]+)"', picture)
    assert said
    assert len(said[1]) > 40
    moves = re.findall(r"([^{}]*)\{ animation: (\w+) \d", picture)
    assert moves
    for selector, name in moves:
        assert ":has(input:checked)" in selector, "still until its button is pressed"
        assert f"@keyframes {name} " in picture
    assert "prefers-reduced-motion: reduce" in picture
    assert "@@" not in picture
    assert "<script" not in picture, "Streamlit takes it away"
    assert "<svg" not in picture, "this too"


def test_a_small_rate_creeps_a_good_one_arrives_and_a_large_one_leaps_out():
    small, good, large = (np.abs(moving.places(rate)) for rate in moving.RATES.values())
    assert small[-1] > 0.6 * small[0]
    assert good[-1] < 0.02 * good[0]
    assert (np.diff(large) > 0).all()
    for rate, way in zip(moving.RATES.values(), (small, good, large), strict=True):
        assert way[1] == pytest.approx(abs(way[0] - rate * way[0])), "a step is the slope, times the rate"


@pytest.mark.parametrize(("place", "rate"), [*enumerate(moving.RATES)])
def test_seven_steps_go_from_the_green_dot_along_the_valley_to_where_the_rate_leads(place: int, rate: str):
    title, panel = re.findall(r"<div><b>([^<]+)</b>(.*?)</div></div>", PICTURES["steps"])[place]
    assert title == rate
    dots, valley = placed(panel, "was"), curve(panel, GREY)
    assert len(dots) == 7 + 1
    assert re.findall(r'class="was" style="left:[^;]*;bottom:[^;]*;background:([^;]+)', panel) == [GREEN]
    assert panel.index(GREEN) < panel.index('class="was"', panel.index('class="was"') + 1), "it is the first"
    x = np.array(moving.places(moving.RATES[rate]))
    assert (dots[:, 0] - 50) / (dots[0, 0] - 50) == pytest.approx(x / x[0], abs=0.01), "as far from the valley's middle"
    lowest = valley[:, 1].min()
    assert (dots[:, 1] - lowest) / (dots[0, 1] - lowest) == pytest.approx((x / x[0]) ** 2, abs=0.03), "and as high"
    assert np.interp(dots[:, 0], *valley.T) == pytest.approx(dots[:, 1], abs=0.5), "a dot is on the line"
    assert (dots >= 0).all()
    assert (dots <= 100).all()
    assert way(PICTURES["steps"], f"steps{place}").tolist() == dots.tolist()
    assert placed(panel, "dot").tolist() == dots[-1:].tolist(), "still, it shows where they end"


def test_a_rate_that_is_too_large_leaps_higher_with_each_step():
    low, right, high = (way(PICTURES["steps"], f"steps{place}")[:, 1] for place in range(3))
    assert (np.diff(low) < 0).all()
    assert right[-1] < right[0] / 1.5
    assert (np.diff(high) > 0).all()


@pytest.mark.parametrize(
    ("learned", "size", "drawn"),
    [
        (590, 64, [6, 6, 6]),
        (590, 7, [6, 6, 6]),
        (40, 4, [4, 4, 4]),
        (590, 6, [6, 6, 6]),
        (5, 2, [2, 2]),
        (3, 1, [1, 1, 1]),
        (5, 8, [5]),
    ],
)
def test_a_batch_is_drawn_with_no_more_photos_than_it_holds(learned: int, size: int, drawn: list[int]):
    picture = moving.epoch([f"/{number}.webp" for number in range(min(18, learned))], learned, size, 1)
    batches = re.findall(r"<div class='batch b\d+'>.*?</div>", picture)
    photos = [re.findall(r'<img src="([^"]+)"', batch) for batch in batches]
    assert [len(of) for of in photos] == drawn
    assert len({photo for of in photos for photo in of}) == sum(drawn), "a photo passes once"
    assert ["…" in batch for batch in batches] == [min(size, learned) > n for n in drawn], "the others are hinted at"
    assert ("⋮" in picture) == (learned // min(size, learned) > len(drawn)), "and so are the batches between"


def test_the_batches_of_an_epoch_pass_one_after_the_other():
    picture, ended = PICTURES["epoch"], 0.0
    for row in range(3):
        before, passing, after = rules(picture, f"epoch{row}")
        assert ended <= before[0][-1] < passing[0][0] < passing[0][-1] < after[0][0] <= after[0][-1] == 100
        assert "opacity: 1;" in passing[1]
        assert "translateX" in passing[1]
        assert "translateX" not in before[1] + after[1]
        ended = passing[0][-1]
    assert set(re.findall(r"animation: epoch\d ([\d.]+s)", picture)) == {"6.6s"}, "else they would fall out of step"


def test_an_epoch_has_as_many_steps_as_full_batches():
    said = moving.epoch_words(590, 64, 4)
    assert "590 photos, in batches of 64, make **9 steps**" in said
    assert "36 in the whole run" in said
    assert "14 photos are left over" in said
    assert "left over" not in moving.epoch_words(64, 64, 1)
    assert "make **1 step**" in moving.epoch_words(40, 64, 2), "photos fewer than a batch make one"


def test_the_last_batch_drawn_is_the_epochs_last():
    assert re.findall(r"→ step (\d+)", PICTURES["epoch"]) == ["1", "2", "9"]
    assert re.findall(r"→ step (\d+)", moving.epoch(["/a.webp"] * 18, 128, 64, 1)) == ["1", "2"]


def test_one_cycles_lines_are_the_rate_and_the_momentum_and_the_dot_goes_along_the_rate():
    picture = PICTURES["one_cycle"]
    rate, momentum = curve(picture, ORANGE), curve(picture, GREY)
    for line, at in ((rate, moving.rate_at), (momentum, moving.momentum_at)):
        assert line[[0, -1], 0].tolist() == [0, 100]
        values = np.array([at(x / 100) for x in line[:, 0]])
        drawn = np.interp(values, [values.min(), values.max()], [line[:, 1].min(), line[:, 1].max()])
        assert line[:, 1] == pytest.approx(drawn, abs=0.2)
    assert rate[rate[:, 1].argmax(), 0] == pytest.approx(25, abs=1)
    assert momentum[momentum[:, 1].argmin(), 0] == pytest.approx(25, abs=1)
    along = way(picture, "one_cycle")
    assert np.interp(along[:, 0], *rate.T) == pytest.approx(along[:, 1], abs=0.1)
    assert along[[0, -1]] == pytest.approx(rate[[0, -1]])
    [rests] = placed(picture, "dot")
    assert rests == pytest.approx(rate[-1], abs=1)


def test_one_cycle_says_its_numbers_and_has_a_line_between_epochs():
    picture = moving.one_cycle(2.5e-3, 4)
    words = dict(re.findall(r"border-left:4px solid (\S+);[^>]*>([^<]*peak[^<]*|[^<]*0\.85[^<]*)<", picture))
    assert words == {ORANGE: "peak 0.0025", GREY: "momentum 0.85"}
    assert "rises from 0.0001 to its peak of 0.0025" in picture
    between = [points[:, 0].tolist() for colour, _, points in curves(picture) if colour == rgba(GREY, 0.4)]
    assert between == [[25, 25], [50, 50], [75, 75]]
    assert "4 epochs, from left to right" in picture
    assert len(curves(moving.one_cycle(1e-3, 13))) == 2, "so many would hide the curves"


def test_by_heart_the_validation_loss_turns_where_the_shade_begins():
    picture = PICTURES["by_heart"]
    train, valid = curve(picture, BLUE), curve(picture, ORANGE)
    assert (np.diff(train[:, 1]) < 0).all()
    [shade] = map(float, re.findall(r"left: (\d+)%; background", picture))
    learns = valid[:, 0] < shade
    assert (np.diff(valid[learns, 1]) <= 0).all()
    assert (np.diff(valid[~learns, 1]) >= 0).all()
    assert min(valid[0, 1], valid[-1, 1]) > valid[:, 1].min() + 5, "it falls and rises so that it is seen"
    assert (valid[~learns, 1] > train[~learns, 1]).all()
    assert [(dashes != "") for _, dashes, _ in curves(picture)] == [True, False], "told apart without colours"
    named = {words: colour for colour, words in re.findall(r"solid (#\w+);[^>]*>(loss on [^<]+)<", picture)}
    assert named == {"loss on photos held out": ORANGE, "loss on training photos": BLUE}
    hidden, whole = rules(picture, "by_heart")
    assert hidden == ([0], "clip-path: inset(0 100% 0 0);")
    assert whole == ([85, 100], "clip-path: inset(0);")


def test_the_row_is_shown_first_then_the_column_then_the_cell():
    breeds = ["Birman", "Ragdoll", "Siamese"]
    picture = moving.row_and_column(breeds, [[5, 1, 0], [2, 4, 0], [0, 3, 6]], (1, 0))
    assert re.findall(r'<td class="([^"]*)">(\d+)', picture) == [
        ("col", "5"), ("", "1"), ("", "0"),
        ("row col cell", "2"), ("row", "4"), ("row", "0"),
        ("col", "0"), ("", "3"), ("", "6"),
    ]  # fmt: skip
    assert re.findall(r'<th class="([^"]+)">(\w+)', picture) == [("col", "Birman"), ("row", "Ragdoll")]
    blue, orange = rgba(BLUE, 0.22), rgba(ORANGE, 0.22)
    (_, (row_at, row)), (_, (col_at, col)) = (rules(picture, name) for name in ("row", "col"))
    *_, (cell_at, cell) = rules(picture, "cell")
    assert row_at[0] < col_at[0] < cell_at[0]
    assert row_at[-1] == col_at[-1] == cell_at[-1] == 100
    assert (row, col) == (f"background: {blue};", f"background: {orange};")
    assert cell == f"background: {orange}; outline-color: {ORANGE};"
    for marked, colour in (("row", blue), ("col", orange)):
        assert f".m-matrix .{marked} {{ background: {colour}; }}" in picture, "still, both are marked"


def test_the_cell_is_where_the_row_meets_the_column():
    picture = PICTURES["row_and_column"]
    assert re.findall(r'<td class="row col cell">(\d+)', picture) == ["2"]
    assert "Row Ragdoll, column Birman: 2 photos" in picture
