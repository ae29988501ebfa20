"""Why a network says what it says: Grad-CAM where the answer is known, the nearest photos, what it has never seen."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from fastai.layers import AdaptiveConcatPool2d
from PIL import Image
from safetensors.torch import load_file, save
from torch import nn

from lessonkit import corrections, jobs, runs, storage
from lessonkit.analysis import embeddings
from lessonkit.architectures import ARCHITECTURES
from lessonkit.engine import tasks
from lessonkit.errors import LessonError, PhotoError
from lessonkit.photos import catalog, labels
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.storage import write_bytes, write_json
from lessonkit.training import callbacks, gradcam, models, unfamiliar
from lessonkit.training.predict import predict

ROOT = Path(__file__).parents[3]
SIZE = 64


def finished(spec: RunSpec) -> Run:
    """A finished run of a spec: its weights are as training begins with them."""
    run = runs.create(spec)
    vocab = labels.label(list(catalog.resolve("drawn").names), labels.DEFAULT_PATTERN).breeds
    torch.manual_seed(spec.seed)
    write_bytes(run.path("model.safetensors"), callbacks.packed(models.build(spec, len(vocab)).state_dict()))
    write_json(run.path("vocab.json"), vocab)
    status = run.status()
    status.state = runs.DONE
    run.write_status(status)
    return run


@pytest.fixture
def drawn(drawn_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LESSONKIT_HOME", str(drawn_home))
    monkeypatch.setenv("LESSONKIT_DEVICE", "cpu")
    return drawn_home


@pytest.fixture
def run(drawn: Path) -> Run:
    return finished(RunSpec("drawn", pattern=labels.DEFAULT_PATTERN, size=SIZE))


# Grad-CAM on a network whose answer is known: it says “red” for what is red, “blue” for what is blue
def colours(cell: int) -> nn.Sequential:
    """Maps: the means of each channel over `cell` x `cell` pixels. Breeds: red, blue, and red's opposite."""
    last = nn.Linear(6, 3, bias=False)
    last.weight.data = torch.tensor(
        [[0.2, -0.1, -0.1, 1.0, -0.5, -0.5], [-0.1, -0.1, 0.2, -0.5, -0.5, 1.0], [0.0, 0.0, 0.0, -1.0, 0.0, 0.0]]
    )
    return nn.Sequential(nn.AvgPool2d(cell), nn.Sequential(AdaptiveConcatPool2d(1), nn.Flatten(), last)).eval()


@pytest.fixture
def known(drawn: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = RunSpec("drawn", size=SIZE, normalize="none")
    monkeypatch.setattr(gradcam, "model_of", lambda _: (spec, ["red", "blue", "not red"], colours(8)))


def picture(height: int, width: int, red: tuple[int, int, int], blue: tuple[int, int, int]) -> np.ndarray:
    """Grey with a red and a blue square, each (row, column, side)."""
    pixels = np.full((height, width, 3), 90, np.uint8)
    for (row, column, side), colour in ((red, (250, 10, 10)), (blue, (10, 10, 250))):
        pixels[row : row + side, column : column + side] = colour
    return pixels


def file(pixels: np.ndarray, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind, **options)
    return out.getvalue()


def within(peak: list[int], square: tuple[int, int, int]) -> bool:
    row, column, side = square
    return row <= peak[0] < row + side and column <= peak[1] < column + side


@pytest.mark.parametrize(
    ("height", "width", "red", "blue"),
    [
        (400, 400, (60, 250, 90), (250, 60, 90)),
        (400, 700, (60, 380, 90), (240, 190, 90)),
        (900, 300, (490, 170, 60), (350, 60, 60)),  # longer than twice its width: its ends are cut off first
        (30, 40, (4, 22, 8), (17, 9, 8)),
    ],
)
def test_each_breed_is_seen_where_it_is_in_pixels_of_the_photo(known, height, width, red, blue):
    seen = gradcam.heatmaps("x", file(picture(height, width, red, blue)), ["red", "blue"])
    assert seen["size"] == [height, width]
    assert within(seen["peak"]["red"], red)
    assert within(seen["peak"]["blue"], blue)
    top, left, bottom, right = seen["box"]
    assert (bottom - top, right - left) == (pytest.approx(min(height, width) / 1.25, abs=2),) * 2
    assert (top + bottom, left + right) == (pytest.approx(height, abs=4), pytest.approx(width, abs=4))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_of_a_photo_taken_sideways_the_pixels_are_those_shown(known, orientation: int):
    red, blue = (60, 380, 90), (240, 190, 90)
    upright = Image.fromarray(picture(400, 700, red, blue))
    turn = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }.get(orientation)  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = orientation
    pixels = np.asarray(upright.transpose(turn) if turn is not None else upright)
    seen = gradcam.heatmaps("x", file(pixels, "JPEG", quality=95, exif=exif), ["red", "blue"])
    assert seen["size"] == [400, 700]
    assert within(seen["peak"]["red"], red)
    assert within(seen["peak"]["blue"], blue)


