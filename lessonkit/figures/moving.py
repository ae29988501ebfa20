"""Pictures of ideas that move: an epoch in batches, small and large steps, one-cycle, learning by heart, a matrix's row and column.

Each is HTML and CSS alone, without a script. Still, it is the whole picture, and the last of what moves; a button, which a
keyboard reaches too, lets it move. Who asked their system for less motion gets it still, without the button.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from lessonkit import wording
from lessonkit.figures.style import BLUE, GREEN, GREY, ORANGE, breed_name, rgba
from lessonkit.language import decimal, tr, translatable, trn

FIRST_STEP, STEPS = 2.0, 7  # where the steps begin, in the valley's own units, and how many are taken
RATES = {translatable("too small"): 0.06, translatable("about right"): 0.5, translatable("too large"): 2.15}
"""The rates of `steps`: in the valley x**2 / 2 each step leaves 1 - rate of the way."""
START, PEAK, END = (
    1 / 25,
    0.25,
    1e-5,
)  # fastai's fit_one_cycle: the rate's first and last share of its peak, and when that is
MOMENTA = (0.95, 0.85, 0.95)  # its momentum: at the start, at the peak of the rate, at the end
SHOWN = 3, 6  # batches of `epoch` that are drawn, and photos of each

_DEEPEST, _FLOOR = 15.0, 1.2  # the loss at the top of `steps`' panels; what lies below 0, so that a dot there is whole
_STYLE = f"""<style>
.moving {{ margin: 0 0 0.8rem; max-width: 760px; }}
.moving .stage {{ position: relative; margin-bottom: 0.5rem; }}
.moving .plot {{ position: relative; border-left: 1px solid {GREY}; border-bottom: 1px solid {GREY}; overflow: hidden; }}
.moving .plot > img {{ position: absolute; inset: 0; width: 100%; height: 100%; border-radius: 0; }}
.moving .dot, .moving .was {{ position: absolute; width: 14px; height: 14px; margin: 0 0 -7px -7px; border-radius: 50%; background: {ORANGE}; }}
.moving .was {{ width: 8px; height: 8px; margin: 0 0 -4px -4px; opacity: 0.45; }}
.moving .say {{ position: absolute; font-size: 0.8rem; line-height: 1.2; }}
.moving .play {{ display: inline-flex; align-items: center; gap: 0.5rem; position: relative; min-height: 2.75rem; padding: 0 0.9rem;
  border: 1px solid {GREY}; border-radius: 0.5rem; cursor: pointer; }}
.moving .play input {{ position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: pointer; }}
.moving .play:has(:focus-visible) {{ outline: 3px solid {BLUE}; outline-offset: 2px; }}
.moving:has(input:checked) .still, .moving:not(:has(input:checked)) .moves {{ display: none; }}
@media (prefers-reduced-motion: reduce) {{ .moving .play {{ display: none; }} .moving * {{ animation: none !important; }} }}
</style>"""


def steps() -> str:
    """One valley, three learning rates: the same number of steps creeps, arrives, or leaps out of the valley.

    The valley is x**2 / 2; a step goes down the slope at its place, times the rate.
    """
    panels, rules = [], []
    for number, (name, rate) in enumerate(RATES.items()):
        way = places(rate)
        width = max(2.3, 1.08 * max(abs(x) for x in way))
        at = [(50 + 50 * x / width, 100 * (x**2 / 2 + _FLOOR) / (_DEEPEST + _FLOOR)) for x in way]
        ground = [(x, 100 * ((width * (x / 50 - 1)) ** 2 / 2 + _FLOOR) / (_DEEPEST + _FLOOR)) for x in range(101)]
        dots = "".join(
            f'<i class="was" style="left:{x:.1f}%;bottom:{y:.1f}%{f";background:{GREEN};opacity:1" if not place else ""}"></i>'
            for place, (x, y) in enumerate(at)
        )
        x, y = at[-1]
        panels.append(
            f"<div><b>{escape(tr(name))}</b><div class='plot'>{_lines((ground, GREY, ''))}{dots}"
            f'<i class="dot d{number}" style="left:{x:.1f}%;bottom:{y:.1f}%"></i></div></div>'
        )
        rules.append(_through(f".d{number}", f"steps{number}", at, 9))
    stage = f"<style>.m-steps .stage {{ display: grid; grid-template-columns: repeat(3, 1fr); gap: 0.8rem; }} .m-steps .plot {{ height: 130px; }}</style>{''.join(panels)}"
    says = tr(
        "Seven steps in a valley: at too small a rate they hardly move, at a good one they arrive, at too large a one they "
        "leap higher and higher."
    )
    return _moving("steps", stage, "".join(rules), says)


def places(rate: float) -> list[float]:
    """Where each of the steps begins, and the last one ends, at a rate: in the valley's own units."""
    return [FIRST_STEP * (1 - rate) ** step for step in range(STEPS + 1)]


