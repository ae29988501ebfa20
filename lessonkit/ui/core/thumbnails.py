"""Photos on a page: small WebP files made once, in a grid."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from PIL.Image import Image, fromarray

from lessonkit.errors import DiskError, PhotoError
from lessonkit.language import tr
from lessonkit.photos import images
from lessonkit.photos.dataset import Dataset
from lessonkit.ui.core import state
from lessonkit.ui.core.routes import thumbnail_url

SIDE, LARGE = 240, 480  # pixels of a photo's longer side: in a grid, and where it stands alone or a room looks at it


def thumbnail(dataset: Dataset, photo: str, side: int = SIDE) -> str | Image | None:
    """The address of a photo's thumbnail, or the small photo itself where the disk takes none; None when it does not open."""
    try:
        return thumbnail_url(images.thumbnail(dataset, photo, side))
    except DiskError:
        return images.open_photo(dataset.path(photo), max_side=side)
    except PhotoError:
        return None


def jpeg(pixels: np.ndarray) -> bytes:
    """Pixels, (height, width, 3) uint8, as a JPEG: `st.image` would make one of an array on each run of a page."""
    packed = io.BytesIO()
    fromarray(pixels).save(packed, "JPEG", quality=90)
    return packed.getvalue()


def picture(dataset: Dataset, photo: str, caption: str | None = None, alt: str | None = None, side: int = SIDE) -> None:
    """One photo, as wide as its place; a sentence where it does not open."""
    shown = thumbnail(dataset, photo, LARGE if state.get("large") else side)
    if shown is None:
        st.caption(tr(":material/broken_image: {photo} does not open.", photo=photo))
    else:
        st.image(shown, caption=caption, width="stretch", alt=alt or Path(photo).stem)


def cards() -> AbstractContextManager[Any]:
    """A place for cards with a photo each and what is said of it: three a row, and one a row on a phone (`frame.STYLE`).

    Each is a container whose key begins with `card_`.
    """
    return st.grid(3, min_column_width=100, wrap=False, gap="small")


def filled(photos: int) -> int:
    """How many columns of photos leave the fewest places of the last row empty: 3 to 5, or 5 where one row does for all."""
    if photos <= 5:
        return 5
    return max((3, 4, 5), key=lambda columns: ((photos - 1) % columns + 1 == columns, (photos - 1) % columns, columns))


def grid(
    dataset: Dataset,
    photos: Sequence[str],
    captions: Sequence[str] | None = None,
    width: int = 150,
    choose: Callable[[str], None] | None = None,
    key: str = "",
) -> None:
    """Photos side by side, as many a row as fit and fill the rows.

    Args:
        choose: called with a photo whose button “Look at it” is clicked; None for no buttons.
        key: tells the buttons of one grid from those of another.
    """
    columns = filled(len(photos))
    with st.grid(columns, min_column_width=min(width, 105) if columns == 3 else width, gap="small"):
        for i, photo in enumerate(photos):
            with st.container(gap="xsmall"):
                picture(dataset, photo, captions[i] if captions else None)
                if choose is not None:
                    st.button(
                        tr("Look at it"),
                        key=f"{key}_{photo}",
                        width="stretch",
                        on_click=choose,
                        args=(photo,),
                        type="tertiary",
                    )
