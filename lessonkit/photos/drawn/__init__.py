"""A teaching set drawn on the machine: twelve breeds, from parameters, for a class with no network."""

from lessonkit.photos.drawn.breeds import BREEDS, CLOSE_PAIRS
from lessonkit.photos.drawn.dataset import draw_dataset
from lessonkit.photos.drawn.portrait import draw

__all__ = ["BREEDS", "CLOSE_PAIRS", "draw", "draw_dataset"]
