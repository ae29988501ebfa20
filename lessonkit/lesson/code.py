"""The fastai code that does what a page did: today's fastai 2, and the line of the 2019 lesson beside it.

Each function takes the learner's choices and returns (fastai 2, fastai 1), Python source. The fastai 2 cells of all
pages, in the lesson's order, are one notebook that runs: `path`, `fnames` and `label_of` from Get the data, `dls` from
One size, `learn` and its `stage-1` from Train. The held-out fifth is fastai's own draw, so its numbers are near a page's
and not the same; the notebook of Take it home holds out the same photos.
"""

from __future__ import annotations

from lessonkit import wording
from lessonkit.architectures import ARCHITECTURES, IMAGENET_MEAN
from lessonkit.language import tr, translatable
from lessonkit.lesson.defaults import FASTAI_RATE
from lessonkit.lesson.literals import pattern_literal
from lessonkit.lesson.snippets import FIXED_BATCH_NORM, HALF, LAYER_GROUPS, LINEAR_HEAD, LITE_WEIGHTS
from lessonkit.photos import cache, labels
from lessonkit.photos.dataset import Description
from lessonkit.spec import MAX_ZOOM, RunSpec

Code = tuple[str, str]

LITE = "efficientnet_lite0"
PHOTO_CHOICES = ("dataset", "pattern", "marks", "size", "batch_size", "split", "split_seed", "augment", "normalize")
"""What decides the photos as the network sees them."""

OWN_FIFTH = translatable(
    "fastai draws its own fifth to hold out, so its numbers come near those here. The notebook on “Take it home” holds out the "
    "very same photos."
)
EACH_BATCH = translatable(
    "It runs the frozen body for each batch, on a view drawn again: an epoch takes longer than here, where the body ran "
    "once over a few views of each photo."
)
RATES_OF_2019 = translatable(
    "The lesson's `fit_one_cycle(1)` was not one rate for all: fastai 1's default was `slice(3e-3)`, a tenth of it (3e-4) "
    "for the body's groups of layers and 3e-3 for the head. Today's default is one rate, 1e-3."
)
FROM_NOTHING = translatable(
    "From nothing, the body is random and stays so: it is frozen, and only the head learns. That shows what ImageNet's "
    "weights are worth as a body, and not what a whole network learns when all of it is trained from nothing."
)

_THEN_DATA = (
    "from fastai.vision import *\n\npath = untar_data(URLs.PETS); path\npath_img = path/'images'\n"
    "fnames = get_image_files(path_img)\nfnames[:5]"
)
_THEN_LOADERS = (
    "np.random.seed(2)\ndata = ImageDataBunch.from_name_re(path_img, fnames, pat, ds_tfms=get_transforms(),\n"
    "                                   size=224, bs=bs).normalize(imagenet_stats)\n"
    "data.show_batch(rows=3, figsize=(7,6))"
)


def get_data(facts: Description) -> Code:
    """`path` and `fnames`: where the photos are. A learner's own are in the zip that is taken home."""
    if facts.url:
        images = f"path/{facts.inside!r}" if facts.inside else "path"
        lines = [f"path = untar_data({facts.fastai or repr(facts.url)})", f"fnames = get_image_files({images})"]
    elif facts.own:
        beside = f"{facts.name}-photos"
        lines = [
            f"path = Path({beside!r})  # the photos' zip from “Take it home”, unpacked",
            "fnames = get_image_files(path)",
        ]
    else:
        lines = [
            "from lessonkit.photos.drawn.dataset import draw_dataset\n",
            "path = Path('drawn')",
            "draw_dataset(path)",
            "fnames = get_image_files(path/'images')",
        ]
    return "\n".join(["from fastai.vision.all import *\n", *lines, "fnames[:5]"]), _THEN_DATA


