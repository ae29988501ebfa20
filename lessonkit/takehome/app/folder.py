"""The folder of the app: the templates beside this file, filled with what a run has learned, in a zip."""

from __future__ import annotations

import io
import json
import zipfile
from importlib.metadata import version
from importlib.resources import files
from string import Template

from lessonkit.architectures import ARCHITECTURES
from lessonkit.lesson.literals import code_span
from lessonkit.takehome import lineage
from lessonkit.takehome.lineage import Stage
from lessonkit.takehome.onnx_model import onnx_file
from lessonkit.wording import percent

FOLDER = "pet-app"
NEEDED = ("streamlit", "onnxruntime", "numpy", "pillow")
_LONGEST_TITLE = 60  # characters
_DATE = (1980, 1, 1, 0, 0, 0)  # not now: the same run is the same file


def app(run_id: str) -> bytes:
    """A zip of FOLDER: app.py (Streamlit), model.onnx, requirements.txt, a Dockerfile, and a README for a Space.

    Raises:
        LessonError: as `onnx_file`.
    """
    stage = lineage.stage(lineage.finished(run_id))
    contents = {
        "README.md": _readme(stage),
        "app.py": _template("app.py"),
        "requirements.txt": "".join(f"{name}=={version(name)}\n" for name in NEEDED),
        "Dockerfile": _template("Dockerfile"),
        "model.onnx": onnx_file(run_id),
    }
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(zipfile.ZipInfo(f"{FOLDER}/{name}", _DATE), content, zipfile.ZIP_DEFLATED)
    return zipped.getvalue()


def _template(name: str) -> str:
    return files("lessonkit.takehome.app").joinpath("template", f"{name}.txt").read_text(encoding="utf-8")


def _readme(stage: Stage) -> str:
    """The README; what learners named is text in its YAML (JSON's quotes are YAML's) and in its Markdown."""
    about = stage.dataset.description
    return Template(_template("README.md")).substitute(
        title=json.dumps(f"What's your pet? {about.title}"[:_LONGEST_TITLE], ensure_ascii=False),
        dataset=f"{code_span(about.title)} ({about.licence.rstrip('.')})",
        architecture=ARCHITECTURES[stage.spec.architecture].title,
        error_rate=percent(stage.error_rate),
        photos=len(stage.frame),
        breeds=", ".join(map(code_span, stage.run.vocab())),
    )
