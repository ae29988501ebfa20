"""Copies of a photo that were changed a little are found, and nothing else."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance

from lessonkit.photos import cache, catalog, copies
from lessonkit.photos.drawn.breeds import BREEDS
from lessonkit.photos.drawn.portrait import draw


def pets(each: int = 3) -> dict[str, Image.Image]:
    return {
        f"{breed}_{n}": draw(breed, 100 * i + n, 200).convert("RGB")
        for i, breed in enumerate(list(BREEDS)[:5])
        for n in range(each)
    }


def saved(image: Image.Image) -> Image.Image:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=70)
    return Image.open(out).convert("RGB")


def trimmed(image: Image.Image, left: float, top: float, part: float) -> Image.Image:
    width, height = image.size
    x, y = left * (1 - part) * width, top * (1 - part) * height
    return image.crop((int(x), int(y), int(x + part * width), int(y + part * height)))


CHANGES = {
    "saved again": saved,
    "mirrored": lambda i: i.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "brighter": lambda i: ImageEnhance.Brightness(i).enhance(1.3),
    "darker, mirrored": lambda i: ImageEnhance.Brightness(i.transpose(Image.Transpose.FLIP_LEFT_RIGHT)).enhance(0.7),
    "without colour": lambda i: i.convert("L").convert("RGB"),
    "a tenth cut off at the left": lambda i: trimmed(i, 1, 0.5, 0.9),
    "a tenth cut off below, mirrored": lambda i: trimmed(i, 0.5, 0, 0.9).transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "smaller": lambda i: i.resize((90, 90)),
}


def found(photos: dict[str, Image.Image]) -> list[list[str]]:
    return copies.groups(list(photos), [copies.grey(np.asarray(image)) for image in photos.values()])


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_copy_is_found_and_no_other_photo(change: str) -> None:
    photos = pets()
    name = next(iter(photos))
    assert found(photos | {"copy": CHANGES[change](photos[name])}) == [sorted([name, "copy"])]


def test_different_photos_are_no_copies() -> None:
    assert found(pets(6)) == []


def test_copies_of_copies_are_one_group() -> None:
    photos = pets(1)
    name = next(iter(photos))
    one = trimmed(photos[name], 1, 1, 0.92)
    more = {"z1": one, "z2": CHANGES["mirrored"](one), "z3": CHANGES["brighter"](photos[name])}
    assert found(photos | more) == [sorted([name, *more])]


def discs(number: int) -> dict[str, Image.Image]:
    """A dark disc on a light ground each, of another size, at another place."""
    y, x = np.mgrid[0:96, 0:96] / 96
    found = {}
    for n, (left, top, radius) in enumerate(
        np.random.default_rng(0).uniform((0.4, 0.4, 0.2), (0.6, 0.6, 0.35), (number, 3))
    ):
        inside = (x - left) ** 2 + (y - top) ** 2 < radius**2
        found[f"disc_{n}"] = Image.fromarray(np.where(inside, 40 + n, 220).astype(np.uint8)).convert("RGB")
    return found


def test_pictures_of_little_detail_are_copies_only_where_they_are_the_same() -> None:
    photos = discs(40)
    assert found(photos) == []
    assert found(photos | {"same": CHANGES["brighter"](photos["disc_7"])}) == [["disc_7", "same"]]


def gradients(number: int) -> dict[str, Image.Image]:
    """From one grey to another, each in a direction of its own, with a camera's noise."""
    y, x = np.mgrid[0:96, 0:96] / 96
    random = np.random.default_rng(1)
    found = {}
    for n in range(number):
        turned, dark, light = random.uniform(0, 2 * np.pi), *random.uniform((0, 150), (100, 250))
        ramp = dark + (light - dark) * (0.5 + (np.cos(turned) * (x - 0.5) + np.sin(turned) * (y - 0.5)) / 1.5)
        noisy = np.clip(ramp + random.normal(0, 6, ramp.shape), 0, 255)
        found[f"gradient_{n}"] = Image.fromarray(noisy.astype(np.uint8)).convert("RGB")
    return found


