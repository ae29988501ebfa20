"""Which photos are held out where that is not left to chance alone: as they came, or copies of a photo kept together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from lessonkit.errors import LessonError
from lessonkit.photos import copies, imported, labels
from lessonkit.photos.dataset import Dataset
from lessonkit.photos.labels import Labels


def wanted(dataset: Dataset, split: str, found: Labels, seed: int) -> Mapping[str, str] | None:
    """What `labels.split` takes as `given` for a `RunSpec.split`; None for "random".

    Args:
        found: the photos' labels. seed: the spec's `split_seed`.

    Raises:
        LessonError: copies are to be kept together, but nobody looked for copies yet (`copies.find`).
    """
    if split == "given":
        return imported.given_halves(dataset)
    if split != "together":
        return None
    groups = copies.known(dataset.fingerprint)
    if groups is None:
        raise LessonError(
            "Nobody has looked for copies among these photos yet.", "Decode the photos on the page “Get the data”."
        )
    return together(found, groups, seed)


def together(found: Labels, groups: Sequence[Sequence[str]], seed: int) -> dict[str, str]:
    """Hold out a fifth of the labelled photos at random, all copies of a photo with it; photo -> "train" or "valid".

    Every breed keeps at least one photo to train on. Fewer than a fifth are held out where the last group drawn is too
    large.

    Args:
        groups: of copies, as `copies.find` gives them.
    """
    known = sorted(found.of)
    leader = {name: group[0] for group in groups for name in group}
    members: dict[str, list[str]] = {}
    for name in known:
        members.setdefault(leader.get(name, name), []).append(name)
    most, left = int(labels.VALID_SHARE * len(known)), Counter(found.of.values())
    held_out: set[str] = set()
    order = list(members)
    for at in np.random.default_rng(seed).permutation(len(order)):
        group = members[order[at]]
        taken = Counter(found.of[name] for name in group)
        if len(held_out) + len(group) <= most and all(left[breed] > count for breed, count in taken.items()):
            held_out.update(group)
            left -= taken
    return {name: "valid" if name in held_out else "train" for name in known}


def tested_with_a_copy(dataset: Dataset, found: Labels, seed: int) -> list[str]:
    """The photos that a random split holds out although a copy of them is trained on; [] where nobody looked yet."""
    groups = copies.known(dataset.fingerprint) or []
    return copies.in_both(groups, *labels.split(list(found.of), found, seed)) if groups else []
