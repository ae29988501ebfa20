"""Why a run's network says what it says: where it looked, which training photos that reminds it of, how sure.

All of it is called in the preview worker, on photos of the dataset and on a learner's own. One pass through the
network (`_see`) gives everything: its maps for Grad-CAM, their pooled features for the nearest photos, its answer.
"""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from lessonkit.analysis import embeddings as stored
from lessonkit.errors import LessonError
from lessonkit.language import tr
from lessonkit.photos import cache, catalog
from lessonkit.photos.images import open_photo, upright_size
from lessonkit.photos.progress import Report, quiet
from lessonkit.runs import MODEL, Run
from lessonkit.spec import RunSpec
from lessonkit.training import batches, models, unfamiliar
from lessonkit.training.activations import Activations
from lessonkit.training.predict import CPU, MOST_LIKELY, model_of
from lessonkit.training.setup import labelled_photos

Photo = str | bytes | Path
"""A photo of the run's dataset by its name, or any other by its file's bytes or path."""
SHOWN = 640  # pixels of the longer side on a page
ROUNDING = 1e-5  # the photo that set the threshold is familiar, whichever way its distance is summed


@dataclass
class Seen:
    """One photo, as a run's network saw it.

    Attributes:
        maps: float32 (1, channels, h', w'), what the body hands to the head; gradients can be taken to it.
        features: float32 (width,), the maps pooled. logits: (1, breeds).
        size: height and width of the photo as it is shown, pixels.
        box: top, left, bottom, right of the square the network saw, in those pixels.
        opened: the photo as it was decoded for that, maybe smaller than it is.
    """

    vocab: list[str]
    maps: Tensor
    features: np.ndarray
    logits: Tensor
    size: list[int]
    box: list[int]
    opened: Image.Image

    def top(self) -> list[list[Any]]:
        """[[breed, probability], ...], the likeliest first, MOST_LIKELY at most."""
        probabilities = torch.softmax(self.logits.detach()[0], 0).numpy()
        return [[self.vocab[i], float(probabilities[i])] for i in np.argsort(-probabilities)[:MOST_LIKELY]]


def heatmaps(run_id: str, photo: Photo, breeds: Sequence[str] | None = None) -> dict[str, Any]:
    """Where in a photo a run's network found what speaks for each of some breeds: Grad-CAM.

    Args:
        breeds: of the run's; None for the one that it answers.

    Returns:
        {"size": [height, width] of the photo as it is shown, pixels, "box": [top, left, bottom, right] of the
        middle square that the network saw, in those pixels, "maps": {breed: float16 (h', w') of 0 to 1, over that
        square; all 0 where nothing speaks for the breed}, "peak": {breed: [row, column], the pixel of the photo
        where the map is highest (where least speaks against the breed, if nothing speaks for it)}}.

    Raises:
        PhotoError: the photo does not open, or there is no such photo.
        LessonError: the run has no model, or knows no such breed.
    """
    return _heat(_see(run_id, photo), breeds)


def neighbours(
    run_id: str, photo: Photo, k: int = stored.NEAREST, breeds: Sequence[str] | None = None
) -> list[dict[str, Any]]:
    """The training photos nearest to any photo; see `lessonkit.analysis.embeddings.nearest`, which does the run's own photos.

    Raises:
        PhotoError: the photo does not open, or there is no such photo.
        LessonError: the run has no model, or the features of its photos are not made yet.
    """
    known = stored.load(run_id)
    query = photo if isinstance(photo, str) and photo in known.row else _see(run_id, photo).features
    return stored.nearest(run_id, query, k, breeds)


def answer_with_heatmap(run_id: str, name: str, photo: Photo, shown: int = SHOWN) -> dict[str, Any]:
    """What a network says of one photo and where it looked, for which nothing need be worked out before.

    Args:
        name: to answer with.
        shown: pixels of the picture's longer side, at most.

    Returns:
        {"photo": name, "top": [[breed, probability] x 5], "heatmap": as `heatmaps` of the likeliest breed,
        "picture": the photo to show, as a JPEG file's bytes}.

    Raises:
        PhotoError: the photo does not open, or there is no such photo.
        LessonError: the run has no model.
    """
    seen = _see(run_id, photo)
    picture = seen.opened
    if max(picture.size) < shown:  # maybe a JPEG that was decoded just large enough for the network
        picture = open_photo(_source(Run(run_id).spec(), photo), max_side=shown)
    picture.thumbnail((shown, shown))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=88)
    return {"photo": name, "top": seen.top(), "heatmap": _heat(seen, None), "picture": file.getvalue()}


