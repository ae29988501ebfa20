"""The folder of the app: the templates beside this file, filled with what a run has learned, in a zip."""

from __future__ import annotations

import io
import json
import zipfile
from importlib.metadata import version
from importlib.resources import files
from string import Template

from lessonkit.architectures import ARCHITECTURES
from lessonkit.language import tr, trn
from lessonkit.lesson.literals import code_span
from lessonkit.takehome import lineage
from lessonkit.takehome.lineage import Stage
from lessonkit.takehome.onnx_model import onnx_file
from lessonkit.wording import PERCENT, percent

FOLDER = "pet-app"
NEEDED = ("streamlit", "onnxruntime", "numpy", "pillow")
_LONGEST_TITLE = 60  # characters
_DATE = (1980, 1, 1, 0, 0, 0)  # not now: the same run is the same file


def app(run_id: str) -> bytes:
    """A zip of FOLDER: app.py (Streamlit), model.onnx, requirements.txt, a Dockerfile, and a README for a Space.

    What the app and the README say is in the language of now.

    Raises:
        LessonError: as `onnx_file`.
    """
    stage = lineage.stage(lineage.finished(run_id))
    contents = {
        "README.md": _readme(stage),
        "app.py": _app(),
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


def _app() -> str:
    """The app's code, its texts as Python writes them."""
    breed, share = "{notes['vocab'][best[0]]}", f"{{100 * probabilities[best[0]]:.0f}}{PERCENT}"
    # The places of this one are the app's own code: it becomes an f-string.
    answer = tr("{breed}, the model says, at {share}.", breed=breed, share=share)
    return Template(_template("app.py")).substitute(
        title=_quoted(tr("What's your pet?")),
        upload=_quoted(tr("A photo of a pet")),
        not_opened=_quoted(tr("This file cannot be opened as a photo. Try another one.")),
        answer=f"f{_quoted(answer)}",
        breed=_quoted(tr("breed")),
        probability=_quoted(tr("probability")),
        knows=_quoted(
            tr(
                "It knows the breeds that it was trained on and no others: it names one of them whatever the photo shows."
            )
        ),
    )


def _quoted(text: str) -> str:
    """A text in double quotes, for Python and for YAML."""
    return json.dumps(text, ensure_ascii=False)


def _readme(stage: Stage) -> str:
    """The README; what learners named is text in its YAML (JSON's quotes are YAML's) and in its Markdown."""
    about = stage.dataset.description
    question, title = tr("What's your pet?"), lineage.shown_title(stage.dataset)
    licence = about.licence if about.own else tr(about.licence)
    return Template(_template("README.md")).substitute(
        title=_quoted(f"{question} {title}"[:_LONGEST_TITLE]),
        short=_quoted(tr("Names the breed of the pet on a photo")),
        heading=question,
        what=tr("A model that names the breed of the pet on a photo, and a small app around it."),
        dataset=tr(
            "**Learned from:** {dataset}. The network is {network}.",
            dataset=f"{code_span(title)} ({licence.rstrip('.')})",
            network=ARCHITECTURES[stage.spec.architecture].title,
        ),
        error_rate=trn(
            "**Error rate:** {share} on {n} photo that it had not seen.",
            "**Error rate:** {share} on {n} photos that it had not seen.",
            len(stage.frame),
            share=percent(stage.error_rate),
        ),
        breeds=tr("**Breeds:** {breeds}", breeds=", ".join(map(code_span, stage.run.vocab()))),
        knows=tr("It names one of these breeds whatever a photo shows. Photos that are given to the app are not kept."),
        start=tr("Start it here"),
        start_how=tr("You need Python 3.11 or newer. In this folder:"),
        show=tr("Show it to everybody"),
        show_1=tr(
            "Make an account at Hugging Face, and there a new Space. Choose the SDK *Docker*, and the template *Blank*."
        ),
        show_2=tr(
            "On its page *Files*, upload all files of this folder. This README's first lines tell the Space what to do."
        ),
        show_3=tr("It builds for some minutes, then the app is there."),
        address=tr("Whoever has its address can give it photos, and can download the model."),
        files=tr("The files"),
        files_what=tr(
            "`app.py` is the app, `model.onnx` the model, with its breeds and how it wants a photo in its metadata.\n"
            "`requirements.txt` says what is to be installed, `Dockerfile` how a Space starts it."
        ),
    )
