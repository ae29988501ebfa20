"""What chance decides in a training, each purpose apart: first weights, order, views, dropout.

One generator for all would tie them together: a held-out photo more or less, or a batch made earlier, would change all
that is drawn afterwards, and with it the whole run. Here each purpose has a seed of its own, which depends on the run's
seed and on the run that it goes on from, and on nothing else.
"""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from lessonkit.spec import RunSpec

WEIGHTS, ORDER, VIEWS, DROPOUT = PURPOSES = ("weights", "order", "views", "dropout")
_drawing = threading.Lock()


def seed_for(spec: RunSpec, purpose: str) -> int:
    """The seed, 0 to 2**63 - 1, of all that is drawn for one of PURPOSES in this run.

    A run that goes on from another has other batches, views and dropout than that one: else it would see the same again.
    The first weights depend on `seed` alone.
    """
    assert purpose in PURPOSES, purpose
    after = spec.starts_from if purpose != WEIGHTS else ""
    digest = hashlib.sha256(f"{purpose}/{spec.seed}/{after}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def at(spec: RunSpec, purpose: str, place: int) -> int:
    """The seed of what is drawn for one of PURPOSES in the epoch, or the batch, of this number.

    So what an epoch draws does not depend on the epochs before it: a run that goes on after a stop draws the same.
    """
    return (seed_for(spec, purpose) + place) % 2**63


def generator(spec: RunSpec, purpose: str) -> torch.Generator:
    """A generator on the CPU for one of PURPOSES."""
    return torch.Generator().manual_seed(seed_for(spec, purpose))


@contextmanager
def drawn_by(seed: int) -> Iterator[None]:
    """In here the global generators of `random` and `torch` on the CPU depend on the seed alone; afterwards they go on as before.

    One thread at a time: the generators are the process's. A GPU's own generator is left alone (`torch.manual_seed`
    would seed it too, and nothing would put it back).

    Args:
        seed: 0 to 2**63 - 1.
    """
    with _drawing:
        before = random.getstate(), torch.default_generator.get_state()
        random.seed(seed)
        torch.default_generator.manual_seed(seed)
        try:
            yield
        finally:
            random.setstate(before[0])
            torch.default_generator.set_state(before[1])