def blobs(number: int, each: int) -> dict[str, Image.Image]:
    """Ovals on one colour each, of other sizes, at other places."""
    random = np.random.default_rng(each)
    found = {}
    for n in range(number):
        image = Image.new("RGB", (96, 96), tuple(random.integers(0, 255, 3).tolist()))
        for _ in range(each):
            x, y, wide, high = random.uniform((24, 24, 9, 9), (72, 72, 36, 36))
            colour = tuple(random.integers(0, 255, 3).tolist())
            ImageDraw.Draw(image).ellipse((x - wide, y - high, x + wide, y + high), fill=colour)
        found[f"blob_{each}_{n}"] = image
    return found


@pytest.mark.parametrize("photos", [gradients(80), blobs(80, 1), blobs(80, 3)], ids=["gradients", "an oval", "ovals"])
def test_pictures_of_simple_shapes_are_hardly_ever_called_copies(photos: dict[str, Image.Image]) -> None:
    assert sum(map(len, found(photos))) <= 0.05 * len(photos)


def test_copies_turned_a_little_and_cut_are_found_too() -> None:
    photos = pets(4)
    turned = {
        f"{name}_": trimmed(image.rotate(3, Image.Resampling.BICUBIC), 0.3, 0.7, 0.92) for name, image in photos.items()
    }
    groups = found(photos | turned)
    assert len([group for group in groups if len(group) == 2 and group[0] + "_" == group[1]]) >= 0.9 * len(photos)
    assert all(len({name.rstrip("_") for name in group}) == 1 for group in groups)


def test_groups_do_not_grow_by_chains() -> None:
    """A camera that moves on: each picture is like the next, the first is not like the last."""
    ground = np.asarray(Image.effect_noise((40, 8), 90).resize((1200, 240), Image.Resampling.BICUBIC))
    still = pets()
    moving = {f"moved_{n:02}": Image.fromarray(ground[:, 12 * n : 12 * n + 240]).convert("RGB") for n in range(40)}
    groups = found(still | moving)
    assert max(map(len, groups)) < 20


def test_pictures_of_one_colour_are_like_no_other() -> None:
    plain = {str(n): Image.new("RGB", (64, 64), (n * 40,) * 3) for n in range(4)}
    assert found(plain) == []
    assert found({}) == []
    assert found({"alone": Image.new("RGB", (9, 9))}) == []


def test_real_photos_hold_the_one_that_is_there_twice(pets_archive: Path, tmp_path: Path) -> None:
    import tarfile

    with tarfile.open(pets_archive) as archive:
        archive.extractall(tmp_path, filter="data")
    paths = sorted(tmp_path.rglob("*.jpg"))
    greys = [copies.grey(np.asarray(Image.open(path).convert("RGB"))) for path in paths]
    assert copies.groups([path.name for path in paths], greys) == [
        ["german_shorthaired_179.jpg", "german_shorthaired_19.jpg"]
    ]


def test_what_was_found_is_kept_with_the_decoded_photos(drawn_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LESSONKIT_HOME", str(drawn_home))
    pixels = cache.build(catalog.resolve("drawn"), 48)
    told = []
    first = copies.find(pixels, lambda *of: told.append(of))
    assert told[-1] == ("copies", len(pixels), len(pixels))
    monkeypatch.setattr(copies, "groups", lambda *_: pytest.fail("it was known"))
    assert copies.find(pixels) == first == copies.known(catalog.resolve("drawn").fingerprint)


def test_those_held_out_with_a_copy_in_training_are_counted() -> None:
    groups = [["a", "b"], ["c", "d", "e"]]
    assert copies.in_both(groups, train=["a", "x", "c"], valid=["b", "d", "e", "y"]) == ["b", "d", "e"]
    assert copies.in_both(groups, train=["a", "b"], valid=["c", "d"]) == []
