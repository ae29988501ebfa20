"""Photos on a page: small WebP files made once, in a grid."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from lessonkit.errors import PhotoError
from lessonkit.photos import images


def thumbnail(dataset: str, photo: str, side: int = 240) -> str | None:
    """The path of a photo's thumbnail, None when it does not open."""
    try:
        return str(images.thumbnail(dataset, photo, side))
    except PhotoError:
        return None


def picture(dataset: str, photo: str, caption: str | None = None, alt: str | None = None, side: int = 240) -> None:
    """One photo, as wide as its place; a sentence where it does not open."""
    path = thumbnail(dataset, photo, side)
    if path is None:
        st.caption(f":material/broken_image: {photo} does not open.")
    else:
        st.image(path, caption=caption, width="stretch", alt=alt or Path(photo).stem)


def grid(dataset: str, photos: Sequence[str], captions: Sequence[str] | None = None, width: int = 150) -> None:
    """Photos side by side, as many a row as fit."""
    with st.grid(min_column_width=width, gap="small"):
        for i, photo in enumerate(photos):
            picture(dataset, photo, captions[i] if captions else None)
