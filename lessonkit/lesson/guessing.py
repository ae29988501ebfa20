"""Ten photos to guess, with wrong answers that look like the right one."""

from __future__ import annotations

import itertools
import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass

PHOTOS, CHOICES = 10, 4

KINDS: tuple[frozenset[str], ...] = tuple(
    frozenset(names.split())
    for names in (
        "Birman Ragdoll Siamese",  # pale, with dark faces and blue eyes
        "Birman Ragdoll Persian Maine_Coon",  # long-haired cats
        "Abyssinian Bengal Egyptian_Mau",  # spotted and ticked coats
        "British_Shorthair Russian_Blue Bombay",  # short-haired, of one dark colour
        "Sphynx Siamese Abyssinian Russian_Blue",  # slender cats with large ears
        "american_bulldog american_pit_bull_terrier staffordshire_bull_terrier boxer",
        "boxer pug american_bulldog",  # flat faces
        "beagle basset_hound german_shorthaired",  # hounds
        "english_setter english_cocker_spaniel german_shorthaired basset_hound",  # hunting dogs with hanging ears
        "samoyed pomeranian keeshond shiba_inu great_pyrenees",  # spitz dogs, and one as white
        "saint_bernard leonberger newfoundland great_pyrenees",  # very large dogs
        "chihuahua miniature_pinscher pug",  # small and short-haired
        "havanese yorkshire_terrier japanese_chin pomeranian",  # small and long-haired
        "scottish_terrier wheaten_terrier yorkshire_terrier havanese",  # rough and shaggy coats
    )
)
"""Breeds of Oxford's photos, and of the drawn ones, that people take for one another."""


@dataclass(frozen=True)
class Question:
    """A photo, its breed, and the breeds to choose from, the right one among them."""

    photo: str
    breed: str
    choices: tuple[str, ...]


def questions(
    of: Mapping[str, str],
    held_out: Collection[str],
    leave_out: Collection[str] = (),
    seed: str = "",
    number: int = 1,
    likeness: Mapping[str, Mapping[str, float]] | None = None,
) -> list[Question]:
    """The ten questions of a round: its photos are the same for all learners of a class.

    All are photos that the lesson's own runs hold out, so that a model can be asked the same; others only where there are
    not ten of those. No photo of an earlier round comes again while there are others, and no breed comes twice while there
    are others with photos left. The wrong answers are the breeds that are most alike, of the same species: to a model where
    `likeness` knows the breed, else those that share most groups of KINDS. Breeds that are in no group, as in somebody's
    own photos, are drawn at random until there is a model.

    Args:
        of: photo -> breed.
        held_out: photos of them.
        leave_out: photos that are not asked, such as those with a wrong label.
        seed: which photos come in which round. number: of the round, from 1.
        likeness: breed -> other breed -> how alike they are, as `analysis.look_alikes.likeness`; None where there is no model.
    """
    breeds = sorted(set(of.values()))
    rng = random.Random(seed)
    out = []
    for photo in _photos(of, held_out, leave_out, number, rng):
        breed = of[photo]
        others = rng.sample([b for b in breeds if b != breed], len(breeds) - 1)
        others.sort(key=lambda b: (_another_species(breed, b), -_to_a_model(likeness, breed, b), -_to_people(breed, b)))
        choices = [breed, *others[: CHOICES - 1]]
        rng.shuffle(choices)
        out.append(Question(photo, breed, tuple(choices)))
    return out


PAIRS = 4


def pairs(breeds: Collection[str], counts: Mapping[tuple[str, str], int], seed: str = "") -> list[tuple[str, str]]:
    """Pairs of breeds to guess from which a model confused most: that pair, and others that look alike but were confused less.

    Args:
        counts: pair, its names in their order -> photos of either taken for the other.
        seed: in which order they come.

    Returns:
        PAIRS of them, fewer where there are not as many; [] where nothing was confused.
    """
    most = max(counts.values(), default=0)
    if not most:
        return []
    top = min(pair for pair, photos in counts.items() if photos == most)
    rng = random.Random(seed)
    others = [pair for pair in itertools.combinations(sorted(breeds), 2) if counts.get(pair, 0) < most]
    rng.shuffle(others)
    others.sort(key=lambda pair: (_another_species(*pair), -_to_people(*pair)))
    found = [top, *others[: PAIRS - 1]]
    rng.shuffle(found)
    return found


def look_alikes(
    of: Mapping[str, str],
    held_out: Collection[str],
    leave_out: Collection[str] = (),
    seed: str = "",
    likeness: Mapping[str, Mapping[str, float]] | None = None,
) -> tuple[str, str] | None:
    """A photo each of the two breeds that are hardest to tell apart, in any order; None where there are not two breeds.

    They are the two of one species that are most alike: to a model where there is one, else to people by KINDS, else the
    first two by name. The photos are not among those that `questions` asks for, as long as there are others.

    Args:
        of, held_out, leave_out, likeness: as in `questions`.
        seed: which photos, and which of them comes first.
    """
    asked = set(held_out)
    photos: dict[str, list[str]] = {}
    for name in sorted(of.keys() - set(leave_out)):
        photos.setdefault(of[name], []).append(name)
    pairs = itertools.combinations(sorted(photos), 2)
    alike = min(
        pairs,
        key=lambda pair: (_another_species(*pair), -_to_a_model(likeness, *pair), -_to_people(*pair), pair),
        default=None,
    )
    if alike is None:
        return None
    rng = random.Random(seed)
    chosen = [rng.choice([name for name in photos[breed] if name not in asked] or photos[breed]) for breed in alike]
    first, second = rng.sample(chosen, 2)
    return first, second


def _photos(
    of: Mapping[str, str], held_out: Collection[str], leave_out: Collection[str], number: int, rng: random.Random
) -> list[str]:
    """The photos of a round; one comes twice only where there are not ten."""
    asked = [name for name in of if name in set(held_out) - set(leave_out)]
    if len(asked) < PHOTOS:
        asked += [name for name in of if name not in {*asked, *leave_out}][: PHOTOS - len(asked)]
    left: dict[str, list[str]] = {}
    now: list[str] = []
    for _ in range(number):
        now = []
        while len(now) < PHOTOS and asked:
            if not any(left.values()):
                left = {}
                for name in rng.sample(asked, len(asked)):
                    left.setdefault(of[name], []).append(name)
            breeds = sorted(breed for breed, names in left.items() if names)
            asked_of = {of[name] for name in now}
            order = sorted(rng.sample(breeds, len(breeds)), key=asked_of.__contains__)
            for breed in order[: PHOTOS - len(now)]:
                photo = left[breed].pop()
                if photo not in now or len(asked) < PHOTOS:  # else it would come twice where the photos begin again
                    now.append(photo)
    return now


def _to_a_model(likeness: Mapping[str, Mapping[str, float]] | None, breed: str, other: str) -> float:
    return (likeness or {}).get(breed, {}).get(other, 0.0)


def _to_people(breed: str, other: str) -> int:
    return sum({breed, other} <= kind for kind in KINDS)


def _another_species(breed: str, other: str) -> bool:
    """Whether one is a cat and one a dog; False where that is not known. Of Oxford's names a cat's has a capital letter."""
    return {breed, other} <= _KNOWN and breed[:1].isupper() != other[:1].isupper()


_KNOWN = frozenset().union(*KINDS)
