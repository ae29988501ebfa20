"""RunSpec: all that decides a run, checked, and the id that follows from it."""

from __future__ import annotations

import functools
import hashlib
import json
import math
import re
import unicodedata
from dataclasses import asdict, dataclass, fields, replace
from decimal import Decimal
from typing import Any

from lessonkit import wording
from lessonkit.architectures import ARCHITECTURES
from lessonkit.errors import SpecError
from lessonkit.language import decimal, tr, translatable

MOST_EPOCHS = 200
MOST_VIEWS = 16
LOWEST_RATE, HIGHEST_RATE = 1e-8, 10.0
BATCH_NORMS = ("fixed", "trained")
NORMALIZATIONS = ("model", "none")
SPLITS = ("random", "given", "together")
HEADS = ("fastai", "linear")
# Of augmentation: what training sees must be about as large as what validation sees, the middle at 1 / 1.3 of the side. Measured on 590
# photos of 37 breeds, 10 splits, four views: error 19.9 % at a zoom of up to 1.3, 19.3 % at 1.6, 18.8 % at 2.0 (standard
# error 0.7). The middle matters more: 24.5 % on whole squares, 20.9 to 19.3 % on the middle 0.8 to 0.7 of them.
MAX_ZOOM = 1.6


@dataclass(frozen=True)
class RunSpec:
    """Everything that decides what a run learns. The same choice is the same run, for every learner, once.

    Attributes:
        dataset: name of the dataset (`photos.catalog`).
        fingerprint: of its photos' content; "" until known.
        pattern: the labelling pattern, one group; "" where folders label the photos.
        architecture: a name in `architectures.ARCHITECTURES`.
        pretrained: start from ImageNet's weights rather than from random ones.
        size: side of the square that the network sees, pixels, 32 to 512.
        batch_size: photos a batch, 2 to 512.
        epochs: times each training photo is seen, 1 to MOST_EPOCHS.
        learning_rate: the one-cycle's peak: a number, or (low, high) as in `slice(low, high)`: the first
            layers' rate and the head's.
        frozen: train the head alone.
        starts_from: id of the run whose weights this one goes on from; "" for none.
        augment: show a changed view of each photo each epoch.
        normalize: "model": by the mean and deviation the weights expect; "none": pixels scaled to 0..1 only.
        batch_norm: the body's batch norm statistics "fixed" as pretrained, or "trained" on these photos.
        share: part of the training photos that is used, above 0 and at most 1.
        split: "random": a fifth of the photos is held out at random; "given": those of the folders valid and test, as
            somebody's own photos came in them; "together": a fifth at random, with all copies of a photo in one half.
        head: "fastai": its two layers of random first weights (Kaiming); "linear": one layer, of first weights 0. On a few
            hundred photos four epochs do not make up for the random ones (`python -m bench.defaults`).
        split_seed: decides which photos are held out at random, and which are in a smaller share.
        seed: decides the random first weights, the batches' order, the augmentation and dropout.
        precompute: use the frozen body's activations, computed once.
        views: of each training photo that activations are computed of, 1 to MOST_VIEWS: the plain one, then
            augmented ones; 1 without augmentation. What it costs and gains is in `activations`.
        marks: fingerprint of the learner's corrections of labels; "" for none.

    Raises:
        SpecError: a value that no run can be made from.
    """

    dataset: str
    fingerprint: str = ""
    pattern: str = ""
    architecture: str = "efficientnet_lite0"
    pretrained: bool = True
    size: int = 160
    batch_size: int = 32
    epochs: int = 4
    learning_rate: float | tuple[float, float] = 3e-3
    frozen: bool = True
    starts_from: str = ""
    augment: bool = True
    normalize: str = "model"
    batch_norm: str = "fixed"
    share: float = 1.0
    split_seed: int = 42
    seed: int = 0
    precompute: bool = True
    views: int = 2
    marks: str = ""
    split: str = "random"
    head: str = "fastai"

    def __post_init__(self) -> None:
        for name, kind in _KINDS.items():
            if not isinstance(getattr(self, name), kind):
                value = repr(getattr(self, name))[:150]
                raise SpecError(tr("“{name}” cannot be {value}.", name=name, value=value), tr("Choose again."))
        if self.starts_from and not _ID.fullmatch(self.starts_from):
            raise SpecError(
                tr("“{run}” is no run that another could go on from.", run=self.starts_from[:40]), tr("Choose again.")
            )
        object.__setattr__(self, "learning_rate", _rates(self.learning_rate))
        _whole(self.epochs, 1, MOST_EPOCHS, translatable("epochs"))
        _whole(self.size, 32, 512, translatable("pixels for the photos' side"))
        _whole(self.batch_size, 2, 512, translatable("photos a batch"))
        _whole(self.views, 1, MOST_VIEWS, translatable("views a photo"))
        _whole(self.split_seed, 0, 2**31 - 1, translatable("as a seed of the split"), seed=True)
        _whole(self.seed, 0, 2**31 - 1, translatable("as a seed"), seed=True)
        if not (isinstance(self.share, int | float) and 0 < self.share <= 1):
            raise SpecError(
                tr("A share of {share} of the photos cannot be trained on.", share=str(self.share)),
                tr("Choose 1 to 100 %."),
            )
        object.__setattr__(self, "share", float(self.share))
        self._check_choices()

    def _check_choices(self) -> None:
        """Raises SpecError for a choice that there is not, or that another one rules out."""
        if self.architecture not in ARCHITECTURES:
            raise SpecError(
                tr("There is no architecture “{name}” here.", name=self.architecture),
                tr("Take one of {names}.", names=", ".join(ARCHITECTURES)),
            )
        if self.split not in SPLITS:
            raise SpecError(
                tr("Photos cannot be held out “{how}”.", how=self.split[:40]),
                tr("Choose one of {names}.", names=", ".join(SPLITS)),
            )
        if self.head not in HEADS:
            raise SpecError(
                tr("There is no head “{name}” here.", name=self.head[:40]),
                tr("Choose one of {names}.", names=", ".join(HEADS)),
            )
        if self.batch_norm not in BATCH_NORMS or self.normalize not in NORMALIZATIONS:
            raise SpecError(
                tr(
                    "Batch norm “{batch_norm}”, normalization “{normalization}”: no such choice.",
                    batch_norm=self.batch_norm,
                    normalization=self.normalize,
                )
            )
        if self.precompute and not self.frozen:
            raise SpecError(
                tr("Activations computed once serve a frozen body only."),
                tr("Unfrozen, every layer changes: leave them off."),
            )
        if self.precompute and self.batch_norm != "fixed":
            raise SpecError(
                tr("With activations computed once, the body's batch norm stays as it is."),
                tr("Choose fixed statistics, or run the body for each batch."),
            )

    def canonical(self) -> str:
        """The spec as JSON whose bytes are the same for the same choice."""
        chosen = asdict(self)
        for name in ("split", "head"):
            if chosen[name] == getattr(RunSpec, name):
                del chosen[name]  # so that runs from before there was this choice keep their ids
        return json.dumps(chosen, sort_keys=True, separators=(",", ":"))

    @property
    def id(self) -> str:
        """Twelve hexadecimal digits of the canonical JSON's SHA-256."""
        return _id(self)

    @property
    def recipe(self) -> str:
        """The id of the same choice with seed 0: what its repeats, which differ in the seed alone, have in common."""
        return _recipe(self)

    def to_dict(self) -> dict[str, Any]:
        return json.loads(self.canonical())

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> RunSpec:
        """The spec of such a dict; in one of an older version `seed` decided the split too.

        Raises:
            SpecError: a field that is not known (a run of a newer version), no dataset, or as the class does.
        """
        known = {f.name for f in fields(cls)}
        unknown = set(values) - known
        if unknown:
            raise SpecError(
                tr("This run has settings that are not known here: {names}.", names=", ".join(sorted(unknown)))
            )
        if "dataset" not in values:
            raise SpecError(tr("This run does not say which photos it is of."))
        if "seed" in values and "split_seed" not in values:
            values = {**values, "split_seed": values["seed"]}
        return cls(**values)

    @property
    def rates(self) -> tuple[float | None, float | None, float]:
        """The peak learning rates of the body's first layers, its last layers and the head; None where they are frozen.

        A slice is spread evenly on a logarithmic scale, as fastai's `even_mults` does for three groups of layers.
        """
        low, high = self.learning_rate if isinstance(self.learning_rate, tuple) else (self.learning_rate,) * 2
        return (None, None, high) if self.frozen else (low, math.sqrt(low * high), high)

    def but(self, **changes: Any) -> RunSpec:
        """The same choice but for `changes`."""
        return replace(self, **changes)


