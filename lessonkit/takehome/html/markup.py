"""The page's pieces as HTML. What comes from a run or a file's name is text, never markup."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Sequence
from html import escape

import numpy as np
import plotly.graph_objects as go
from PIL import Image

from lessonkit.errors import PhotoError
from lessonkit.photos import catalog
from lessonkit.photos.images import open_photo

THUMBNAIL = 200  # pixels of the longer side


def section(title: str, *parts: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"


def heading(text: str) -> str:
    return f"<h3>{escape(text)}</h3>"


def words(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def figure(drawn: go.Figure, caption: str) -> str:
    html = drawn.to_html(full_html=False, include_plotlyjs=False, config={"displayModeBar": False, "responsive": True})
    return f"<figure class=chart><figcaption>{escape(caption)}</figcaption>{html}</figure>"


def table(head: Sequence[str], rows: Sequence[Sequence[str]], kind: str = "") -> str:
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class=wide><table class="{kind}"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def cards(pictures: Iterable[tuple[str, str]]) -> str:
    """Pictures with captions, both HTML already, beside one another."""
    shown = "".join(f"<figure>{image}<figcaption>{caption}</figcaption></figure>" for image, caption in pictures)
    return f"<div class=cards>{shown}</div>"


def picture(pixels: Image.Image | np.ndarray, alt: str) -> str:
    """An image, or (height, width, 3) uint8, in the page itself, as a small WebP."""
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    file = io.BytesIO()
    image.save(file, "WEBP", quality=75)
    data = base64.b64encode(file.getvalue()).decode()
    return f'<img alt="{escape(alt)}" src="data:image/webp;base64,{data}">'


def thumbnail(dataset: str, photo: str) -> str:
    """A photo of a dataset, small; a sentence in its place where it does not open."""
    try:
        return picture(open_photo(catalog.photos_folder(dataset) / photo, max_side=THUMBNAIL), photo)
    except PhotoError as problem:
        return f"<p class=gone>{escape(problem.sentence)}</p>"
