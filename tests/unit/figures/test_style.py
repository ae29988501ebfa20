"""Colours that hold on both backgrounds and for colour-blind eyes; labels that fit and stay apart."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from lessonkit.figures import board, confusion, probabilities, style
from lessonkit.language import speaking

LIGHT, DARK = "#FFFFFF", "#0E1117"  # Streamlit's two backgrounds

# Machado, Oliveira, Fernandes (2009), severity 1.0: linear RGB as seen without one kind of cone
SEEN = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def linear(colour: str) -> np.ndarray:
    values = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG 2's contrast ratio."""
    low, high = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ rgb
    x, y, z = np.cbrt(xyz / [0.9505, 1.0, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("background", [LIGHT, DARK])
@pytest.mark.parametrize("colour", style.PALETTE)
def test_lines_and_bars_stand_out_on_light_and_dark(colour, background):
    assert contrast(colour, background) >= 3


@pytest.mark.parametrize("background", [LIGHT, DARK])
def test_text_of_a_saved_figure_reads_on_light_and_dark(background):
    assert contrast(style.TEXT, background) >= 3.7


@pytest.mark.parametrize(
    "cell",
    [confusion.RIGHT, confusion.ONE_MISTAKE, confusion.MOST_MISTAKES, confusion.UNCHANGED, confusion.MUCH_BETTER],
)
def test_white_numbers_read_on_every_cell(cell):
    assert contrast(cell, "#FFFFFF") >= 3.8


@pytest.mark.parametrize("kind", SEEN)
@pytest.mark.parametrize(
    "pair",
    [*combinations((style.BLUE, style.ORANGE, style.GREEN), 2), (confusion.MUCH_BETTER, confusion.MUCH_WORSE),
     (confusion.RIGHT, confusion.MOST_MISTAKES)],
)  # fmt: skip
def test_colours_that_share_a_panel_stay_apart_for_colour_blind_eyes(pair, kind):
    one, other = (lab(np.clip(np.array(SEEN[kind]) @ linear(c), 0, 1)) for c in pair)
    assert np.linalg.norm(one - other) >= 12


def test_an_empty_figure_says_why_and_has_no_axes():
    figure = style.empty("Nothing yet.")
    assert [a.text for a in figure.layout.annotations] == ["Nothing yet."]
    assert figure.layout.xaxis.visible is False
    assert len(figure.data) == 0


def test_a_finger_that_scrolls_draws_no_zoom_box():
    assert style.empty("x").layout.dragmode is False


@pytest.mark.parametrize(
    ("breed", "label"),
    [
        ("Siamese", "Siamese"),
        ("British_Shorthair", "British Shorthair"),
        ("staffordshire_bull_terrier", "Staff. bull terrier"),
        ("american_pit_bull_terrier", "Ameri. pit bull terrier"),
    ],
)
def test_breeds_as_labels(breed, label):
    assert style.short_names([breed]) == [label]


def test_one_long_word_is_cut():
    assert style.short_names(["x" * 40]) == ["X" + "x" * 16 + "…"]


def test_labels_that_would_be_the_same_stay_whole():
    twins = ["staffordshire_bull_terrier", "staffelstein_bull_terrier"]
    assert style.short_names(twins) == ["Staffordshire bull terrier", "Staffelstein bull terrier"]
    assert style.short_names(["a_b", "a b"]) == ["a_b", "a b"]


def test_wrapping_breaks_at_spaces_only():
    assert style.wrap("unfrozen, slice(1e-6, 1e-4)", 16) == "unfrozen,<br>slice(1e-6,<br>1e-4)"
    assert style.wrap("") == ""


def test_opacity_as_css():
    assert style.rgba("#0A10FF", 0.5) == "rgba(10,16,255,0.5)"


def test_a_figure_speaks_the_language_of_the_one_who_looks_at_it():
    """Its words, the numbers in them, and those that plotly writes itself; English figures stay as they were."""
    counts = pd.DataFrame([[3, 1], [0, 4]], index=["pug", "beagle"], columns=["pug", "beagle"])
    with speaking("de"):
        assert board.board(pd.DataFrame(), "").layout.separators == ",."
        assert confusion.confusion_matrix(counts, normalise=True).layout.separators == ",."
        assert probabilities.top_breeds([["pug", 0.714]]).data[0].text == ("71,4\xa0%",)
    with speaking("xx"):
        matrix = confusion.confusion_matrix(counts)
        assert matrix.layout.xaxis.title.text == "⟦predicted →⟧"
        assert "⟦1 of ⟦4 photos⟧⟧" in matrix.data[-1].text
    assert confusion.confusion_matrix(counts).layout.separators is None


def test_for_the_back_row_letters_grow_and_the_figure_with_them_up_to_a_screen() -> None:
    counts = pd.DataFrame(np.eye(12), index=list("abcdefghijkl"), columns=list("abcdefghijkl"))
    figure = confusion.confusion_matrix(counts)
    large = style.larger(figure)
    times = style.LARGER
    assert large.layout.yaxis.tickfont.size == times * figure.layout.yaxis.tickfont.size
    assert large.layout.annotations[0].font.size == times * style.LETTERS
    assert {trace.textfont.size for trace in large.data if trace.type == "heatmap"} == {times * style.LETTERS}
    assert large.layout.height == times * figure.layout.height
    assert figure.layout.annotations[0].font.size is None, "the figure that others see is as it was"
    high = style.finish(figure, 2000)
    assert style.larger(high).layout.height == 2000
    assert style.larger(style.finish(figure, 700)).layout.height == style.ONE_SCREEN