@functools.lru_cache(maxsize=4096)
def _id(spec: RunSpec) -> str:
    return hashlib.sha256(spec.canonical().encode()).hexdigest()[:12]


@functools.lru_cache(maxsize=4096)
def _recipe(spec: RunSpec) -> str:
    return (spec if spec.seed == 0 else spec.but(seed=0)).id


_KINDS = {f.name: {"str": str, "bool": bool}[f.type] for f in fields(RunSpec) if f.type in ("str", "bool")}
_ID = re.compile(r"[0-9a-f]{12}")  # as `RunSpec.id` gives it


def read_rates(text: str) -> list[float]:
    """The learning rates in what somebody typed or pasted, as people write them: one, or the two ends of a slice.

    Understood: a decimal comma (0,003), a typographic minus (3e−3), powers of ten (3×10^-3, 10⁻³), digits of other alphabets, an argument's name
    (lr=3e-3), blanks and commas around, `slice(1e-6,1e-4)` and `1e-6,1e-4`. fastai reads `slice(3e-3)` as a tenth of it for
    the body, so that is two rates too.

    Raises:
        SpecError: it holds no rate.
    """
    plain = unicodedata.normalize("NFKC", re.sub(f"[{_SUPERSCRIPTS}]+", _lowered, text))
    plain = "".join(str(unicodedata.decimal(c, c)) for c in plain).replace("\u066b", ".")  # Arabic and Persian digits
    plain = re.sub(r"[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]", "-", plain).lstrip().rstrip(" \t,;.").lower()
    plain = re.sub(r"^(?:lr|lr_max|max_lr|base_lr|learning[ _]rate|rate)\s*[=:]\s*", "", plain)
    sliced = re.fullmatch(r"slice\s*\((.*)\)?", plain.removesuffix(")"))
    bracketed = re.fullmatch(r"[\[(](.*[,;].*)[\])]", plain)
    inside = sliced[1] if sliced else bracketed[1] if bracketed else plain
    inside = re.sub(r"\s*(?:[x×·*⋅∙]\s*)10\s*(?:\^|\*\*)?\s*\(?([+-]?\d+)\)?", r"e\1", inside)
    inside = re.sub(r"(?<![\d.])10\s*(?:\^|\*\*)\s*\(?([+-]?\d+)\)?", r"1e\1", inside)
    parts = [part.strip() for part in re.split(r";|,\s+", inside) if part.strip()]
    if len(parts) == 1 and "," in inside:
        both = inside.split(",")
        # 0,003 is a number with a decimal comma; 1e-6,1e-4 and 0.001,0.01 are two numbers.
        two = len(both) == 2 and (all(re.search(r"[e.]", part) for part in both) or bool(sliced or bracketed))
        parts = both if two else [inside]
    numbers = [_NUMBER.fullmatch(part.strip().replace(",", ".")) for part in parts]
    if not numbers or len(numbers) > 2 or not all(numbers):
        raise _no_rate(text)
    rates = [float(number[0].replace(" ", "")) for number in numbers if number]
    return [rates[0] / 10, rates[0]] if sliced and len(rates) == 1 else rates


