"""How a run was trained on the GPU, in words: the faster ways it let go of, and what `torch.compile` brought."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lessonkit import wording
from lessonkit.language import again, tr


def rung_words(facts: Mapping[str, Any]) -> str:
    """How a run used the GPU where it let go of something, and why; "" where it let go of nothing.

    Args:
        facts: of its status: "rung" as `training.rungs.Rung.words`, "let_go" the errors that led to it.
    """
    if not facts.get("rung"):
        return ""
    errors = list(dict.fromkeys(facts.get("let_go") or ()))
    how = again(facts["rung"])
    if errors:
        failed = "; ".join(map(again, errors))
        said = tr("It trained {how}, since faster ways failed on this GPU: {errors}.", how=how, errors=failed)
    else:
        said = tr("It trained {how}, as LESSONKIT_PLAIN asks.", how=how)
    return f" {said}"


def compiled_words(facts: Mapping[str, Any]) -> str:
    """What came of `torch.compile` in a run, as a sentence with a space before it; "" where it was not tried.

    Args:
        facts: as `training.compiling.CompileWhereItPays` leaves them.
    """
    if not facts:
        return ""
    if "problem" in facts:
        said = tr(
            "torch.compile could not take this network here ({problem}); it was trained as it is.",
            problem=facts["problem"],
        )
        return f" {said}"
    values = {"seconds": f"{facts['wait']:.0f}"}
    if "kept" not in facts:
        said = tr("torch.compile took {seconds} s, and the run ended before its gain was measured.", **values)
        return f" {said}"
    values["gain"] = wording.pointed(f"{facts['gain']:.2f}")
    if facts["kept"]:
        said = tr("torch.compile took {seconds} s and made a step {gain} times as fast, so it was kept.", **values)
    else:
        said = tr(
            "torch.compile took {seconds} s and made a step {gain} times as fast, so it was taken back.", **values
        )
    return f" {said}"
