"""The fastai code that does what a page did: today's fastai 2, and the line of the 2019 lesson beside it.

Each function takes the learner's choices and returns (fastai 2, fastai 1), Python source that runs in a
notebook whose cells came in the lesson's order.
"""

from __future__ import annotations

from lessonkit.training.spec import RunSpec

Code = tuple[str, str]

_FASTAI_2_NAMES = {
    "resnet34": "resnet34",
    "resnet50": "resnet50",
    "efficientnet_lite0": "'tf_efficientnet_lite0'",
}


def get_data(dataset: str) -> Code:
    urls = {"pets": "URLs.PETS", "imagewoof": "URLs.IMAGEWOOF_160"}
    if dataset not in urls:
        return (
            "from fastai.vision.all import *\nfrom lessonkit.photos.drawn import draw_dataset\n\n"
            "path = Path('drawn'); path.mkdir(exist_ok=True)\ndraw_dataset(path)\n"
            "fnames = get_image_files(path/'images')",
            "from fastai.vision import *\n\npath = untar_data(URLs.PETS); path\npath_img = path/'images'\n"
            "fnames = get_image_files(path_img)",
        )
    images = "path" if dataset == "imagewoof" else "path/'images'"
    return (
        f"from fastai.vision.all import *\n\npath = untar_data({urls[dataset]})\nfnames = get_image_files({images})\nfnames[:5]",
        "from fastai.vision import *\n\npath = untar_data(URLs.PETS); path\npath_img = path/'images'\n"
        "fnames = get_image_files(path_img)\nfnames[:5]",
    )


def label(pattern: str, size: int = 224, batch_size: int = 64, seed: int = 2) -> Code:
    if not pattern:
        two = (
            "dls = ImageDataLoaders.from_path_func(\n    path, fnames, parent_label, valid_pct=0.2, seed={seed},\n"
            "    item_tfms=Resize(460), batch_tfms=aug_transforms(size={size}), bs={bs})"
        )
    else:
        two = (
            "pat = {pattern!r}\ndls = ImageDataLoaders.from_name_re(\n    path, fnames, pat, valid_pct=0.2, seed={seed},\n"
            "    item_tfms=Resize(460), batch_tfms=aug_transforms(size={size}), bs={bs})\ndls.show_batch()"
        )
        two = two.replace("from_name_re(", "from_path_re(")
    one = (
        "np.random.seed(2)\npat = r'/([^/]+)_\\d+.jpg$'\n"
        "data = ImageDataBunch.from_name_re(path_img, fnames, pat, ds_tfms=get_transforms(),\n"
        "                                   size=224, bs=bs).normalize(imagenet_stats)\n"
        "data.show_batch(rows=3, figsize=(7,6))"
    )
    return two.format(pattern=pattern, seed=seed, size=size, bs=batch_size), one


def one_size(size: int) -> Code:
    return (
        "item_tfms  = Resize(460)                       # on the CPU: room for the crop\n"
        f"batch_tfms = [*aug_transforms(size={size}),       # on the GPU: crop, flip, turn, light\n"
        "              Normalize.from_stats(*imagenet_stats)]\n"
        f"# whole photo instead of a crop: Resize({size}, ResizeMethod.Squish) or ResizeMethod.Pad",
        "data = ImageDataBunch.from_name_re(path_img, fnames, pat,\n"
        "    ds_tfms=get_transforms(), size=224, bs=bs).normalize(imagenet_stats)",
    )


def train(spec: RunSpec) -> Code:
    name = _FASTAI_2_NAMES[spec.architecture]
    extra = "" if spec.pretrained else ", pretrained=False"
    lines = [f"learn = vision_learner(dls, {name}, metrics=error_rate{extra})"]
    if not spec.frozen:
        lines.append("learn.unfreeze()")
    lines += [
        "learn.lr_find()",
        f"learn.fit_one_cycle({spec.epochs}, {rate(spec.learning_rate)})",
        "learn.save('stage-1')",
    ]
    return (
        "\n".join(lines),
        "learn = cnn_learner(data, models.resnet34, metrics=error_rate)\nlearn.fit_one_cycle(4)\nlearn.save('stage-1')",
    )


def mistakes() -> Code:
    return (
        "interp = ClassificationInterpretation.from_learner(learn)\ninterp.plot_top_losses(9, figsize=(15,11))\n"
        "interp.plot_confusion_matrix(figsize=(12,12), dpi=60)\ninterp.most_confused(min_val=2)",
        "interp = ClassificationInterpretation.from_learner(learn)\ninterp.plot_top_losses(9, figsize=(15,11))\n"
        "interp.plot_confusion_matrix(figsize=(12,12), dpi=60)\ninterp.most_confused(min_val=2)",
    )


def more_epochs(spec: RunSpec) -> Code:
    return (
        f"learn.load('stage-1')\nlearn.fit_one_cycle({spec.epochs}, {rate(spec.learning_rate)})\nlearn.recorder.plot_loss()",
        f"learn.load('stage-1')\nlearn.fit_one_cycle({spec.epochs})\nlearn.recorder.plot_losses()",
    )


def unfreeze(naive: RunSpec, right: RunSpec) -> Code:
    return (
        f"learn.unfreeze()\nlearn.fit_one_cycle({naive.epochs})              # the naive way: one rate for all\n\n"
        f"learn.load('stage-1')                 # back to the frozen stage\nlearn.unfreeze()\n"
        f"learn.fit_one_cycle({right.epochs}, lr_max={rate(right.learning_rate)})",
        "learn.unfreeze()\nlearn.fit_one_cycle(1)\n\nlearn.load('stage-1')\nlearn.lr_find()\nlearn.recorder.plot()\n"
        "learn.unfreeze()\nlearn.fit_one_cycle(2, max_lr=slice(1e-6,1e-4))",
    )


def your_pet() -> Code:
    return (
        "learn.predict(PILImage.create('my_pet.jpg'))",
        "learn.predict(open_image('my_pet.jpg'))",
    )


def rate(learning_rate: float | tuple[float, float]) -> str:
    """A learning rate as Python says it: `0.003`, or `slice(1e-06, 0.0001)`."""
    if isinstance(learning_rate, tuple):
        return f"slice({learning_rate[0]:g}, {learning_rate[1]:g})"
    return f"{learning_rate:g}"
