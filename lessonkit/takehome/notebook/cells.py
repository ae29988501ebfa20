"""The notebook's cells on data: where the photos lie, their labels, the split, what the network sees.

Plain fastai, as a reader would write it. Each function returns a cell's source, or "" where none is needed.
"""

from __future__ import annotations

import functools
import json
import subprocess
import sys
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lessonkit import config, corrections
from lessonkit.architectures import ARCHITECTURES, IMAGENET_MEAN
from lessonkit.errors import LessonError
from lessonkit.language import tr
from lessonkit.lesson.literals import listed, pattern_literal
from lessonkit.photos import cache, catalog, halves, labels, manifest
from lessonkit.photos.dataset import Dataset
from lessonkit.photos.labels import Labels
from lessonkit.spec import MAX_ZOOM, RunSpec
from lessonkit.takehome import lineage
from lessonkit.takehome.notebook import opening

_PATIENCE = 5  # seconds that Python's `re` may take over all names: RE2 cannot hang, `re` can


@dataclass(frozen=True)
class Photos:
    """The photos of a spec as the lesson used them.

    Attributes:
        dataset: that they are of.
        names: those that could be opened, sorted.
        unread: those that could not.
        labels: after the learner's corrections.
        train, valid: names.
        given: which half each is in where chance alone did not say (`halves.wanted`); None where it did.
        corrected, left_out: what the learner's corrections say, where they fit.
        alike: Python's `re` reads the pattern as the lesson's RE2 does (True for folders).
    """

    dataset: Dataset
    names: list[str]
    unread: list[str]
    labels: Labels
    train: list[str]
    valid: list[str]
    corrected: Mapping[str, str]
    left_out: Sequence[str]
    alike: bool
    given: Mapping[str, str] | None = None


def photos_of(spec: RunSpec) -> Photos:
    """The photos of a spec, split as `training.setup` splits them. Raises LessonError where they are not here."""
    dataset = catalog.resolve(spec.dataset)
    if not dataset.holds(spec.fingerprint):
        raise LessonError(
            tr(
                "The photos of {dataset} that this run was trained on are not on this machine.",
                dataset=lineage.shown_title(dataset),
            ),
            tr("Get them again, on the page “Get the data”."),
        )
    side = cache.side_for(spec.size)
    bad = cache.open_cache(dataset, side).bad if cache.is_built(dataset, side) else {}
    names = [name for name in dataset.names if name not in bad]
    before = found = labels.label(names, spec.pattern, "pattern" if spec.pattern else dataset.labelled_by)
    given = halves.wanted(dataset, spec.split, found, spec.split_seed)
    train, valid = labels.split(names, found, spec.split_seed, spec.share, given)
    said = corrections.version(spec.dataset, spec.marks)
    if said:
        ignored = set(corrections.ignored(found, said))
        said = {photo: m for photo, m in said.items() if photo not in ignored}
        after = corrections.halves(found, train, valid, said)
        found, train, valid = after.labels, after.train, after.valid
    return Photos(
        dataset=dataset,
        names=names,
        unread=sorted(bad),
        labels=found,
        train=train,
        valid=valid,
        corrected={photo: m.breed for photo, m in said.items() if m.breed},
        left_out=[photo for photo, m in said.items() if m.leave_out],
        given=given,
        alike=not spec.pattern or _reads_alike(spec.pattern, tuple(names), tuple(before.of.items())),
    )


def downloadable(dataset: Dataset) -> bool:
    """Whether fastai's own download holds the same photos as this machine."""
    return bool(dataset.description.url) and len(dataset.names) == dataset.description.photos


def where(dataset: Dataset) -> str:
    """Where the photos come from: fastai's download where it holds the same ones, else a zip or folder beside, or here."""
    facts = dataset.description
    if downloadable(dataset):
        inside = f"/{facts.inside!r}" if facts.inside else ""
        return f"path = untar_data({facts.fastai or repr(facts.url)}){inside}"
    beside = photos_folder_name(dataset.name)
    zipped, problem = f"{beside}.zip", f"The photos are not here: put {beside}.zip beside this notebook."
    return (
        "import os, shutil\n\n"
        "# The photos' zip from “Take it home”, put beside this notebook; else the folder that they lay in.\n"
        f"beside, path = Path({beside!r}), {_here(dataset.photos_folder)}\n"
        f"if Path({zipped!r}).exists() and not beside.exists(): shutil.unpack_archive({zipped!r}, '.')\n"
        "if beside.exists(): path = beside\n"
        f"assert path.exists(), {problem!r}"
    )