def label(pattern: str) -> Code:
    """`label_of`: what a file's name, or with no pattern its folder, says of its breed."""
    if pattern:
        lines = [f"pat = {pattern_literal(pattern)}"]
        if pattern != labels.DEFAULT_PATTERN:
            lines.append("fnames = fnames.filter(lambda f: re.search(pat, f.as_posix()))  # those that match")
        lines.append("label_of = RegexLabeller(pat)")
    else:
        lines = ["label_of = parent_label  # the folder that a photo lies in"]
    lines.append("label_of(fnames[0]), len(set(map(label_of, fnames)))")
    then = f"pat = {pattern_literal(pattern)}" if pattern else "data = ImageDataBunch.from_folder(path, valid='val')"
    return "\n".join(lines), then


def one_size(spec: RunSpec) -> Code:
    """`dls`: squares of one size, on one scale, in batches, a fifth held out."""
    comment = (
        f"# whole photo instead of a crop: Resize({spec.size}, ResizeMethod.Squish) or ResizeMethod.Pad, without Middle"
    )
    return f"{_loaders(spec, 'dls')}\ndls.show_batch()\n{comment}", _THEN_LOADERS


def _loaders(spec: RunSpec, name: str) -> str:
    facts, side = ARCHITECTURES[spec.architecture], cache.side_for(spec.size)
    batch = [f"*aug_transforms(size={spec.size}, max_zoom={MAX_ZOOM})"] if spec.augment else []
    if spec.normalize == "model":
        known = facts.mean == IMAGENET_MEAN
        stats = "*imagenet_stats" if known else f"{list(facts.mean)}, {list(facts.std)}"
        batch.append(f"Normalize.from_stats({stats})")
    who = "Validation sees" if spec.augment else "The network sees"
    order = "split_idx, order = 1, 2  # 1: validation photos only; 2: after Resize" if spec.augment else "order = 2"
    lines = [
        "class Middle(Transform):",
        f'    "{who} the middle of the photo."',
        f"    {order}",
        f"    def encodes(self, photo: PILImage): return photo.crop_pad({spec.size})",
        "",
        f"item_tfms = [Resize({side}), Middle()]  # photo by photo: room for the crop",
        f"batch_tfms = [{', '.join(batch)}]" + ("  # the whole batch at once" if batch else ""),
        f"{name} = ImageDataLoaders.from_path_func(path, fnames, label_of, valid_pct={labels.VALID_SHARE}, seed={spec.split_seed},",
        f"    item_tfms=item_tfms, batch_tfms=batch_tfms, bs={spec.batch_size})",
    ]
    if spec.split != "random":
        lines.insert(0, "# a fifth at random; the photos that are held out here are in the notebook on “Take it home”")
    if spec.marks:
        lines.insert(0, "# without your corrections of labels: those are in the notebook on “Take it home”")
    return "\n".join(lines)


def train(spec: RunSpec, usual: RunSpec | None = None) -> Code:
    """`learn`, trained and saved as stage-1; before it `dls` again where its photos are not those of `usual`."""
    parts = []
    if usual is not None and any(getattr(spec, c) != getattr(usual, c) for c in PHOTO_CHOICES):
        parts.append(_loaders(spec, "dls"))
    if spec.architecture == LITE:
        parts.append(LAYER_GROUPS)
    if spec.batch_norm == "fixed":
        parts.append(FIXED_BATCH_NORM)
    parts.append(_network(spec))
    lines = [] if spec.frozen else ["learn.unfreeze()"]
    lines += [
        "learn.lr_find(suggest_funcs=(valley, minimum))",
        f"learn.fit_one_cycle({spec.epochs}, {wording.rate(spec.learning_rate)})",
        "learn.save('stage-1')",
    ]
    return (
        "\n\n".join([*parts, "\n".join(lines)]),
        "learn = cnn_learner(data, models.resnet34, metrics=error_rate)\nlearn.fit_one_cycle(4)\nlearn.save('stage-1')",
    )


def training_note(spec: RunSpec) -> str:
    """How near the code of `train` comes to the run, and what a body from nothing shows."""
    notes = [OWN_FIFTH] + [EACH_BATCH] * spec.precompute + [FROM_NOTHING] * (spec.frozen and not spec.pretrained)
    return " ".join(map(tr, notes))


