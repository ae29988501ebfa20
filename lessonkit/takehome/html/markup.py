"""What the page's templates take: pictures within the page, charts, and Jinja's environment that escapes all else."""

from __future__ import annotations

import base64
import functools
import io
from collections.abc import Sequence
from dataclasses import dataclass

import jinja2
import numpy as np
import plotly.graph_objects as go
from markupsafe import Markup
from PIL import Image

from lessonkit import language, wording
from lessonkit.errors import PhotoError
from lessonkit.photos.dataset import Dataset
from lessonkit.photos.images import open_photo

THUMBNAIL = 200  # pixels of the longer side


@dataclass(frozen=True)
class Card:
    """A picture with its caption.

    Attributes:
        alt: what the picture shows, for those who do not see it.
        src: the picture as a data URL; "" where there is none.
        problem: why there is none, as a sentence; "" where nobody need know.
        title, text, small: the caption: what is bold in it, what follows, the small lines under it.
    """

    alt: str
    src: str = ""
    problem: str = ""
    title: str = ""
    text: str = ""
    small: Sequence[str] = ()


@functools.cache
def environment() -> jinja2.Environment:
    """Jinja as the page uses it: every text is escaped, and a name that is not given is an error."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("lessonkit.takehome.html", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"percent": wording.percent, "loss": wording.loss}
    return made


def chart(figure: go.Figure) -> Markup:
    """A figure as HTML that the page's own copy of plotly draws."""
    config = {"displayModeBar": False, "responsive": True}
    return Markup(figure.to_html(full_html=False, include_plotlyjs=False, config=config))


def data_url(pixels: Image.Image | np.ndarray) -> str:
    """An image, or (height, width, 3) uint8, as a small WebP within a URL."""
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    file = io.BytesIO()
    image.save(file, "WEBP", quality=75)
    return f"data:image/webp;base64,{base64.b64encode(file.getvalue()).decode()}"


def thumbnail(dataset: Dataset, photo: str) -> dict[str, str]:
    """The `src` of a card of a dataset's photo, small; its `problem` where the photo does not open."""
    try:
        return {"src": data_url(open_photo(dataset.path(photo), max_side=THUMBNAIL))}
    except PhotoError as problem:
        return {"problem": language.again(problem.sentence)}
