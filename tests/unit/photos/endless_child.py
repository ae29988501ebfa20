"""In the place of `apart_child`: a decoder that never comes to an end."""

from __future__ import annotations

from lessonkit.photos import apart_child, decoding


def endless(*_: object) -> None:
    """Compute, and nothing else."""
    while True:
        pass


if __name__ == "__main__":
    decoding.open_photo = endless
    apart_child.main()
