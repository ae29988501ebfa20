"""What learners name is text in the notebook, to the letter: run by IPython, no name runs as a command."""

from __future__ import annotations

import ast
import io
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from markdown_it import MarkdownIt
from PIL import Image

from lessonkit import runs
from lessonkit.lesson import code
from lessonkit.lesson.literals import code_span, listed, pattern_literal
from lessonkit.photos import catalog, imported, labels
from lessonkit.photos.dataset import Dataset
from lessonkit.spec import RunSpec
from lessonkit.takehome import lineage
from lessonkit.takehome.lineage import Stage
from lessonkit.takehome.notebook import cells, document

BREAKS = ("\f", "\v", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029")
"""Where `str.splitlines`, and so IPython, ends a line, and Python does not."""
TRAP = r"""/([^/]+)_\d+\.\w+$|([))]BREAK#BREAK!,open("pwned","w"))#"""
"""Within r'…', on Python 3.11, IPython takes what follows ! for a command: it writes the file `pwned`."""
NAMES = [
    "it's", 'say "aah"', "'''", '"""', "back\\slash\\", "{path}", "%pwd", "!touch pwned", "?help", "help?", "$HOME",
    "`touch pwned`", "# hash", ">>> x", "In [1]: x", "a&b <b>c", "None", "nan", "🐶", "سگ\u200cها", "\u202egnp", "a\u202fb",
    "; import os", "a\\\nb", *(f"a{b}#{b}!touch pwned" for b in BREAKS), "tab\there", "e\u0301", " ", "long " * 40,
]  # fmt: skip

SHELL = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for cell in json.load(sys.stdin):
    shell.run_cell(cell).raise_error()
"""
FASTAI = """
import json, re
from pathlib import Path
import numpy as np
get_files = lambda path, extensions: [file for file in path.rglob('*') if file.is_file()]"""


def trap(line_end: str) -> str:
    return TRAP.replace("BREAK", line_end)


def ipython(sources: list[str], folder: Path) -> None:
    """Run cells in an IPython of their own, in `folder`; an error or a command of theirs is one here."""
    told = {**os.environ, "IPYTHONDIR": str(folder / ".ipython"), "PYTHONUTF8": "1"}
    asked = json.dumps(sources)
    done = subprocess.run(
        [sys.executable, "-c", SHELL], input=asked, cwd=folder, env=told, capture_output=True, text=True, check=False
    )
    assert not list(folder.rglob("pwned"))
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def photos(names: list[str]) -> cells.Photos:
    """Two photos of each name, labelled by TRAP's first part; corrections and unread ones are told of."""
    found = [f"{name}_{n}.jpg" for name in names for n in (1, 2)]
    found = sorted(name for name in found if labels.label([name], labels.DEFAULT_PATTERN).of)
    read = labels.label(found, labels.DEFAULT_PATTERN)
    train, valid = labels.split(found, read, 42)
    left_out, corrected = train[:3], {valid[0]: names[0], **dict(zip(train[3:], names, strict=False))}
    of = {name: corrected.get(name, breed) for name, breed in read.of.items() if name not in left_out}
    kept = [name for name in train if name not in left_out]
    after = labels.Labels(sorted(set(of.values())), of, [], {})
    dataset = Dataset(replace(catalog.DATASETS["drawn"], own=True), Path("pets"))
    return cells.Photos(
        dataset, found, [f"{name}.png" for name in names], after, kept, valid, corrected, left_out, alike=True
    )


@pytest.mark.parametrize("line_end", BREAKS)
def test_a_pattern_cannot_break_out_of_the_notebook(line_end: str, tmp_path: Path):
    pattern = trap(line_end)
    assert labels.label(["pug_1.jpg"], pattern).breeds == ["pug"], "the lesson would take it"
    spec = RunSpec("own-x", pattern=pattern)
    told = [FASTAI, "names = ['pug_1.jpg']", cells.label(spec, photos(["pug"])), *code.label(pattern)[1:]]
    ipython([*told, "open('said.json', 'w').write(json.dumps(pat))"], tmp_path)
    assert json.loads((tmp_path / "said.json").read_text()) == pattern
    with pytest.raises(labels.PatternError, match="nobody can see"):
        labels.check_pattern(pattern)


@pytest.mark.skipif(os.name == "nt", reason="Windows takes few of these as names of files")
def test_names_of_files_and_breeds_come_through_ipython_to_the_letter(tmp_path: Path):
    told, spec = photos(NAMES), RunSpec("own-x", pattern=labels.DEFAULT_PATTERN)
    assert len(told.names) == 2 * len(NAMES)
    (tmp_path / "pets").mkdir()
    for name in [*told.names, *told.unread]:
        (tmp_path / "pets" / name).touch()
    sources = [
        FASTAI, "path = Path('pets')", cells.names(told), cells.label(spec, told), cells.split(spec, told),
        cells.corrected_labels(told), cells.same(told), "open('said.json', 'w').write(json.dumps([breed_of, train]))",
    ]  # fmt: skip
    ipython(sources, tmp_path)
    breed_of, train = json.loads((tmp_path / "said.json").read_text())
    assert (breed_of, train) == (told.labels.of, told.train)


def test_every_literal_is_what_it_stands_for_and_of_one_line_for_ipython():
    for text in [*NAMES, *map(trap, BREAKS), r"/([^/]+)_\d+.jpg$", "ends in \\", "\ud800"]:
        for source in (pattern_literal(text), listed([text, text]), listed({text: text})):
            assert ast.literal_eval(source) in (text, [text, text], {text: text})
            assert source.splitlines() == source.split("\n")
            assert source.replace("\n", "").isprintable()
    assert pattern_literal(labels.DEFAULT_PATTERN) == r"r'/([^/]+)_\d+.jpg$'", "as people write it"


@pytest.mark.parametrize(
    "title", ["[x](http://a.b)", "![](http://a.b/c.png)", "$x$", "<img src=http://a.b>", "a`b``c`", "`", "`a", " a"]
)
def test_a_title_in_markdown_is_text(title: str):
    (inline,) = (token for token in MarkdownIt().parse(f"on {code_span(title)}, x") if token.type == "inline")
    assert [(part.type, part.content) for part in inline.children] == [
        ("text", "on "), ("code_inline", title), ("text", ", x"),
    ]  # fmt: skip


def test_a_whole_notebook_of_hostile_names_is_plain_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Of a title, a home, breeds and names that a zip may hold; its data cells run, its others are read."""
    home = tmp_path / "a'b\\ {c} %d"
    monkeypatch.setenv("LESSONKIT_HOME", str(home))
    zipped, colours = tmp_path / "x.zip", np.random.default_rng(0)
    with zipfile.ZipFile(zipped, "w") as archive:
        for breed in ("it's {x}", "!touch pwned", "%time ?"):
            for n in range(4):
                image = io.BytesIO()
                Image.fromarray(colours.integers(0, 255, (8, 8, 3), np.uint8)).resize((64, 64)).save(image, "png")
                archive.writestr(f"{breed}/'!{n}?.png", image.getvalue())
    dataset = imported.add_zip(zipped, "![x](http://a.b/c.png) $y$ `z`")
    title = catalog.resolve(dataset).title
    run = runs.create(RunSpec(dataset, catalog.resolve(dataset).fingerprint, size=64))
    story = [Stage(run, run.spec(), 4, 0.25, 0.5, lineage.predictions.read(run))]
    made = document.story_cells(story, run.id)
    (opening, *_), told = made, [cell.source for cell in made if cell.code]
    assert code_span(title) in opening.source
    for source in told:
        ast.parse(source)
        assert source.splitlines() == source.split("\n")
    end = next(i for i, source in enumerate(told) if "halves =" in source)
    ipython([FASTAI, *told[1 : end + 1]], tmp_path)
