"""Which photos are held out where that is not left to chance alone: as they came, or copies of a photo kept together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from lessonkit.errors import LessonError
from lessonkit.language import tr
from lessonkit.photos import copies, labels, own_photos
from lessonkit.photos.dataset import Dataset
from lessonkit.photos.labels import Labels

LEAST = 0.8  # of the photos to hold out: fewer in whole groups, and other ways are taken
MOST_SHARE = 1 / 3  # of all photos that may be held out so that a group of copies stays whole


def wanted(dataset: Dataset, split: str, found: Labels, seed: int) -> Mapping[str, str] | None:
    """What `labels.split` takes as `given` for a `RunSpec.split`; None for "random".

    Args:
        found: the photos' labels. seed: the spec's `split_seed`.

    Raises:
        LessonError: copies are to be kept together, but nobody looked for copies yet (`copies.find`).
    """
    if split == "given":
        return own_photos.given_halves(dataset)
    if split != "together":
        return None
    groups = copies.known(dataset.fingerprint)
    if groups is None:
        raise LessonError(
            tr("Nobody has looked for copies among these photos yet."),
            tr("Decode the photos on the page “Get the data”."),
        )
    return together(found, groups, seed)


def together(found: Labels, groups: Sequence[Sequence[str]], seed: int) -> dict[str, str]:
    """Hold out a fifth of the labelled photos at random, all copies of a photo with it; photo -> "train" or "valid".

    Every breed keeps at least one photo to train on. Where groups are so large that a fifth cannot be made of whole ones, the
    smallest that is left is held out too, up to a third in all; and where even that is none (copies of one photo, or what
    only looks so, are most of the dataset), single photos are.

    Args:
        groups: of copies, as `copies.find` gives them.
    """
    known = sorted(found.of)
    leader = {name: group[0] for group in groups for name in group}
    members: dict[str, list[str]] = {}
    for name in known:
        members.setdefault(leader.get(name, name), []).append(name)
    # One at least, as `labels.split` does: of four photos a fifth is less.
    most, left = max(1, int(labels.VALID_SHARE * len(known))), Counter(found.of.values())
    held_out: set[str] = set()
    random = np.random.default_rng(seed)
    keys = list(members)
    order = [members[keys[at]] for at in random.permutation(len(keys))]

    def hold_out(groups: Iterable[Sequence[str]], limit: int) -> None:
        for group in groups:
            taken = Counter(found.of[name] for name in group)
            if len(held_out) + len(group) <= limit and all(left[breed] > count for breed, count in taken.items()):
                held_out.update(group)
                left.subtract(taken)

    hold_out(order, most)
    if len(held_out) < LEAST * most:
        hold_out(sorted((g for g in order if held_out.isdisjoint(g)), key=len)[:1], int(MOST_SHARE * len(known)))
    if len(held_out) < LEAST * most:
        hold_out(([known[at]] for at in random.permutation(len(known)) if known[at] not in held_out), most)
    return {name: "valid" if name in held_out else "train" for name in known}


def tested_with_a_copy(dataset: Dataset, found: Labels, seed: int) -> list[str]:
    """The photos that a random split holds out although a copy of them is trained on; [] where nobody looked yet."""
    groups = copies.known(dataset.fingerprint) or []
    return copies.in_both(groups, *labels.split(list(found.of), found, seed)) if groups else []