def _here(folder: Path) -> str:
    """A folder of the lesson's as Python finds it for whoever runs the lesson, without saying who that is, or where."""
    mine = Path.home().resolve()
    if folder.is_relative_to(mine):
        return f"Path.home() / {folder.relative_to(mine).as_posix()!r}"
    return f"Path(os.environ.get('LESSONKIT_HOME', '')) / {folder.relative_to(config.home()).as_posix()!r}"


def photos_folder_name(dataset: str) -> str:
    """What the folder in the photos' zip is called, and, with .zip, the zip."""
    return f"{dataset}-photos"


def names(photos: Photos) -> str:
    """All photos by name, but for those that cannot be opened."""
    own = photos.dataset.description.own
    files = f"get_files(path, extensions={list(manifest.PHOTO_SUFFIXES)!r})" if own else "get_image_files(path)"
    lines = [f"names = sorted(file.relative_to(path).as_posix() for file in {files})"]
    if photos.unread:
        lines.append(f"unread = {listed(photos.unread)}  # these cannot be opened\n")
        lines.append("names = [name for name in names if name not in unread]")
    return "\n".join([*lines, "len(names), names[:3]"])


def label(spec: RunSpec, photos: Photos) -> str:
    """name -> breed, by pattern or by folder."""
    if spec.pattern:
        engine = "re" if photos.alike else "re2"
        start = [] if photos.alike else ["import re2  # Python's own re reads this pattern otherwise"]
        lines = [
            *start,
            f"pat = {engine}.compile({pattern_literal(spec.pattern)})",
            "breed_of = {}",
            "for name in names:",
            "    found = pat.search(f'images/{name}')",
            "    if found and found.group(1):",
            "        breed_of[name] = found.group(1)",
        ]
    else:
        lines = ["breed_of = {name: Path(name).parent.name for name in names if '/' in name}"]
        known = {k: v for k, v in labels.WORDNET_BREEDS.items() if any(f"{k}/" in n for n in photos.names)}
        if known:
            lines = [f"wordnet = {listed(known)}", *lines]
            lines.append("breed_of = {name: wordnet.get(folder, folder) for name, folder in breed_of.items()}")
    return "\n".join([*lines, "len(breed_of), len(set(breed_of.values()))"])


def split(spec: RunSpec, photos: Photos) -> str:
    """The same photos held out as in the lesson: a fifth of the names, shuffled by numpy's generator, or as they came."""
    lines = [
        f"split_seed, seed = {spec.split_seed}, {spec.seed}",
        "known = sorted(breed_of)",
        "order = [known[i] for i in np.random.default_rng(split_seed).permutation(len(known))]",
    ]
    if photos.given is None:
        lines += [
            f"held_out = max(1, int({labels.VALID_SHARE} * len(order)))",
            "valid, train = order[:held_out], order[held_out:]",
        ]
    else:
        names = sorted(name for name, half in photos.given.items() if half in labels.HELD_OUT)
        why = (
            "they came in the folders valid and test" if spec.split == "given" else "and no copy of them is trained on"
        )
        lines += [
            f"held_out = {listed(names)}  # {why}",
            "valid, train = [n for n in order if n in held_out], [n for n in order if n not in held_out]",
        ]
    lines += [
        "learned = {breed_of[name] for name in train}",
        "for name in list(valid):  # a breed that chance would hold out whole gives one photo back",
        "    if breed_of[name] not in learned:",
        "        learned.add(breed_of[name]); valid.remove(name); train.append(name)",
    ]
    if spec.share < 1:
        lines += [
            "first = {}  # of each breed one photo at least",
            "for name in train:",
            "    first.setdefault(breed_of[name], name)",
            f"train = sorted({{*train[:max(1, round({spec.share!r} * len(train)))], *first.values()}})",
        ]
    return "\n".join([*lines, "train, valid = sorted(train), sorted(valid)", "len(train), len(valid)"])


def corrected_labels(photos: Photos) -> str:
    """The learner's corrections of labels, applied after the split as in the lesson."""
    if not photos.corrected and not photos.left_out:
        return ""
    return "\n".join(
        [
            f"corrected = {listed(photos.corrected)}",
            f"left_out = {listed(list(photos.left_out))}",
            "breed_of = {name: corrected.get(name, breed) for name, breed in breed_of.items() if name not in left_out}",
            "train = [name for name in train if name in breed_of]",
            "valid = [name for name in valid if name in breed_of]",
        ]
    )