_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:\s?e\s?[+-]?\d+)?|[+-]?inf|nan")
_SUPERSCRIPTS = "⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹"


def _lowered(found: re.Match[str]) -> str:
    return "^" + found[0].translate(str.maketrans(_SUPERSCRIPTS, "+-0123456789"))


def _rates(rate: object) -> float | tuple[float, float]:
    """One learning rate, or the lowest and the highest of a slice. Raises SpecError."""
    if not isinstance(rate, list | tuple):
        return _rate(rate)
    if len(rate) != 2:
        raise SpecError(tr("A slice of learning rates has two ends."), tr("Give the lowest and the highest."))
    low, high = (_rate(r) for r in rate)
    if low >= high:
        raise SpecError(
            tr("{rates} runs downwards.", rates=wording.rate((low, high))),
            tr("Give the lower rate first: the body's, then the head's."),
        )
    return low, high


def _rate(value: Any) -> float:
    if isinstance(value, str):
        rates = read_rates(value)
        if len(rates) > 1:
            raise SpecError(
                tr(
                    "“{value}” is two rates, {slice}, and here one is wanted.",
                    value=value,
                    slice=wording.rate((rates[0], rates[1])),
                ),
                tr(
                    "Type one, such as {rate}. A slice is for a network whose body trains too: its two ends have a box each "
                    "on the page “Unfreezing”.",
                    rate=wording.rate_said(rates[1]),
                ),
            )
        value = rates[0]
    try:
        rate = float(value)
    except (TypeError, ValueError):
        raise _no_rate(value) from None
    if math.isnan(rate) or not LOWEST_RATE <= rate <= HIGHEST_RATE:
        what = (
            translatable("A learning rate of {rate} is not a number.")
            if math.isnan(rate)
            else translatable(
                "A learning rate of {rate} is too high: the weights would jump about, and nothing would be learned."
            )
            if rate > HIGHEST_RATE
            else translatable("A learning rate of {rate} is below 0.")
            if rate < 0
            else translatable("A learning rate of {rate} is too low: the weights would not change.")
        )
        low, high = wording.rate_said(LOWEST_RATE), wording.rate_said(HIGHEST_RATE)
        raise SpecError(
            tr(what, rate=wording.rate_said(rate)),
            tr("Choose one between {low} and {high}; 3e-3 is usual.", low=low, high=high),
        )
    return rate


def _no_rate(text: Any) -> SpecError:
    return SpecError(tr("“{text}” is not a learning rate.", text=str(text)), tr("Type a number such as 0.003 or 3e-3."))


def _digits(value: int) -> str:
    """A whole number as people read it; one of more than fifteen digits in powers of ten."""
    return decimal(value) if abs(value) < 10**15 else f"{Decimal(value):.1e}"


def _whole(value: Any, low: int, high: int, what: str, seed: bool = False) -> None:
    """See that a value is a whole number from `low` to `high`; `what` follows it in the error, as in “300 epochs”."""
    if isinstance(value, bool) or not isinstance(value, int):
        said, shown = translatable("{value} {what}: that is no whole number."), str(value)[:40]
    elif low <= value <= high:
        return
    else:
        few, many = (
            (translatable("{value} {what}: that is too low."), translatable("{value} {what}: that is too high."))
            if seed
            else (translatable("{value} {what}: that is too few."), translatable("{value} {what}: that is too many."))
        )
        said, shown = few if value < low else many, _digits(value)
    raise SpecError(
        tr(said, value=shown, what=tr(what)),
        tr("Choose a whole number from {low} to {high}.", low=decimal(low), high=decimal(high)),
    )