def _network(spec: RunSpec) -> str:
    lite = spec.architecture == LITE
    given = ["pretrained=False"] if lite or not spec.pretrained else []
    given += ["normalize=False"] if spec.normalize == "none" else []
    given += [LINEAR_HEAD] if spec.head == "linear" else []
    given += ["splitter=layer_groups"] if lite else []
    given += ["train_bn=False", "cbs=FixedBatchNorm()"] if spec.batch_norm == "fixed" else []
    name = "'tf_efficientnet_lite0'" if lite else spec.architecture
    lines = [f"learn = vision_learner({', '.join(['dls', name, 'metrics=error_rate'])}" + (",", ")")[not given]]
    if given:
        lines.append(f"                       {', '.join(given)})")
    if lite and spec.pretrained:
        lines += ["# ImageNet's weights: timm would download them, here they come with a Python package", LITE_WEIGHTS]
    if given[:1] == ["pretrained=False"] and spec.frozen:
        why = "only the head learns" if spec.pretrained else "the random body stays as it is, only the head learns"
        lines.append(f"learn.freeze()  # {why}")
    return "\n".join([*lines, HALF])


def mistakes() -> Code:
    same = (
        "interp = ClassificationInterpretation.from_learner(learn)\ninterp.plot_top_losses(9, figsize=(15,11))\n"
        "interp.plot_confusion_matrix(figsize=(12,12), dpi=60)\ninterp.most_confused(min_val=2)"
    )
    return same, same


def more_epochs(spec: RunSpec, stage: RunSpec | None = None) -> Code:
    """The saved stage trained on; with other views or fewer of the photos than `stage` where the spec says so."""
    lines = []
    loaders = "dls"
    if stage is not None and spec.augment != stage.augment:
        loaders = "changed"
        lines += [_loaders(spec, loaders), ""]
    if spec.share < 1:
        lines.append(
            f"few = {loaders}.train.new(n=round({spec.share:g} * len(dls.train_ds)))  # the first of a random order"
        )
        lines.append(f"learn.dls = DataLoaders(few, {loaders}.valid)")
    elif loaders != "dls":
        lines.append(f"learn.dls = {loaders}")
    lines += [
        "learn.load('stage-1')",
        f"learn.fit_one_cycle({spec.epochs}, {wording.rate(spec.learning_rate)})",
        "learn.recorder.plot_loss()",
    ]
    return (
        "\n".join(lines),
        f"learn.load('stage-1')\nlearn.fit_one_cycle({spec.epochs})\nlearn.recorder.plot_losses()",
    )


def unfreeze(naive: RunSpec, right: RunSpec, stage: RunSpec | None = None) -> Code:
    """Both ways of unfreezing from the saved stage; batch norm as the specs have it, where `stage` had it otherwise."""
    before = ["learn.dls = dls", "learn.load('stage-1')"]
    if stage is not None and stage.batch_norm != naive.batch_norm:
        if naive.batch_norm == "trained":
            before.append("learn.remove_cb(FixedBatchNorm)  # batch norm's averages are trained from here on")
        else:
            before = [FIXED_BATCH_NORM, "", *before, "learn.add_cb(FixedBatchNorm())"]
    given = "" if naive.learning_rate == FASTAI_RATE else f", {wording.rate(naive.learning_rate)}"
    lines = [
        *before,
        "learn.unfreeze()",
        f"learn.fit_one_cycle({naive.epochs}{given})  # the naive way: one rate for all"
        + ("" if given else f", fastai's default of {FASTAI_RATE:g}"),
        "",
        "learn.load('stage-1')  # back to the frozen stage",
        "learn.unfreeze()",
        f"learn.fit_one_cycle({right.epochs}, lr_max={wording.rate(right.learning_rate)})",
    ]
    return (
        "\n".join(lines),
        "learn.unfreeze()\nlearn.fit_one_cycle(1)  # at slice(3e-3): 3e-4 for the body, 3e-3 for the head\n\n"
        "learn.load('stage-1')\nlearn.lr_find()\nlearn.recorder.plot()\n"
        "learn.unfreeze()\nlearn.fit_one_cycle(2, max_lr=slice(1e-6,1e-4))",
    )


def your_pet() -> Code:
    return (
        "learn.predict(PILImage.create('my_pet.jpg'))",
        "learn.predict(open_image('my_pet.jpg'))",
    )