def answer_with_neighbours(run_id: str, name: str, photo: Photo, k: int = stored.NEAREST) -> dict[str, Any]:
    """Everything there is to say of one photo, such as a learner's own.

    Args:
        name: to answer with.

    Returns:
        {"photo": name, "top": [[breed, probability] x 5], "heatmap": as `heatmaps` of the likeliest breed,
        "nearest": [{"photo", "breed", "distance"} x k], "familiar": whether the nearest training photo is as near
        as those of validation photos are (True where no threshold could be set), "distance": to it, None
        without training photos, "threshold": see `lessonkit.analysis.embeddings.familiarity`}.

    Raises:
        PhotoError: the photo does not open, or there is no such photo.
        LessonError: the run has no model, or the features of its photos are not made yet.
    """
    known = stored.load(run_id)
    seen = _see(run_id, photo)
    query = photo if isinstance(photo, str) and photo in known.row else seen.features
    near = stored.nearest(run_id, query, k)
    first = near or stored.nearest(run_id, query, 1)
    distance, most = (first[0]["distance"] if first else None), known.familiarity["threshold"]
    return {
        "photo": name,
        "top": seen.top(),
        "heatmap": _heat(seen, None),
        "nearest": near,
        "familiar": distance is None or most is None or distance <= most + ROUNDING,
        "distance": distance,
        "threshold": most,
    }


def features(run_id: str, report: Report = quiet) -> dict[str, Any]:
    """Work out the features of all photos of a run, their map and what is suspect
    among them, and the distance up to which a photo is familiar.

    Nothing happens if they are there. A body that training left as it was has most of them stored already: the
    run's own activations.

    Args:
        report: told ("photos", photos, photos) where they are not decoded yet, ("activations", photos, photos).

    Returns:
        {"photos", "train": counts, "seconds"}.

    Raises:
        LessonError: the run has no model, or its photos are not on this machine.
    """
    begun = time.perf_counter()
    run = Run(run_id)
    if not stored.ready(run_id):
        if not run.exists() or not run.status().finished or not run.path(MODEL).is_file():
            raise LessonError(
                tr("The run {run} has no model.", run=run_id), tr("Train one first, or choose a run that is done.")
            )
        _make(run, report)
    known = stored.load(run_id)
    return {"photos": len(known.photos), "train": known.train, "seconds": round(time.perf_counter() - begun, 2)}


def _make(run: Run, report: Report) -> None:
    spec, learned = run.spec(), run.weights_hash()
    photos = labelled_photos(spec, report)
    names = [*photos.train, *photos.valid]
    # The body as the run left it: what a run that goes on from it with a frozen body would see.
    pixels = Activations(photos.cache, spec.but(starts_from=run.id))
    pixels.compute(lambda: _fresh_model(spec, run), {0: names}, report)
    vectors = pixels.get(names, [0])[0].float().numpy()
    breeds = [photos.vocab[i] for part in (photos.train_targets, photos.valid_targets) for i in part.tolist()]
    strangers = _strangers(run.id)
    if not run.status().finished or run.weights_hash() != learned:
        raise LessonError(tr("This run was trained again meanwhile."), tr("Ask once more when that is done."))
    stored.save(run, names, breeds, len(photos.train), vectors, strangers)


def _strangers(run_id: str) -> dict[str, np.ndarray]:
    """Features (pictures, width) of pictures that are no pets, by what they are; a second or two on a CPU."""
    spec, _, model = model_of(run_id)
    body = models.pooled_body(model)
    found = {}
    for what, squares in unfamiliar.pictures(spec.size).items():
        batch = batches.Normalization(spec, CPU)(batches.to_float(squares, CPU))
        with torch.inference_mode():
            found[what] = body(batch.contiguous(memory_format=torch.channels_last)).numpy()
    return found


