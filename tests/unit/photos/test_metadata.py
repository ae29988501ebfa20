"""What a photo says beside the picture is not kept: where it was taken, when, with which camera."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from lessonkit.photos.decoding import open_photo
from lessonkit.photos.metadata import without_metadata

CAMERA, PLACE, SOFTWARE = "SecretCamera9000", "48.1374", "SecretEditor"
XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><exif:GPSLatitude>{PLACE}</exif:GPSLatitude></x:xmpmeta>'.encode()


def exif(orientation: int = 1) -> Image.Exif:
    found = Image.Exif()
    found[0x010F], found[0x0131], found[0x0112] = CAMERA, SOFTWARE, orientation
    found.get_ifd(0x8825).update({1: "N", 2: (48.0, 8.0, 14.6), 29: "2024:05:01"})
    return found


def photo() -> Image.Image:
    """Red at the left, blue at the right, and fine grain."""
    image = Image.new("RGB", (80, 40), (230, 30, 30))
    image.paste((30, 30, 230), (40, 0, 80, 40))
    return Image.blend(image, Image.effect_noise((80, 40), 60).convert("RGB"), 0.2)


def encoded(kind: str, orientation: int = 1, **more: object) -> bytes:
    out = io.BytesIO()
    photo().save(out, kind, exif=exif(orientation), **more)
    return out.getvalue()


KINDS = {
    "JPEG": {"xmp": XMP, "comment": SOFTWARE.encode()},
    "progressive": {"progressive": True, "xmp": XMP},
    "PNG": {},
    "WEBP": {"xmp": XMP},
    "HEIF": {"xmp": XMP},
    "AVIF": {"xmp": XMP},
    "TIFF": {},
}


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize("kind", KINDS)
def test_the_picture_stays_and_what_is_said_beside_it_goes(kind: str, orientation: int) -> None:
    data = encoded("JPEG" if kind == "progressive" else kind, orientation, **KINDS[kind])
    assert CAMERA.encode() in data, "it is there before"
    plain = without_metadata(data)
    for secret in (CAMERA, PLACE, SOFTWARE, "2024:05:01"):
        assert secret.encode() not in plain, f"{secret} is still in it"
    with Image.open(io.BytesIO(plain)) as image:
        assert dict(image.getexif().get_ifd(0x8825)) == {}
    before, after = open_photo(data, None, None), open_photo(plain, None, None)
    assert after.size == before.size
    assert after.tobytes() == before.tobytes()


def test_a_motion_photos_film_and_a_second_picture_are_cut_off() -> None:
    data = encoded("JPEG")
    film = b"\0\0\0\x18ftypmp42" + PLACE.encode() * 50
    assert without_metadata(data + encoded("JPEG") + film) == without_metadata(data)


def test_a_colour_profile_stays() -> None:
    profile = b"a profile " * 30
    for kind in ("JPEG", "WEBP"):
        with Image.open(io.BytesIO(without_metadata(encoded(kind, icc_profile=profile)))) as image:
            assert image.info["icc_profile"] == profile


def test_a_missing_end_mark_is_put_there() -> None:
    data = encoded("JPEG")
    assert without_metadata(data[:-2]) == without_metadata(data)


def test_a_photo_without_such_data_keeps_its_picture() -> None:
    for kind in ("JPEG", "PNG", "WEBP", "GIF", "BMP"):
        out = io.BytesIO()
        photo().save(out, kind)
        plain = without_metadata(out.getvalue())
        assert open_photo(plain, None, None).tobytes() == open_photo(out.getvalue(), None, None).tobytes()
