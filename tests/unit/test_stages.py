"""The stages of long work: what the code reports is what pages and progress bars have words and units for."""

from __future__ import annotations

import ast

from docs.imports import files
from lessonkit import stages


def reported() -> set[str]:
    """Every stage that some code names in a call of a `Report`, or hands to a callback that reports it."""
    found = set()
    for path in files().values():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                words = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
                first = getattr(node.args[0], "id", "") if node.args else ""
                if name in ("report", "tell", "ReportSteps") or (name == "partial" and first == "report"):
                    found.update(words)
                elif name == "Kind":  # of a download: what it is called, and the stage that it reports
                    found.update(words[1:2])
    return found


def test_every_stage_that_is_reported_has_words_and_no_other():
    assert reported() | {""} == set(stages.STAGES)


def test_a_stage_of_a_newer_version_says_its_name():
    assert stages.stage("polishing") == stages.Stage("polishing")