def epoch(photos: Sequence[str], learned: int, batch_size: int, epochs: int) -> str:
    """Photos that pass in batches, a step after each, until all have passed: an epoch.

    Args:
        photos: addresses of small pictures of training photos; as many as SHOWN says are drawn, and no more of a batch
            than it holds.
        learned: how many training photos there are. batch_size, epochs: as chosen.
    """
    size = max(1, min(batch_size, learned))
    batches = learned // size
    rows, each = min(SHOWN[0], max(1, batches)), min(SHOWN[1], size)
    drawn, rules = [], []
    for row in range(rows):
        of = photos[row * each : (row + 1) * each]
        pictures = "".join(f'<img src="{escape(address)}" alt="" loading="lazy">' for address in of)
        step = tr("step {number}", number=decimal(row + 1 if row < rows - 1 else max(1, batches)))
        gap = "<span class='gap'>⋮</span>" if row == rows - 1 and batches > rows else ""
        drawn.append(
            f"{gap}<div class='batch b{row}'><span class='photos'>{pictures}{'…' if size > len(of) else ''}</span>"
            f"<span class='step'>→ {escape(step)}</span></div>"
        )
        begins, ends = 90 * row / rows, 90 * (row + 1) / rows
        rules.append(
            f"@keyframes epoch{row} {{ 0%, {begins:.1f}% {{ opacity: 0.25; transform: none; }} "
            f"{begins + 4:.1f}%, {ends:.1f}% {{ opacity: 1; transform: translateX(0.8rem); }} "
            f"{ends + 4:.1f}%, 100% {{ opacity: 0.7; transform: none; }} }}"
            + _animated(f".b{row}", f"epoch{row}", 2.2 * rows)
        )
    style = (
        "<style>.m-epoch .batch { display: flex; align-items: center; gap: 0.6rem; margin: 0.25rem 0; }"
        " .m-epoch .photos { display: flex; flex-wrap: nowrap; gap: 0.2rem; align-items: end; min-width: 0; padding: 0.25rem;"
        f" border: 2px solid {BLUE}; border-radius: 0.5rem; }} .m-epoch .photos img {{ width: 3.2rem; min-width: 0; flex: 0 1 3.2rem;"
        " height: 3.2rem; object-fit: cover; border-radius: 0.3rem; } .m-epoch .step { white-space: nowrap; }"
        " .m-epoch .gap { display: block; padding-left: 4rem; line-height: 1; }</style>"
    )
    says = tr(
        "Training photos in batches, one batch after the other. After each batch the weights move one step; after the last one "
        "the epoch is over."
    )
    return _moving(
        "epoch", style + "".join(drawn), "".join(rules), f"{says} {epoch_words(learned, batch_size, epochs)}"
    )


