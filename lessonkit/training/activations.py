"""The frozen body's outputs, computed once and kept: what fast.ai's first courses called `precompute=True`.

Of each photo the pooled features (maxima and means of the body's maps) of some views: view 0 is the middle, as
validation sees it, those from 1 on are augmented (`RunSpec.views` says how many train). Kept per photos, architecture,
size, normalization and body, so that another seed, learning rate or twenty more epochs only train the head. Only what
is asked for is computed; what was computed stays when a run is stopped or killed.

What views cost and gain, measured: each is one pass of the body over the training photos. On 590 photos of 37 breeds,
over 24 to 30 splits, the differences between 1, 2, 3 and 4 views stayed within twice their standard errors (in
brackets): after four epochs 20.2, 20.9, 20.3 and 20.2 % of the photos held out were wrong (0.5), 24.3, 24.1, 24.0 and
24.1 % of augmented views of these (0.3), 27.8, 26.8, 28.7 and 28.6 % of 325 photos of three hard breeds from outside
(1.1); after twenty epochs, over 12 splits, 18.9, 19.2, 19.5 and 18.8 % (0.7), at a loss of 0.69, 0.69, 0.70 and 0.66.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from lessonkit import config
from lessonkit.architectures import ARCHITECTURES
from lessonkit.language import translatable
from lessonkit.machine import cores
from lessonkit.photos.cache import PhotoCache
from lessonkit.photos.progress import Report, quiet
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.storage import disk_problem, is_disk_problem, locked, need_space
from lessonkit.training import batches, device, models
from lessonkit.training.augmentation import Augment
from lessonkit.training.draws import drawn_by
from lessonkit.training.feature_files import FeatureFiles

CHUNK = 32  # photos; a chunk's random draws depend on its place alone, not on what was asked for before
CHUNKS_A_FLUSH = 16  # so many may be lost to a power cut or a kill
# On a CPU a chunk is dealt out to the cores, a thread each: on two cores 216 to 227 photos a second, where two threads
# on each layer made 162 to 192.
MOST_A_CORE, LEAST_A_CORE = 16, 4  # photos
VERSION = 2  # of the views; raise it when they are made in another way


def body_of(spec: RunSpec) -> str:
    """What decides the frozen body's weights: what the run learned that last changed them, else pretrained, or the seed."""
    if spec.starts_from:
        run = Run(spec.starts_from)
        parent = run.spec()
        changed = not parent.frozen or parent.batch_norm == "trained"
        return f"{run.id}-{run.weights_hash()}" if changed else body_of(parent)
    return "pretrained" if spec.pretrained else f"random-{spec.seed}"