def _fresh_model(spec: RunSpec, run: Run) -> nn.Sequential:
    """A model that nobody else holds: it is moved to the device that trains."""
    model = models.build(spec, len(run.vocab()), load_pretrained=False)
    models.load_run(model, run.id)
    return model


def _see(run_id: str, photo: Photo) -> Seen:
    spec, vocab, model = model_of(run_id)
    square, size, box, opened = _square(spec, photo)
    batch = batches.Normalization(spec, CPU)(batches.to_float([square], CPU))
    body, head = model[0], models.head_of(model)
    with torch.no_grad():
        maps = body(batch.contiguous(memory_format=torch.channels_last))
    maps = maps.detach().requires_grad_()
    with torch.enable_grad():
        pooled = head[:2](maps)
        logits = head[2:](pooled)
    return Seen(vocab, maps, pooled.detach()[0].numpy(), logits, size, box, opened)


def _heat(seen: Seen, breeds: Sequence[str] | None) -> dict[str, Any]:
    wanted = [seen.top()[0][0]] if breeds is None else list(breeds)
    if unknown := [breed for breed in wanted if breed not in seen.vocab]:
        raise LessonError(
            tr("This run knows no breed “{breed}”.", breed=str(unknown[0])[:80]),
            tr("It tells {number} apart.", number=len(seen.vocab)),
        )
    maps, peaks = {}, {}
    for breed in wanted:
        evidence = grad_cam(seen.maps, seen.logits[0, seen.vocab.index(breed)])
        positive = np.maximum(evidence, 0)
        maps[breed] = (positive / (positive.max() or 1)).astype(np.float16)
        peaks[breed] = _pixel(evidence, seen.box)
    return {"size": seen.size, "box": seen.box, "maps": maps, "peak": peaks}


def grad_cam(maps: Tensor, score: Tensor) -> np.ndarray:
    """Grad-CAM before its ReLU: the maps, each weighted by the mean of the score's gradient over it.

    Selvaraju and others, "Grad-CAM", ICCV 2017, equations 1 and 2. As the model is body and head, no hook and no
    second pass is needed: the gradient is taken from the score to what the body handed over.

    Args:
        maps: (1, channels, h', w'), requiring gradients.
        score: the breed's logit, worked out from `maps`.

    Returns:
        float32 (h', w'); above 0 speaks for the breed, below against it.
    """
    (gradient,) = torch.autograd.grad(score, maps, retain_graph=True)
    weights = gradient.mean((2, 3), keepdim=True)
    return (weights * maps.detach()).sum(1)[0].numpy()


def _pixel(evidence: np.ndarray, box: Sequence[int]) -> list[int]:
    """The photo's pixel at the middle of the map's highest cell."""
    top, left, bottom, right = box
    row, column = np.unravel_index(int(evidence.argmax()), evidence.shape)
    down, across = (row + 0.5) / evidence.shape[0], (column + 0.5) / evidence.shape[1]
    return [int(top + down * (bottom - top)), int(left + across * (right - left))]


def _source(spec: RunSpec, photo: Photo) -> bytes | Path:
    if not isinstance(photo, str):
        return photo
    return catalog.resolve(spec.dataset).path(photo)


def _square(spec: RunSpec, photo: Photo) -> tuple[np.ndarray, list[int], list[int], Image.Image]:
    """What the network sees of a photo, uint8 (size, size, 3), and where that is: `size`, `box`, `opened` of `Seen`."""
    source = _source(spec, photo)
    side = cache.side_for(spec.size)
    opened = open_photo(source, enough=side)
    height, width = upright_size(source)
    fitted = cache.fitted(opened, side)
    box = _box(height, width, fitted.shape[:2], spec.size)
    return np.asarray(batches.centre(fitted, spec.size)), [height, width], box, opened


def _box(height: int, width: int, fitted: tuple[int, ...], size: int) -> list[int]:
    """The middle `size` x `size` of a photo that was fitted (its ends cut off, if it is long), in its own pixels."""
    shorter = min(height, width)
    box = []
    for whole, small in ((height, fitted[0]), (width, fitted[1])):
        kept = min(whole, cache.LONGEST * shorter)
        start = (whole - kept) / 2 + ((small - size) // 2) / small * kept
        box.append((start, start + size / small * kept))
    (top, bottom), (left, right) = box
    return [round(top), round(left), round(bottom), round(right)]