def epoch_words(learned: int, batch_size: int, epochs: int) -> str:
    """How many batches an epoch has, and how many steps a run: a last batch that is not full is left out."""
    size = max(1, min(batch_size, learned))
    batches = learned // size
    left = learned - batches * size
    words: str = trn(
        "Here: {photos}, in batches of {size}, make **{n} step** an epoch; {all_steps} in the whole run.",
        "Here: {photos}, in batches of {size}, make **{n} steps** an epoch; {all_steps} in the whole run.",
        batches, photos=wording.photos(learned), size=decimal(size), all_steps=decimal(batches * max(0, epochs)),
    )  # fmt: skip
    if not left:
        return words
    waits = trn(
        "{n} photo is left over: each epoch another one, as the order changes.",
        "{n} photos are left over: each epoch others, as the order changes.",
        left,
    )
    return f"{words} {waits}"


def rate_at(share: float) -> float:
    """The one-cycle learning rate after a share of the run, 0 to 1, as a share of its peak."""
    return _cycle(share, START, 1.0, END)


def momentum_at(share: float) -> float:
    """The momentum after a share of the run, 0 to 1."""
    return _cycle(share, *MOMENTA)


def one_cycle(peak: float, epochs: int) -> str:
    """The learning rate and the momentum over a run, as `fit_one_cycle` moves them.

    Args:
        peak: the learning rate that was chosen. epochs: of the run.
    """
    shares = [number / 60 for number in range(61)]
    rate = [(100 * s, 6 + 72 * rate_at(s)) for s in shares]
    low, high = min(MOMENTA), max(MOMENTA)
    momentum = [(100 * s, 32 + 46 * (momentum_at(s) - low) / (high - low)) for s in shares]
    ends = [([(100 * k / epochs, 0), (100 * k / epochs, 100)], rgba(GREY, 0.4), "") for k in range(1, epochs)]
    lines = _lines(*(ends if epochs <= 12 else ()), (momentum, GREY, "4 4"), (rate, ORANGE, ""))
    says = tr(
        "The learning rate rises from {start} to its peak of {peak} in the first quarter of the run, then falls to almost "
        "nothing. The momentum falls from {high} to {low} and rises again.",
        start=wording.rate_said(peak * START), peak=wording.rate_said(peak), high=decimal(high, 2), low=decimal(low, 2),
    )  # fmt: skip
    words = (
        ("left:1%;bottom:38%", ORANGE, wording.rate_said(peak * START)),
        ("left:20%;top:3%", ORANGE, tr("peak {rate}", rate=wording.rate_said(peak))),
        ("right:2%;bottom:18%", ORANGE, tr("almost 0")),
        ("left:22%;bottom:12%", GREY, tr("momentum {momentum}", momentum=decimal(low, 2))),
        ("right:2%;top:3%", GREY, tr("momentum {momentum}", momentum=decimal(high, 2))),
    )
    said = "".join(
        f'<span class="say" style="{where};border-left:4px solid {colour};padding-left:4px">{escape(text)}</span>'
        for where, colour, text in words
    )
    x, y = rate[-1]
    stage = (
        f"<style>.m-one_cycle .plot {{ height: 150px; }}</style><div class='plot'>{lines}{said}"
        f'<i class="dot" style="left:{x - 1:.1f}%;bottom:{y:.1f}%"></i></div>'
        f"<small>{escape(trn('{n} epoch, from left to right', '{n} epochs, from left to right', epochs))}</small>"
    )
    return _moving("one_cycle", stage, _through(".dot", "one_cycle", rate[::3], 7, hold=0.0), says)