def same(photos: Photos) -> str:
    """Sees that these are the photos and labels of the lesson."""
    return "\n".join(
        [
            "import zlib",
            "halves = '\\n'.join(f'{name} {breed_of[name]}' for name in [*train, *valid])",
            f"assert (len(train), len(valid), zlib.crc32(halves.encode())) == ({len(photos.train)}, {len(photos.valid)}, "
            f"{checksum(photos)}), \\",
            "    'These are not the photos, or not the labels, of the lesson: the numbers below will differ.'",
        ]
    )


def checksum(photos: Photos) -> int:
    """CRC-32 of "name breed" lines, of the photos to train on and then of those held out."""
    of = photos.labels.of
    return zlib.crc32("\n".join(f"{name} {of[name]}" for name in [*photos.train, *photos.valid]).encode())


def loaders(spec: RunSpec, photos: Photos) -> str:
    """What the network sees: fastai's DataLoaders, the photos cut as the lesson cuts them."""
    facts, side = ARCHITECTURES[spec.architecture], cache.side_for(spec.size)
    lines = [
        *(["import pillow_heif", "pillow_heif.register_heif_opener()"] if needs_heif(photos.dataset) else []),
        opening.source(side),
        "",
        "class Middle(Transform):",
        f"    '{'Validation sees t' if spec.augment else 'T'}he middle of the photo.'",
        *(
            ["    split_idx, order = 1, 2  # 1: the validation photos only; 2: after RandomCrop"]
            if spec.augment
            else []
        ),
        f"    def encodes(self, photo: Image.Image): return photo.crop_pad({spec.size})",
        "",
    ]
    items, batch = "[Middle()]", []
    if spec.augment:
        items, batch = f"[RandomCrop({side}), Middle()]", [f"*aug_transforms(size={spec.size}, max_zoom={MAX_ZOOM})"]
    if spec.normalize == "model":
        stats = "imagenet_stats" if facts.mean == IMAGENET_MEAN else f"{list(facts.mean)}, {list(facts.std)}"
        batch.append(f"Normalize.from_stats({'*' if stats == 'imagenet_stats' else ''}{stats})")
    lines += [
        "block = DataBlock(",
        "    blocks=(TransformBlock(type_tfms=opened, batch_tfms=IntToFloatTensor),",
        "            CategoryBlock(vocab=sorted(set(breed_of.values())))),",
        "    get_x=lambda name: path/name, get_y=lambda name: breed_of[name],",
        "    splitter=lambda names: (range(len(train)), range(len(train), len(names))),",
        f"    item_tfms={items},",
        f"    batch_tfms=[{', '.join(batch)}])",
        "# Processes that open photos beside the training: worth it where a GPU waits for them.",
        "workers = 4 if torch.cuda.is_available() and sys.platform == 'linux' else 0",
        "set_seed(seed)",
        f"dls = block.dataloaders(train + valid, bs=min({spec.batch_size}, len(train)), num_workers=workers)",
        "dls.show_batch(max_n=9, figsize=(7, 7))",
    ]
    return "\n".join(lines)


def needs_heif(dataset: Dataset) -> bool:
    """Whether some of a dataset's photos are HEIC files, which Pillow alone does not open."""
    return any(name.lower().endswith((".heic", ".heif")) for name in dataset.names)


def needs_re2(spec: RunSpec) -> bool:
    """Whether the notebook reads this spec's pattern with RE2."""
    return bool(spec.pattern) and not photos_of(spec).alike


@functools.lru_cache(maxsize=8)
def _reads_alike(pattern: str, names: tuple[str, ...], of: tuple[tuple[str, str], ...]) -> bool:
    """Whether Python's `re` gives the same labels, asked in a process of its own that can be ended."""
    code = (
        "import json, re, sys\n"
        "pattern, names, of = json.load(sys.stdin)\n"
        "found = {n: m.group(1) for n in names if (m := re.search(pattern, f'images/{n}')) and m.group(1)}\n"
        "sys.exit(found != of)"
    )
    asked = json.dumps([pattern, names, dict(of)])
    try:
        answer = subprocess.run(
            [sys.executable, "-I", "-c", code],
            input=asked.encode(),
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return answer.returncode == 0
