"""RunSpecs, and the lesson's own four."""

from __future__ import annotations

from pathlib import Path

import pytest

from lessonkit.errors import SpecError
from lessonkit.language import speaking
from lessonkit.lesson import defaults
from lessonkit.photos import catalog
from lessonkit.spec import RunSpec, read_rates


@pytest.mark.parametrize(
    "wrong",
    [
        {"epochs": 0}, {"epochs": 10_000}, {"epochs": 2.5}, {"learning_rate": 0}, {"learning_rate": 1e9},
        {"learning_rate": float("nan")}, {"learning_rate": "fast"}, {"learning_rate": (1e-3, 1e-4)},
        {"learning_rate": (1e-3,)}, {"share": 0}, {"share": 1.5}, {"size": 16}, {"batch_size": 1}, {"seed": -1},
        {"views": 0}, {"views": 99}, {"architecture": "vgg"}, {"batch_norm": "maybe"}, {"frozen": False},
        {"batch_norm": "trained"},
    ],
)  # fmt: skip
def test_choices_that_no_run_can_be_made_from(wrong: dict):
    with pytest.raises(SpecError) as raised:
        RunSpec("drawn", **wrong)
    assert raised.value.sentence


@pytest.mark.parametrize(
    ("name", "lowest", "highest"),
    [
        ("epochs", 1, 200), ("size", 32, 512), ("batch_size", 2, 512), ("views", 1, 16), ("seed", 0, 2**31 - 1),
        ("split_seed", 0, 2**31 - 1),
    ],
)  # fmt: skip
def test_whole_numbers_are_taken_to_the_ends_of_their_range(name: str, lowest: int, highest: int):
    for number in (lowest, highest):
        assert getattr(RunSpec("drawn", **{name: number}), name) == number
    for number in (lowest - 1, highest + 1, float(lowest), True):
        with pytest.raises(SpecError):
            RunSpec("drawn", **{name: number})


def test_rates_and_shares_are_taken_to_the_ends_of_their_range():
    for rate in (1e-8, 10):
        assert RunSpec("drawn", learning_rate=rate).learning_rate == rate
    for rate in (0.9e-8, 10.1):
        with pytest.raises(SpecError, match="too low|too high|is not a number"):
            RunSpec("drawn", learning_rate=rate)
    assert RunSpec("drawn", share=1).share == 1.0
    assert RunSpec("drawn", share=0.01).share == 0.01


def test_by_default_a_pretrained_frozen_body_sees_augmented_photos_at_the_scale_of_its_weights():
    spec = RunSpec("drawn")
    assert (spec.pretrained, spec.frozen, spec.augment, spec.precompute) == (True, True, True, True)
    assert (spec.normalize, spec.batch_norm, spec.share, spec.starts_from) == ("model", "fixed", 1.0, "")


@pytest.mark.parametrize(
    "typed",
    [
        "0.003", "0,003", "3e-3", "3E-03", " 3e-3 ", "3e\u22123", "3e\u20133", "3\u00d710^-3", "3\u00b710\u207b\u00b3", "3*10**-3",
        "3 x 10^-3", ".003", ",003", "3e-3,", "lr=3e-3", "lr_max = 3e-3", "0.003;", "3,0e-3", "\uff13e-3",
        "\u0660\u066b\u0660\u0660\u0663", "\u06f3e-3",
    ],
)  # fmt: skip
def test_a_rate_is_understood_as_people_write_it(typed: str):
    assert RunSpec("drawn", learning_rate=typed).learning_rate == pytest.approx(0.003, abs=0)


@pytest.mark.parametrize(
    ("typed", "ends"),
    [
        ("slice(1e-6,1e-4)", [1e-6, 1e-4]), ("1e-6,1e-4", [1e-6, 1e-4]), ("slice(1e\u22126, 1e\u22124)", [1e-6, 1e-4]),
        ("max_lr=slice(1e-6,1e-4)", [1e-6, 1e-4]), ("0,001; 0,01", [1e-3, 1e-2]), ("0.001,0.01", [1e-3, 1e-2]),
        ("slice(3e-3)", [3e-4, 3e-3]), ("[1e-6,1e-4]", [1e-6, 1e-4]), ("(0.001; 0.01)", [1e-3, 1e-2]),
    ],
)  # fmt: skip
def test_a_slice_where_one_rate_is_wanted_says_where_slices_are(typed: str, ends: list[float]):
    assert read_rates(typed) == pytest.approx(ends)
    with pytest.raises(SpecError, match="two rates") as said:
        RunSpec("drawn", learning_rate=typed)
    assert "Unfreezing" in said.value.way_out