def by_heart() -> str:
    """A drawing of overfitting, no run's numbers: the training loss falls on, the validation loss turns and rises."""
    shares = [number / 60 for number in range(61)]
    train = [(100 * s, 6 + 84 * math.exp(-3.2 * s)) for s in shares]
    valid = [(100 * s, 26 + 66 * math.exp(-5 * s) + 34 * max(0.0, s - 0.35) ** 1.5) for s in shares]
    turn = min(range(len(valid)), key=lambda k: valid[k][1])
    says = tr(
        "A drawing: the loss on the photos that it trains on falls and falls. The loss on the photos held out falls at first, "
        "then turns and rises: from there on the network learns its training photos by heart."
    )
    words = (
        ("left:54%;top:6%", tr("from here on it learns these photos by heart")),
        ("right:2%;bottom:46%", tr("loss on photos held out")),
        ("right:2%;bottom:16%", tr("loss on training photos")),
    )
    colours = (GREY, ORANGE, BLUE)
    said = "".join(
        f'<span class="say" style="{where};border-left:4px solid {colour};padding-left:4px">{escape(text)}</span>'
        for (where, text), colour in zip(words, colours, strict=True)
    )
    stage = (
        f"<style>.m-by_heart .plot {{ height: 170px; }} .m-by_heart .late {{ position: absolute; top: 0; bottom: 0; right: 0;"
        f" left: {valid[turn][0]:.0f}%; background: {rgba(ORANGE, 0.1)}; }}</style><div class='plot'><i class='late'></i>"
        f"{_lines((train, BLUE, '6 4'), (valid, ORANGE, ''))}{said}</div>"
        f"<small>{escape(tr('epochs, from left to right'))}</small>"
    )
    rules = "@keyframes by_heart { 0% { clip-path: inset(0 100% 0 0); } 85%, 100% { clip-path: inset(0); } }"
    return _moving("by_heart", stage, rules + _animated(".plot > img", "by_heart", 7), says)


def row_and_column(actual: Sequence[str], counts: Sequence[Sequence[int]], cell: tuple[int, int]) -> str:
    """A small part of a confusion matrix: first the row of what the photos are, then the column of what was said, then the cell.

    Args:
        actual: two or three breeds. counts: for each, how many of its photos were called each of them.
        cell: the row and the column to point at, from 0.
    """
    row, column = cell
    head = "".join(_cell("th", breed_name(name), col=k == column) for k, name in enumerate(actual))
    lines = []
    for r, name in enumerate(actual):
        cells = (
            _cell("td", escape(decimal(counts[r][k])), row=r == row, col=k == column, cell=(r, k) == cell)
            for k in range(len(actual))
        )
        lines.append(f"<tr>{_cell('th', breed_name(name), row=r == row)}{''.join(cells)}</tr>")
    stage = (
        "<style>.m-matrix table { border-collapse: collapse; margin: 0; } .m-matrix th, .m-matrix td { border: 1px solid rgba(128,134,145,0.4);"
        " padding: 0.3rem 0.6rem; text-align: center; } .m-matrix tr > th:first-child { text-align: right; white-space: nowrap; }"
        " @media (max-width: 640px) { .m-matrix th, .m-matrix td { padding: 0.2rem 0.3rem; font-size: 0.75rem; overflow-wrap: anywhere; }"
        " .m-matrix tr > th:first-child { white-space: normal; } }"  # four breeds' names beside one another fit a phone
        f" .m-matrix .row {{ background: {rgba(BLUE, 0.22)}; }} .m-matrix .col {{ background: {rgba(ORANGE, 0.22)}; }}"
        f" .m-matrix .cell {{ outline: 3px solid {ORANGE}; outline-offset: -3px; font-weight: 700; }}</style>"
        f"<table><tr><th>{escape(tr('is ↓ said →'))}</th>{head}</tr>{''.join(lines)}</table>"
    )
    blue, orange = rgba(BLUE, 0.22), rgba(ORANGE, 0.22)
    rules = (
        f"@keyframes row {{ 0%, 8% {{ background: transparent; }} 14%, 100% {{ background: {blue}; }} }}"
        f" @keyframes col {{ 0%, 38% {{ background: transparent; }} 46%, 100% {{ background: {orange}; }} }}"
        f" @keyframes cell {{ 0%, 8% {{ background: transparent; outline-color: transparent; }} 14%, 38% {{ background: {blue}; }}"
        f" 46%, 68% {{ background: {orange}; outline-color: transparent; }} 76%, 100% {{ background: {orange}; outline-color: {ORANGE}; }} }}"
        + _animated(".row", "row", 6) + _animated(".col", "col", 6) + _animated(".cell", "cell", 6)
    )  # fmt: skip
    return _moving("matrix", stage, rules, cell_words(actual, counts, cell))


