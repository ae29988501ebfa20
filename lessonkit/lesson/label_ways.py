"""The other ways in which fastai reads labels, on the photos at hand: today's line, and that of the lesson's last part.

The cells go on from those of Get the data (`code.get_data`, `code.label`): `path`, `fnames` and `label_of` are there. Each
makes `dls`, a fifth held out by the same seed, so that they differ in nothing but where the label comes from.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lessonkit.language import tr
from lessonkit.photos import labels

_HALF = f"valid_pct={labels.VALID_SHARE}, seed=42, item_tfms=Resize(224)"
_THEN = f"valid_pct={labels.VALID_SHARE}, ds_tfms=get_transforms(), size=224"
# What `pandas.read_csv` takes for a missing value; a breed may be called so.
_MISSING = frozenset(
    ("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA", "NULL",
     "NaN", "None", "n/a", "nan", "null")
)  # fmt: skip


@dataclass(frozen=True)
class Way:
    """One way to give fastai the labels.

    Attributes:
        name: of the method, `from_folder`.
        what: when one takes it, in a sentence or two.
        today, then: fastai 2 and the line of 2019, as Python.
    """

    name: str
    what: str
    today: str
    then: str


def ways(pattern: str, breeds: Iterable[str] = ()) -> list[Way]:
    """The five ways, for photos that are labelled by `pattern`, or by their folders where it is "".

    Args:
        breeds: of the photos at hand: one that pandas would take for a missing value is said.
    """
    return [_from_folder(pattern), _from_csv(breeds), _from_df(), _from_name_func(pattern), _from_lists()]


def _from_folder(pattern: str) -> Way:
    call = f"ImageDataLoaders.from_folder({{}}, {_HALF})"
    then = f"data = ImageDataBunch.from_folder(path, train='.', {_THEN})"
    if not pattern:
        return Way(
            "from_folder",
            tr(
                "Each breed has a folder of its own, as these photos have. With folders `train` and `valid` around them, leave "
                "`valid_pct` and `seed` out: then fastai takes these halves."
            ),
            f"dls = {call.format('path')}",
            then,
        )
    lines = [
        "import shutil\n",
        "by_breed = Path('by_breed')  # these photos have the breed in their names: first give each breed a folder",
        "for file in fnames:",
        "    (by_breed/label_of(file)).mkdir(parents=True, exist_ok=True)",
        "    shutil.copy(file, by_breed/label_of(file)/file.name)",
        f"dls = {call.format('by_breed')}",
    ]
    return Way("from_folder", tr("Each breed has a folder of its own."), "\n".join(lines), then)


def _from_csv(breeds: Iterable[str]) -> Way:
    lost = sorted(set(breeds) & _MISSING)
    lines = [
        "table = pd.DataFrame({'name': [file.relative_to(path).as_posix() for file in fnames],",
        "                      'label': [label_of(file) for file in fnames]})",
        "table.to_csv('labels.csv', index=False)  # one line a photo: its name below path, its label",
        *(f"# pandas reads a breed called {name!r} as a missing value: from_df keeps it" for name in lost),
        f"dls = ImageDataLoaders.from_csv(path, Path('labels.csv').absolute(), {_HALF})",
    ]
    return Way(
        "from_csv",
        tr("The labels stand in a table beside the photos: a file with a line for each."),
        "\n".join(lines),
        f"data = ImageDataBunch.from_csv(path, csv_labels='labels.csv', {_THEN})",
    )


def _from_df() -> Way:
    lines = [
        "df = pd.DataFrame({'name': [file.relative_to(path).as_posix() for file in fnames],",
        "                   'label': [label_of(file) for file in fnames]})",
        f"dls = ImageDataLoaders.from_df(df, path, {_HALF})",
    ]
    return Way(
        "from_df",
        tr("The same table, already in memory as a data frame: to clean it first, or to leave photos out."),
        "\n".join(lines),
        f"df = pd.read_csv(path/'labels.csv')\ndata = ImageDataBunch.from_df(path, df, {_THEN})",
    )


def _from_name_func(pattern: str) -> Way:
    if pattern:
        lines = [
            "def breed_of(name): return label_of(Path('images')/name)  # it is given the bare file name, without folders",
            f"dls = ImageDataLoaders.from_name_func(path, fnames, breed_of, {_HALF})",
        ]
        what = tr(
            "A function of yours says what the label is: it is given the bare file name. The lesson's pattern begins with a "
            "slash, so it needs the folder before the name again; `from_path_func` gives your function the whole path."
        )
    else:
        lines = [
            "# the bare file name says nothing here: from_path_func gives the function the whole path",
            f"dls = ImageDataLoaders.from_path_func(path, fnames, label_of, {_HALF})",
        ]
        what = tr(
            "A function of yours says what the label is, by the bare file name. These photos have it in their folders, so it "
            "takes `from_path_func`, which gives your function the whole path."
        )
    then = f"data = ImageDataBunch.from_name_func(path, fnames, label_func=label_of, {_THEN})"
    return Way("from_name_func", what, "\n".join(lines), then)


def _from_lists() -> Way:
    lines = [
        "labels = [label_of(file) for file in fnames]",
        f"dls = ImageDataLoaders.from_lists(path, list(fnames), labels, {_HALF})",
    ]
    return Way(
        "from_lists",
        tr("You have two lists: the photos, and their labels in the same order, wherever they come from."),
        "\n".join(lines),
        f"labels = [label_of(f) for f in fnames]\ndata = ImageDataBunch.from_lists(path, fnames, labels=labels, {_THEN})",
    )