@pytest.mark.parametrize(
    "typed", ["", "fast", "3e", "1,2,3", "e-3", "3e-3 4e-3", "slice()", "--3", "inf", "0", "-0.003"]
)
def test_what_is_no_rate_is_a_sentence(typed: str):
    with pytest.raises(SpecError, match="not a learning rate|is too low|is too high|is below 0|is not a number"):
        RunSpec("drawn", learning_rate=typed)


def test_the_same_choice_is_the_same_run_and_another_is_another():
    spec = RunSpec("drawn", learning_rate="3e-3")
    assert spec.id == RunSpec("drawn", learning_rate=0.003).id
    assert spec.id != spec.but(seed=1).id
    sliced = spec.but(learning_rate=(1e-6, 1e-4))
    assert RunSpec.from_dict(sliced.to_dict()) == sliced


def test_settings_of_a_newer_version_are_not_guessed_at():
    with pytest.raises(SpecError, match="tomorrow"):
        RunSpec.from_dict({"dataset": "drawn", "tomorrow": 1})


@pytest.mark.parametrize("kind", ["cpu", "cuda", "mps"])
def test_the_lessons_runs_go_on_from_its_frozen_one(kind: str, home: Path):
    specs = defaults.default_specs(catalog.resolve("pets"), kind)
    assert list(specs) == ["frozen", "more-epochs", "unfrozen", "unfrozen-slice"]
    stage = specs.pop("frozen")
    assert stage.frozen
    assert not stage.starts_from
    assert {s.starts_from for s in specs.values()} == {stage.id}
    assert {s.seed for s in specs.values()} == {stage.seed}  # else other photos are held out
    assert [s.frozen for s in specs.values()] == [True, False, False]
    assert stage.epochs == 4
    assert [s.epochs for s in specs.values()] == [40, 1, 2]
    assert specs["unfrozen"].learning_rate == 1e-3
    assert specs["unfrozen-slice"].learning_rate == (1e-6, 1e-4)
    assert stage.architecture == ("efficientnet_lite0" if kind == "cpu" else "resnet34")
    assert stage.precompute == (kind == "cpu")


def test_a_split_as_it_came_is_another_run_and_leaves_the_ids_of_all_others():
    spec = RunSpec("drawn")
    assert 'split"' not in spec.canonical().replace("split_seed", "")
    given = spec.but(split="given")
    assert given.id != spec.id
    assert RunSpec.from_dict(given.to_dict()) == given
    with pytest.raises(SpecError, match="held out"):
        RunSpec("drawn", split="mine")


def test_another_head_is_another_run_and_leaves_the_ids_of_all_others():
    spec = RunSpec("drawn")
    assert "head" not in spec.canonical()
    linear = spec.but(head="linear")
    assert RunSpec.from_dict(linear.to_dict()) == linear
    assert linear.id != spec.id
    with pytest.raises(SpecError, match="no head"):
        RunSpec("drawn", head="mine")


def test_a_bare_power_of_ten_is_a_rate():
    for typed in ("10^-3", "10\u207b\u00b3", "10**(-3)"):
        assert read_rates(typed) == pytest.approx([1e-3])


@pytest.mark.parametrize("language", ["en", "de", "es"])
def test_a_number_however_long_is_a_sentence_in_every_language(language: str):
    """In an address somebody may write any: what cannot be a float, nor be written out, is no traceback."""
    with speaking(language), pytest.raises(SpecError) as raised:
        RunSpec("drawn", epochs=10**5000)
    assert "1.0e+5000" in raised.value.sentence


def test_what_a_spec_refuses_is_said_in_german():
    with speaking("de"), pytest.raises(SpecError) as raised:
        RunSpec("drawn", seed=-1)
    assert str(raised.value).startswith("\N{MINUS SIGN}1 als Seed: ")