def _cell(tag: str, inside: str, **marked: bool) -> str:
    return f'<{tag} class="{" ".join(name for name, on in marked.items() if on)}">{inside}</{tag}>'


def cell_words(actual: Sequence[str], counts: Sequence[Sequence[int]], cell: tuple[int, int]) -> str:
    """What the cell says, in words."""
    row, column = cell
    return trn(
        "Row {breed}, column {said}: {n} photo of that breed was called {said}.",
        "Row {breed}, column {said}: {n} photos of that breed were called {said}.",
        counts[row][column], breed=breed_name(actual[row]), said=breed_name(actual[column]),
    )  # fmt: skip


def _moving(name: str, stage: str, rules: str, says: str) -> str:
    """The whole of it: the picture with what it says to who cannot see it, and the button that lets it move."""
    play, stop = escape(tr("Let it move")), escape(tr("Stop"))
    return (
        f'{_STYLE}<style>{rules.replace("@@", f".m-{name}:has(input:checked) ")}</style><div class="moving m-{name}">'
        f'<div class="stage" role="img" aria-label="{escape(says.replace("**", ""))}">{stage}</div>'
        f'<label class="play"><input type="checkbox"><span class="still"><span aria-hidden="true">▶</span> {play}</span>'
        f'<span class="moves"><span aria-hidden="true">■</span> {stop}</span></label></div>'
    )


def _animated(of: str, name: str, seconds: float, how: str = "ease-in-out") -> str:
    return f" @@{of} {{ animation: {name} {seconds:g}s {how} infinite; }}"


def _through(of: str, name: str, at: Sequence[tuple[float, float]], seconds: float, hold: float = 0.5) -> str:
    """Rules by which a dot goes from place to place, in percent from the left and from below, and rests at the last.

    Args:
        hold: the share of each part of the time that it waits before it goes on.
    """
    share, rests = 88 / max(1, len(at) - 1), []
    for place, (x, y) in enumerate(at):
        until = "" if place == len(at) - 1 or not hold else f", {share * (place + hold):.2f}%"
        until = ", 100%" if place == len(at) - 1 else until
        rests.append(f"{share * place:.2f}%{until} {{ left: {x:.1f}%; bottom: {y:.1f}%; }}")
    return f"@keyframes {name} {{ {' '.join(rests)} }}" + _animated(
        of, name, seconds, "ease-in-out" if hold else "linear"
    )


def _lines(*lines: tuple[Sequence[tuple[float, float]], str, str]) -> str:
    """Lines as a picture that fills its place: points in percent from the left and from below, a colour, and dashes."""
    drawn = "".join(
        f"<path d='M{' L'.join(f'{x:.1f} {100 - y:.1f}' for x, y in points)}' fill='none' stroke='{colour}' stroke-width='2.5' "
        f"stroke-dasharray='{dashes}' vector-effect='non-scaling-stroke'/>"
        for points, colour, dashes in lines
    )
    svg = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 100 100' preserveAspectRatio='none'>{drawn}</svg>"
    return f'<img alt="" src="data:image/svg+xml,{quote(svg, safe=chr(32) + "=:/")}">'


def _cycle(share: float, first: float, middle: float, last: float) -> float:
    if share < PEAK:
        return _cosine(first, middle, share / PEAK)
    return _cosine(middle, last, (share - PEAK) / (1 - PEAK))


def _cosine(a: float, b: float, share: float) -> float:
    return a + (b - a) * (1 - math.cos(math.pi * share)) / 2