def test_a_large_photo_is_decoded_small_and_spoken_of_in_its_own_pixels(known):
    red, blue = (600, 3800, 900), (2400, 1900, 900)
    seen = gradcam.heatmaps("x", file(picture(4000, 7000, red, blue), "JPEG"), ["red"])  # 28 megapixels
    assert seen["size"] == [4000, 7000]
    assert within(seen["peak"]["red"], red)


def test_a_map_is_highest_at_one_and_empty_where_nothing_speaks_for_the_breed(known):
    seen = gradcam.heatmaps("x", file(picture(400, 400, (60, 250, 90), (250, 60, 90))), ["red", "not red"])
    maps = seen["maps"]
    assert {m.dtype.name for m in maps.values()} == {"float16"}
    assert (maps["red"].min(), maps["red"].max()) == (0, 1)
    assert maps["red"].shape == (8, 8)
    assert not maps["not red"].any()
    assert not within(seen["peak"]["not red"], (60, 250, 90)), "where least speaks against it"


def test_with_mean_pooling_and_a_linear_layer_it_is_the_class_activation_map():
    """Selvaraju and others 2017, section 3.1: there Grad-CAM is CAM (Zhou and others 2016), over the map's size."""
    torch.manual_seed(0)
    maps, layer = torch.randn(1, 7, 4, 6, requires_grad=True), nn.Linear(7, 3)
    score = layer(maps.mean((2, 3)))[0, 1]
    cam = torch.einsum("k,khw->hw", layer.weight[1], maps[0]).detach().numpy() / 24
    assert gradcam.grad_cam(maps, score) == pytest.approx(cam, abs=1e-6)