class Activations:
    """The stored features of one dataset under one body.

    Args:
        cache: the photos. spec: size, architecture, normalization, and where the body comes from.
    """

    def __init__(self, cache: PhotoCache, spec: RunSpec):
        self.cache, self.spec = cache, spec
        self.width = 2 * ARCHITECTURES[spec.architecture].features
        facts = [cache.folder.name, spec.architecture, spec.size, spec.normalize, body_of(spec), VERSION]
        key = hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]
        # its name begins with the photos' fingerprint, by which `photos.leftovers` finds it
        self.folder: Path = config.cache_folder() / "activations" / f"{cache.folder.name[:16]}-{key}"
        self._row = {name: i for i, name in enumerate(cache.names)}

    def get(self, photos: Sequence[str], views: Sequence[int]) -> Tensor:
        """Features computed before, float16 (views, photos, 2 * features), in memory."""
        rows = np.array([self._row[p] for p in photos])
        order = np.argsort(rows)  # read in the file's order
        out = np.empty((len(views), len(rows), self.width), np.float16)
        for i, view in enumerate(views):
            out[i, order] = self._files(view).read(rows[order])
        return torch.from_numpy(out)

    def compute(
        self,
        model: Callable[[], nn.Sequential],
        wanted: Mapping[int, Sequence[str]],
        report: Report = quiet,
    ) -> None:
        """Compute what is missing.

        Args:
            model: makes the body and head; called only if something is missing.
            wanted: view -> the photos that are needed of it.
            report: told ("activations", done, total), in photos times views, after each chunk; ("waiting", 0, 0) while
                another run computes on these photos. What it raises ends the work; what is done stays.

        Raises:
            DiskError: the disk is full or shut; that it has room is seen to before anything is computed.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with locked(self.folder / ".lock", partial(report, "waiting", 0, 0)):
                self._compute(model, wanted, report)
        except OSError as problem:
            raise disk_problem(problem, self.folder) if is_disk_problem(problem) else problem from problem

    def _compute(self, model: Callable[[], nn.Sequential], wanted: Mapping[int, Sequence[str]], report: Report) -> None:
        files = {view: self._files(view) for view in wanted}
        rows = {view: np.sort(np.array([self._row[p] for p in ps], int)) for view, ps in wanted.items()}
        missing = {view: r[~files[view].there()[r]] for view, r in rows.items()}
        total, done = sum(len(r) for r in missing.values()), 0
        if not total:
            return
        needed = [files[view] for view, r in missing.items() if len(r)]
        need_space(
            self.folder,
            sum(f.missing_bytes for f in needed),
            translatable("keep what the frozen body makes of the photos"),
        )
        for of_view in needed:
            of_view.reserve()
        report("activations", 0, total)
        with closing(_Features(model(), self.spec, self.cache)) as features, closing(_Written(files)) as written:
            for view, chunk in _chunks(missing):
                written(view, chunk, features(view, chunk))
                done += len(chunk)
                report("activations", done, total)

    def _files(self, view: int) -> FeatureFiles:
        return FeatureFiles(self.folder, view, len(self.cache.names), self.width)


class _Written:
    """Writes features, and marks them as there, some chunks at a time."""

    def __init__(self, files: dict[int, FeatureFiles]):
        self.files, self.unmarked = files, []

    def __call__(self, view: int, chunk: np.ndarray, features: np.ndarray) -> None:
        self.files[view].write(chunk, features)
        self.unmarked.append((view, chunk))
        if len(self.unmarked) >= CHUNKS_A_FLUSH:
            self.close()

    def close(self) -> None:
        for view in dict.fromkeys(view for view, _ in self.unmarked):
            self.files[view].mark(np.concatenate([chunk for of, chunk in self.unmarked if of == view]))
        self.unmarked.clear()


def _chunks(rows: dict[int, np.ndarray]) -> Iterator[tuple[int, np.ndarray]]:
    """(view, its rows of one chunk) by turns; rows are ascending."""
    for view, of_view in rows.items():
        for chunk in np.split(of_view, np.flatnonzero(np.diff(of_view // CHUNK)) + 1):
            if len(chunk):
                yield view, chunk


class _Features:
    """Features of chunks of photos, by a body on the device. Each photo is sent when its turn comes: it comes but once
    a view, and this may run beside a worker that keeps all photos in the GPU's memory.
    """

    def __init__(self, model: nn.Sequential, spec: RunSpec, cache: PhotoCache):
        self.device = device.choose()
        device.prepare(self.device)
        self.size, self.photos = spec.size, cache
        self.body = models.folded(models.pooled_body(model))
        self.body.to(self.device).to(memory_format=torch.channels_last)
        # A GPU takes whole chunks and drops what is not wanted: cuDNN would look for its kernels again for each size.
        self.whole = self.device.type == "cuda"
        self.at_once, self.workers = CHUNK, None
        if self.device.type == "cpu":
            self.at_once = min(MOST_A_CORE, max(LEAST_A_CORE, CHUNK // cores()))
            self.workers = ThreadPoolExecutor(cores(), initializer=lambda: torch.set_num_threads(1))
        self.augment, self.normalize = Augment(spec.size), batches.Normalization(spec, self.device)

    @torch.inference_mode()
    def __call__(self, view: int, rows: np.ndarray) -> np.ndarray:
        """Rows of one chunk, ascending -> float16 (rows, 2 * features)."""
        first = int(rows[0]) // CHUNK * CHUNK
        drawn = np.arange(first, min(first + CHUNK, len(self.photos.names)))
        made = drawn if view or self.whole else rows  # augmented, a photo's view depends on all that are drawn with it
        batch = self._augmented(view, drawn) if view else self._plain(made)
        run = made if self.whole else rows
        if len(run) < len(made):
            batch = batch[torch.from_numpy(np.searchsorted(made, run)).to(batch.device)]
        batch = self.normalize(batch).contiguous(memory_format=torch.channels_last)
        parts = batch.split(self.at_once)
        features = torch.cat(list(self.workers.map(self._body, parts) if self.workers else map(self._body, parts)))
        most = torch.finfo(torch.float16).max
        return features.float().clamp_(-most, most).half().cpu().numpy()[np.searchsorted(run, rows)]

    @torch.inference_mode()
    def _body(self, part: Tensor) -> Tensor:
        with device.autocast(self.device):
            return self.body(part)

    def close(self) -> None:
        if self.workers:
            self.workers.shutdown()
            torch.set_num_threads(cores())  # a thread begun later takes what was set last

    def _plain(self, rows: np.ndarray) -> Tensor:
        return batches.to_float([batches.centre(self._photo(r), self.size) for r in rows], self.device)

    def _augmented(self, view: int, chunk: np.ndarray) -> Tensor:
        """A whole chunk, drawn by its place alone: a photo's views do not depend on which others are wanted."""
        with drawn_by(view * 1_000_003 + int(chunk[0])):
            return self.augment(batches.to_float([batches.random_square(self._photo(r)) for r in chunk], self.device))

    def _photo(self, row: int) -> np.ndarray:
        return self.photos[self.photos.names[row]]


class FeatureBatches:
    """Stored features as batches for the head: each epoch each photo's next view, from a random one on.

    Args:
        features: (views, photos, width) float16.
        views: draws the view that each photo begins with; None where there is one view only.
    """

    def __init__(self, features: Tensor, where: torch.device, views: torch.Generator | None = None):
        self.views, self.photos, self.width = features.shape
        self.flat = features.reshape(-1, self.width).to(where)
        assert views is not None or self.views == 1
        self.offset = torch.randint(self.views, (self.photos,), generator=views).numpy()
        self.seen = np.zeros(self.photos, int)

    def __call__(self, positions: np.ndarray) -> Tensor:
        view = (self.offset[positions] + self.seen[positions]) % self.views
        self.seen[positions] += 1
        rows = device.send(torch.from_numpy(view * self.photos + positions), self.flat.device)
        return self.flat.index_select(0, rows).float()

    def pass_over(self, positions: np.ndarray) -> None:
        """Count a batch of these photos as made: each has its next view the next time."""
        self.seen[positions] += 1
