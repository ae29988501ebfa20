"""The app of a model starts from its folder alone, without this lesson or torch, and answers as the lesson does."""

from __future__ import annotations

import functools
import io
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import onnx
import pytest
import yaml
from PIL import Image

from lessonkit.photos import catalog
from lessonkit.runs import Run
from lessonkit.takehome import lineage
from lessonkit.takehome.app import folder as app_folder
from lessonkit.takehome.export import take_home
from lessonkit.training.predict import predict

pytestmark = pytest.mark.slow

ASK = """
import json, sys
from pathlib import Path
from streamlit.testing.v1 import AppTest
app = AppTest.from_file(Path('app.py').resolve(), default_timeout=180).run()
said = []
for photo in json.loads(sys.argv[1]):
    app.file_uploader[0].set_value((Path(photo).name, Path(photo).read_bytes(), 'image/jpeg'))
    app.run()
    assert not app.exception, app.exception
    table = app.dataframe[0].value if app.dataframe else None
    said.append([app.error[0].value if app.error else app.text[0].value,
                 None if table is None else table.values.tolist()])
heavy = sorted({'torch', 'fastai', 'lessonkit'} & set(sys.modules))
print(json.dumps({'said': said, 'heavy': heavy}))
"""


@functools.cache
def zipped(run_id: str) -> bytes:
    return take_home(run_id, "app")


@pytest.fixture
def unpacked(run: Run, tmp_path: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(zipped(run.id))) as archive:
        archive.extractall(tmp_path)
    return tmp_path / app_folder.FOLDER


def elsewhere() -> dict[str, str]:
    """The environment without what leads to this lesson."""
    return {k: v for k, v in os.environ.items() if k != "PYTHONPATH" and not k.startswith(("LESSONKIT_", "STREAMLIT_"))}


def test_the_app_starts_and_answers_as_the_lesson_does(run: Run, unpacked: Path, tmp_path: Path):
    photos = [str(catalog.resolve("drawn").photos_folder / name) for name in list(catalog.resolve("drawn").names)[::18]]
    lying, clear, large, broken = (tmp_path / name for name in ("lying.jpg", "clear.png", "large.jpg", "broken.jpg"))
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(photos[0]) as photo:
        photo.transpose(Image.Transpose.ROTATE_90).save(lying, quality=95, exif=exif)
        rgba = photo.convert("RGBA")
        rgba.putalpha(photo.convert("L").point(lambda value: 255 if value > 100 else 0))
        rgba.save(clear)
        photo.resize([5 * n for n in photo.size], Image.Resampling.BICUBIC).save(large, quality=95)
    broken.write_bytes(Path(photos[0]).read_bytes()[:300])
    asked = [*photos, str(lying), str(clear), str(large)]
    done = subprocess.run(
        [sys.executable, "-I", "-c", ASK, json.dumps([*asked, str(broken)])],
        cwd=unpacked, env=elsewhere(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["heavy"] == []
    told = predict(run.id, [(photo, Path(photo)) for photo in asked])
    for (sentence, table), wanted in zip(answer["said"], told, strict=False):
        assert sentence.startswith(f"{wanted['breed']}, the model says")
        assert [breed for breed, _ in table] == [breed for breed, _ in wanted["top"]]
        assert np.allclose([p for _, p in table], [p for _, p in wanted["top"]], atol=1e-4)
    assert "cannot be opened" in answer["said"][-1][0]


def test_the_app_is_served_as_its_readme_and_dockerfile_say(unpacked: Path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        *json.loads((unpacked / "Dockerfile").read_text().split("CMD ")[1].replace("\\\n", "")),
    ]
    command = [part.replace("8501", str(port)).replace("0.0.0.0", "127.0.0.1") for part in command]
    server = subprocess.Popen(command, cwd=unpacked, env=elsewhere(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5) as answer:
                    assert answer.read() == b"ok"
                break
            except OSError:
                assert server.poll() is None, server.stdout.read().decode()
                assert time.monotonic() < deadline, "the app does not answer"
                time.sleep(0.1)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as page:
            assert b"<title>Streamlit</title>" in page.read()
    finally:
        server.terminate()
        server.wait(10)


def test_the_folder_says_what_a_space_needs(run: Run, unpacked: Path):
    assert sorted(path.name for path in unpacked.iterdir()) == [
        "Dockerfile", "README.md", "app.py", "model.onnx", "requirements.txt",
    ]  # fmt: skip
    needed = (unpacked / "requirements.txt").read_text().split()
    assert f"onnxruntime=={version('onnxruntime')}" in needed
    assert not any(name.startswith(("torch", "fastai", "lessonkit")) for name in needed)
    _, front, text = (unpacked / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    said = yaml.safe_load(front)
    assert (said["sdk"], said["app_port"], said["title"]) == ("docker", 8501, "What's your pet? Drawn pets")
    assert {said["colorFrom"], said["colorTo"]} <= {
        "red",
        "yellow",
        "green",
        "blue",
        "indigo",
        "purple",
        "pink",
        "gray",
    }
    assert len(said["short_description"]) <= 60
    assert "$" not in text
    assert all(f"`{breed}`" in text for breed in run.vocab())
    assert {p.key for p in onnx.load(unpacked / "model.onnx").metadata_props} >= {
        "vocab",
        "size",
        "resize",
        "mean",
        "std",
    }


@pytest.mark.parametrize(
    "title", ['a: "b" #c', "- x", "---", "{x} $dataset", "![x](http://a.b/c.png)", "'", "\\", "🐶 سگ"]
)
def test_a_title_is_text_in_the_readme(title: str, run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(catalog.DATASETS, "drawn", replace(catalog.DATASETS["drawn"], title=title))
    _, front, text = app_folder._readme(lineage.stage(run)).split("---\n", 2)
    assert yaml.safe_load(front)["title"] == f"What's your pet? {title}"
    assert f"`{title}`" in text