def test_a_breed_that_the_run_does_not_know_is_a_sentence(known):
    with pytest.raises(LessonError, match="no breed “cow”"):
        gradcam.heatmaps("x", file(picture(40, 40, (4, 4, 4), (20, 20, 4))), ["cow"])


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_architecture_is_looked_into_by_the_very_model_that_predicts(drawn: Path, architecture: str):
    made = finished(RunSpec("drawn", architecture=architecture, pretrained=False, size=SIZE, seed=3))
    photo = list(catalog.resolve("drawn").names)[5]
    path = catalog.resolve("drawn").photos_folder / photo
    answer = predict(made.id, [(photo, path)])[0]
    seen = gradcam._see(made.id, photo)
    assert [b for b, _ in seen.top()] == [b for b, _ in answer["top"]]
    assert [p for _, p in seen.top()] == pytest.approx([p for _, p in answer["top"]], abs=1e-5)
    breeds = [answer["top"][0][0], answer["top"][-1][0]]
    heat = gradcam.heatmaps(made.id, path, breeds)
    assert list(heat["maps"]) == breeds
    for one in heat["maps"].values():
        assert one.shape == (SIZE // 32, SIZE // 32)
        assert one.max() in (0, 1)
        assert one.min() >= 0
    assert seen.features.shape == (2 * ARCHITECTURES[architecture].features,)


# Features of a run's photos
def test_features_are_of_all_photos_the_trained_on_first_and_cost_nothing_twice(run: Run):
    told = []
    made = gradcam.features(run.id, lambda *said: told.append(said))
    names = list(catalog.resolve("drawn").names)
    train, valid = labels.split(names, labels.label(names, labels.DEFAULT_PATTERN), run.spec().split_seed)
    known = embeddings.load(run.id)
    assert (made["photos"], made["train"]) == (len(names), len(train))
    assert known.photos == [*train, *valid]
    assert known.breeds == [name.rsplit("_", 1)[0] for name in known.photos]
    assert known.vectors.dtype == np.float32
    photo = valid[0]
    fresh = gradcam._see(run.id, photo).features
    assert known.vector(photo) == pytest.approx(fresh, rel=2e-3, abs=2e-3)  # kept as float16
    told.clear()
    gradcam.features(run.id, lambda *said: told.append(said))
    assert told == []


def test_features_of_a_model_that_is_trained_again_meanwhile_are_not_kept(drawn: Path, monkeypatch: pytest.MonkeyPatch):
    run = finished(RunSpec("drawn", pattern=labels.DEFAULT_PATTERN, size=SIZE, epochs=2, learning_rate=0.5))
    strangers = gradcam._strangers

    def meanwhile(run_id: str) -> dict[str, np.ndarray]:
        found = strangers(run_id)
        other = {name: t + 1 for name, t in load_file(run.path(runs.MODEL)).items()}
        write_bytes(run.path(runs.MODEL), callbacks.packed(other))
        return found

    monkeypatch.setattr(gradcam, "_strangers", meanwhile)
    with pytest.raises(LessonError, match="trained again"):
        gradcam.features(run.id)
    assert not embeddings.ready(run.id)
    run.write_status(runs.Status(state=runs.QUEUED))
    with pytest.raises(LessonError, match="no model"):
        gradcam.features(run.id)


def test_another_head_on_the_same_body_sends_no_photo_through_it_again(run: Run, monkeypatch: pytest.MonkeyPatch):
    gradcam.features(run.id)
    other = finished(run.spec().but(split_seed=8, epochs=1))
    monkeypatch.setattr(gradcam, "_fresh_model", lambda *_: pytest.fail("the photos' features were worked out again"))
    gradcam.features(other.id)
    of = embeddings.load(run.id)
    assert embeddings.load(other.id).photos != of.photos, "another split"
    assert (embeddings.load(other.id).vector(of.photos[0]) == of.vectors[0]).all()


def test_a_body_that_was_trained_has_features_of_its_own(run: Run):
    gradcam.features(run.id)
    other = finished(run.spec().but(frozen=False, precompute=False, pretrained=False))
    gradcam.features(other.id)
    photo = embeddings.load(run.id).photos[0]
    assert embeddings.load(other.id).vector(photo) == pytest.approx(
        gradcam._see(other.id, photo).features, rel=2e-3, abs=2e-3
    )
    assert np.abs(embeddings.load(other.id).vector(photo) - embeddings.load(run.id).vector(photo)).max() > 0.1


@pytest.mark.slow
def test_a_run_trained_again_under_its_id_has_the_features_of_what_it_learned_last(run: Run):
    other = finished(run.spec().but(frozen=False, precompute=False, pretrained=False, seed=5))
    gradcam.features(other.id)
    weights = load_file(other.path(runs.MODEL))
    weights["0.model.conv_stem.weight"] *= torch.linspace(0, 2, len(weights["0.model.conv_stem.weight"])).view(
        -1, 1, 1, 1
    )
    storage.write_bytes(other.path(runs.MODEL), save(weights))
    other.path(embeddings.PHOTOS).unlink()  # the folder is new when a run is queued again
    gradcam.features(other.id)
    photo = embeddings.load(other.id).photos[0]
    assert embeddings.load(other.id).vector(photo) == pytest.approx(
        gradcam._see(other.id, photo).features, rel=2e-3, abs=2e-3
    )


@pytest.mark.slow
def test_breeds_are_those_that_the_run_was_trained_with_corrections_included(run: Run):
    photo, gone = list(catalog.resolve("drawn").names)[0], list(catalog.resolve("drawn").names)[1]
    right = "pug" if "pug" in run.vocab() else run.vocab()[-1]
    corrections.mark(catalog.resolve("drawn"), photo, right)
    corrections.mark(catalog.resolve("drawn"), gone, leave_out=True)
    corrected = finished(run.spec().but(marks=corrections.save_version(catalog.resolve("drawn"))))
    corrections.clear(catalog.resolve("drawn"))
    gradcam.features(corrected.id)
    known = embeddings.load(corrected.id)
    assert known.breeds[known.row[photo]] == right
    assert gone not in known.row


def test_neighbours_of_a_file_are_those_of_the_photo_it_holds_and_itself(run: Run):
    gradcam.features(run.id)
    photo = embeddings.load(run.id).photos[0]
    by_name = gradcam.neighbours(run.id, photo, 4)
    data = (catalog.resolve("drawn").photos_folder / photo).read_bytes()
    by_file = gradcam.neighbours(run.id, data, 5)
    assert photo not in {row["photo"] for row in by_name}
    assert by_file[0]["photo"] == photo
    assert by_file[0]["distance"] == pytest.approx(0, abs=1e-4)
    assert [row["photo"] for row in by_file[1:]] == [row["photo"] for row in by_name]
    assert [row["distance"] for row in by_name] == sorted(row["distance"] for row in by_name)


def test_what_is_no_pet_is_unlike_all_of_them_and_the_pets_are_not(run: Run):
    gradcam.features(run.id)
    known = embeddings.load(run.id)
    rng = np.random.default_rng(0)
    noise = [file(rng.integers(0, 256, (90, 120, 3), dtype=np.uint8)) for _ in range(3)]
    for data in [*noise, file(np.full((90, 120, 3), 200, np.uint8))]:
        seen = gradcam.answer_with_neighbours(run.id, "stranger", data)
        assert seen["familiar"] is False
        assert seen["distance"] > seen["threshold"]
    valid = known.photos[known.train :]
    kept = [gradcam.answer_with_neighbours(run.id, photo, photo)["familiar"] for photo in valid]
    assert np.mean(kept) == known.familiarity["kept"] >= 0.9


def test_look_says_all_of_one_photo_and_bad_ones_are_sentences(run: Run):
    gradcam.features(run.id)
    photo = embeddings.load(run.id).photos[-1]
    seen = gradcam.answer_with_neighbours(
        run.id, "mine.jpg", (catalog.resolve("drawn").photos_folder / photo).read_bytes()
    )
    assert sorted(seen) == ["distance", "familiar", "heatmap", "nearest", "photo", "threshold", "top"]
    assert (seen["photo"], len(seen["top"]), len(seen["nearest"])) == ("mine.jpg", 5, 6)
    assert seen["distance"] == seen["nearest"][0]["distance"]
    assert list(seen["heatmap"]["maps"]) == [seen["top"][0][0]]
    for bad in (b"text", b"", "../secret.jpg", Path("/nowhere.jpg")):
        with pytest.raises(PhotoError):
            gradcam.answer_with_neighbours(run.id, "bad", bad)


def test_both_errors_of_the_threshold_are_measured_and_those_made_for_it_are_no_pets(run: Run):
    gradcam.features(run.id)
    said = embeddings.familiarity(run.id)
    assert {picture.shape for kind in unfamiliar.pictures(32).values() for picture in kind} == {(32, 32, 3)}
    made = unfamiliar.pictures(SIZE)
    assert said["strangers"].keys() == made.keys()
    for what, squares in made.items():
        passed, tried = said["strangers"][what]
        assert tried == len(squares) >= 8
        looked = [gradcam.answer_with_neighbours(run.id, what, file(square))["familiar"] for square in squares[:2]]
        assert 0 <= passed <= tried
        assert sum(looked) <= passed, "what passes as a file passed when it was counted"
    again = unfamiliar.pictures(SIZE)
    assert all((a == b).all() for what in made for a, b in zip(made[what], again[what], strict=True))
    assert all(
        square.shape == (SIZE, SIZE, 3) and square.dtype == np.uint8 for squares in made.values() for square in squares
    )


@pytest.mark.parametrize(("size", "kind"), [((900, 1400), "PNG"), ((1200, 900), "JPEG"), ((50, 80), "PNG")])
def test_a_glance_needs_no_features_and_brings_a_picture_no_larger_than_shown(run: Run, size, kind):
    fresh = finished(run.spec().but(seed=98))
    found = gradcam.answer_with_heatmap(fresh.id, "mine", file(picture(*size, (4, 22, 8), (17, 9, 8)), kind))
    assert sorted(found) == ["heatmap", "photo", "picture", "top"]
    with Image.open(io.BytesIO(found["picture"])) as shown:
        assert shown.format == "JPEG"
        assert max(shown.size) == min(max(size), gradcam.SHOWN)
        assert shown.width / shown.height == pytest.approx(size[1] / size[0], rel=0.02)
    assert found["heatmap"]["size"] == list(size)
    assert not embeddings.ready(fresh.id)
    with pytest.raises(PhotoError):
        gradcam.answer_with_heatmap(fresh.id, "bad", b"text")


def test_without_features_or_a_model_there_is_a_sentence(run: Run, drawn: Path):
    fresh = finished(run.spec().but(seed=99))
    with pytest.raises(LessonError, match="not worked out yet"):
        gradcam.answer_with_neighbours(fresh.id, "x", list(catalog.resolve("drawn").names)[0])
    fresh.path("model.safetensors").unlink()
    with pytest.raises(LessonError, match="has no model"):
        gradcam.features(fresh.id)


def test_the_engine_makes_features_as_a_job_and_answers_by_name(run: Run):
    made = finished(run.spec().but(seed=11))
    jobs.create("features", made.id, made.id)
    assert tasks.run_job("features", made.id) == jobs.DONE
    assert embeddings.ready(made.id)
    assert jobs.read("features", made.id).result["photos"] == len(list(catalog.resolve("drawn").names))
    photo = list(catalog.resolve("drawn").names)[0]
    for name, arguments in (
        ("heatmaps", (photo, None)),
        ("neighbours", (photo, 2)),
        ("answer_with_neighbours", ("x", photo)),
    ):
        state, answer = tasks.call(name, (made.id, *arguments))
        assert state == "done", answer
    state, problem = tasks.call("answer_with_neighbours", (made.id, "x", b"text"))
    assert (state, type(problem)) == ("error", PhotoError)


@pytest.mark.slow
def test_the_command_line_says_a_line_a_photo_and_fails_at_the_end_for_a_bad_one(run: Run, tmp_path: Path):
    (tmp_path / "text.jpg").write_text("text")
    noise = np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    (tmp_path / "noise.png").write_bytes(file(noise))
    gradcam.features(run.id)
    held = embeddings.load(run.id).photos[-1]
    photos = [catalog.resolve("drawn").photos_folder / held, tmp_path / "text.jpg", tmp_path / "noise.png"]
    done = subprocess.run(
        [sys.executable, "-m", "lessonkit", "explain", run.id, *map(str, photos)],
        cwd=ROOT, capture_output=True, text=True, timeout=600, check=False, env=dict(os.environ),
    )  # fmt: skip
    good, bad, noise = map(json.loads, done.stdout.splitlines())
    assert done.returncode == 1, done.stderr
    assert list(good) == ["photo", "top", "heatmap", "nearest", "familiar", "distance"]
    assert good["photo"] == str(photos[0])
    assert good["heatmap"]["shape"] == [SIZE // 32, SIZE // 32]
    with Image.open(photos[0]) as image:
        assert 0 <= good["heatmap"]["peak"][0] < image.height
        assert 0 <= good["heatmap"]["peak"][1] < image.width
    assert len(good["nearest"]) == 6
    assert sorted(bad) == ["error", "photo"]
    assert (noise["familiar"], done.stderr.count("Traceback")) == (False, 0)
