"""`lessonkit …`, or `python -m lessonkit …`: the lesson without a browser; `app` opens it in one.

Each command imports what it needs, and nothing more. A problem that the user can do something about is one sentence on
stderr and exit code 2, never a traceback.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lessonkit
from lessonkit import config, language, runs, storage, wording
from lessonkit.cli import add
from lessonkit.cli.progress_bars import bars
from lessonkit.errors import LessonError, PhotoError
from lessonkit.photos.dataset import Dataset
from lessonkit.spec import RunSpec
from lessonkit.storage import disk_problem, file_size, is_disk_problem

EXPORTS = {
    "notebook": "the lesson as a notebook in plain fastai",
    "html": "the whole lesson as one page",
    "safetensors": "the model's weights, with its breeds",
    "learner": "the model as fastai's learn.export()",
    "onnx": "the model as ONNX, which runs without torch",
    "app": "an app of the model, as a zip that a Hugging Face Space takes",
    "predictions": "its answers on the held-out photos, as a table: .csv or .parquet",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit code: 0, 1 where a photo would not open, 2 with a sentence on stderr."""
    arguments = _parser().parse_args(argv)
    try:
        return arguments.command(arguments)
    except LessonError as error:
        print(error, file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever read our output has gone, as `head` does
        sys.stderr.close()
        return 1
    except OSError as error:
        if not is_disk_problem(error):
            raise
        print(disk_problem(error, config.home()), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    name = "lessonkit" if Path(sys.argv[0]).stem == "lessonkit" else "python -m lessonkit"
    parser = argparse.ArgumentParser(prog=name, description="The lesson, in a browser and without one.")
    parser.add_argument("--version", action="version", version=f"lessonkit {lessonkit.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    app = commands.add_parser("app", help="open the lesson in a browser")
    app.add_argument("--port", type=int, default=8501, metavar="N", help="where it answers (default: 8501)")
    app.add_argument("--classroom", action="store_true", help="serve everyone on this network, not this machine alone")
    app.add_argument(
        "--workers", type=int, metavar="N",
        help="processes that serve pages to a class, behind one port; needs Caddy (default: LESSONKIT_WORKERS, else 1)",
    )  # fmt: skip
    app.add_argument("--headless", action="store_true", help="open no browser")
    app.set_defaults(command=_app)

    data = commands.add_parser("data", help="list the datasets, get one, or make one of your own photos: data add")
    data.add_argument("name", nargs="?", help="the dataset to get; none: list them; `add`: make one")
    data.add_argument("--remove", action="store_true", help="delete it: one made of somebody's own photos, whole")
    add.add_arguments(data)
    data.set_defaults(command=_data)

    bake = commands.add_parser("bake", help="do the lesson's runs, so that a class opens on finished ones")
    bake.add_argument("--dataset", default="pets", metavar="NAME", help="which photos (default: pets)")
    bake.add_argument("--json", type=Path, metavar="FILE", help="write the runs and their numbers here")
    bake.set_defaults(command=_bake)

    predict = commands.add_parser("predict", help="name the breed on photos, one JSON object a line")
    predict.add_argument("run", help="a run's id, or as much of it as makes it clear")
    predict.add_argument("photo", nargs="+", type=Path)
    predict.set_defaults(command=_predict)

    explain = commands.add_parser("explain", help="say what a run sees in photos, one JSON object a line")
    explain.add_argument("run", help="a run's id, or as much of it as makes it clear")
    explain.add_argument("photo", nargs="+", type=Path)
    explain.set_defaults(command=_explain)

    export = commands.add_parser("export", help="write what a learner takes home of a run")
    export.add_argument("run", help="a run's id, or as much of it as makes it clear")
    for kind, what in EXPORTS.items():
        export.add_argument(f"--{kind}", type=Path, metavar="FILE", help=what)
    export.add_argument(
        "--language",
        default="en",
        metavar="CODE",
        help="of the notebook, the page and the app: en, de, es (default: en)",
    )
    export.set_defaults(command=_export)

    bench = commands.add_parser("bench", help="measure this machine beside plain fastai and beside the limit")
    bench.add_argument("--dataset", default="pets", metavar="NAME", help="which photos (default: pets)")
    bench.add_argument(
        "--repeats", type=int, default=3, metavar="N", help="how often each side is measured (default: 3)"
    )
    bench.add_argument("--json", type=Path, metavar="FILE", help="write every measurement here")
    bench.set_defaults(command=_bench)

    listed = commands.add_parser("runs", help="list the runs on this machine")
    listed.add_argument("--dataset", default="", metavar="NAME", help="only those on this dataset")
    listed.add_argument("--csv", type=Path, metavar="FILE", help="write them here as a table, with all their choices")
    listed.add_argument("--parquet", type=Path, metavar="FILE", help="the same as Parquet")
    listed.set_defaults(command=_runs)
    doctor = commands.add_parser("doctor", help="look at this machine: what the lesson needs, and what is in its way")
    doctor.add_argument(
        "--port", type=int, default=8501, metavar="N", help="where the lesson is to answer (default: 8501)"
    )
    doctor.add_argument(
        "--quick", action="store_true", help="say only what is wrong, and look at nothing that takes seconds"
    )
    doctor.add_argument("--json", action="store_true", help="print it as JSON")
    doctor.set_defaults(command=_doctor)
    tested = commands.add_parser("selftest", help="train a little in each way that this machine has, and compare")
    tested.add_argument("--json", type=Path, metavar="FILE", help="write the table here")
    tested.set_defaults(command=_selftest)
    texts = commands.add_parser("texts", help="write what the lesson says as a PO file, to change or to translate it")
    texts.add_argument("language", metavar="LANGUAGE", help="such as en, de, fr or pt_BR")
    texts.add_argument("--out", type=Path, metavar="FILE", help="write it here (default: print it)")
    texts.set_defaults(command=_texts)
    worker = commands.add_parser("worker", help="train on this machine for an app on another (docs/cluster.md)")
    worker.add_argument(
        "address",
        nargs="?",
        metavar="ADDRESS",
        help="of the Dask scheduler, tls://host:port (default: LESSONKIT_SCHEDULER)",
    )
    worker.add_argument("--each-gpu", action="store_true", help="start a worker for each NVIDIA GPU")
    worker.set_defaults(command=_worker)
    certificates = commands.add_parser(
        "certificates", help="make the certificates by which such machines know each other"
    )
    certificates.add_argument("folder", type=Path, metavar="FOLDER", help="where they are written")
    certificates.set_defaults(command=_certificates)
    commands.add_parser("engine", help="be the engine (the app starts it by itself)").set_defaults(command=_engine)
    return parser


def _app(arguments: argparse.Namespace) -> int:
    from lessonkit.cli.app import serve

    if not arguments.classroom:
        return serve(arguments.port, "127.0.0.1", arguments.headless)
    if arguments.workers is not None:
        os.environ["LESSONKIT_WORKERS"] = str(arguments.workers)  # checked as the setting is
    return serve(arguments.port, "0.0.0.0", arguments.headless, config.workers())


def _data(arguments: argparse.Namespace) -> int:
    if arguments.name == "add":
        return add.add(arguments)
    from lessonkit.photos import catalog

    if arguments.remove:
        from lessonkit import corrections

        if arguments.name is None:
            raise LessonError("Which dataset is to be deleted is not said.", "Name it: data NAME --remove.")
        corrections.remove_dataset(arguments.name)
        print(f"{arguments.name} is deleted, with its photos and marks. Its runs stay.")
        return 0
    if arguments.name is None:
        for name, found in catalog.all_datasets().items():
            print(_listed(name, found))
        return 0
    catalog.resolve(arguments.name)
    with bars() as report:
        got = catalog.obtain(arguments.name, report)
    print(f"{got.name}: {len(got.names):,} photos in {got.folder}")
    return 0


def _listed(name: str, found: Dataset) -> str:
    """A dataset in a line: how much of it is here; how large it would be, where it is not."""
    from lessonkit.photos import catalog, labels

    facts = found.description
    size = f"{facts.bytes / 1e6:,.0f} MB to download" if facts.url else "nothing to download"
    photos, breeds = (
        (len(found.names), len(labels.label_dataset(found).breeds))
        if found.present
        else (catalog.offered(facts), facts.breeds)
    )
    of = (
        f" (the whole dataset has {facts.photos:,} photos)"
        if found.present and facts.url and photos < facts.photos
        else ""
    )
    here = "on this machine" if found.present else size
    return f"{name:<12} {photos:>7,} photos  {breeds:>3} breeds  {here:<24} {facts.title}{of}"


def _bake(arguments: argparse.Namespace) -> int:
    from lessonkit.cli.bake import bake

    report = bake(arguments.dataset)
    if arguments.json:
        try:
            arguments.json.parent.mkdir(parents=True, exist_ok=True)
            storage.write_bytes(arguments.json, json.dumps(report, indent=1).encode())
        except OSError as error:
            raise LessonError(
                f"{arguments.json} could not be written ({error.strerror}).", "The runs themselves are kept."
            ) from None
    return 0


def _export(arguments: argparse.Namespace) -> int:
    wanted = {kind: file for kind in EXPORTS if (file := getattr(arguments, kind))}
    if not wanted:
        raise LessonError(
            "There is nothing to write.", f"Name a file: {', '.join(f'--{kind} FILE' for kind in EXPORTS)}."
        )
    run, speaks = find_run(arguments.run), arguments.language.replace("-", "_")
    language.take_from(config.texts())
    if speaks != language.ENGLISH and not (speaks.isidentifier() and language.files(speaks)):
        raise LessonError(
            f"There are no texts in the language “{speaks[:40]}”.", "`lessonkit texts` writes them, to be translated."
        )
    warnings.filterwarnings("ignore", category=FutureWarning, module="torch")
    from lessonkit.takehome.export import take_home

    for kind, file in wanted.items():
        of = _table_kind(kind, file) if kind == "predictions" else kind
        with language.speaking(speaks):
            made = take_home(run.id, of)
        _write(file, made, EXPORTS[kind])
    return 0


def _table_kind(name: str, file: Path) -> str:
    """The kind of table that a file's ending asks for. Raises LessonError for one that is none."""
    ending = file.suffix.lower().removeprefix(".")
    if ending not in ("csv", "parquet"):
        raise LessonError(f"A table ends in .csv or .parquet, and {file.name} does not.", "Name the file so.")
    return f"{name}_{ending}"


def _write(file: Path, data: bytes, what: str) -> None:
    """Write a file that was asked for, and say so. Raises LessonError where it cannot be written."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        storage.write_bytes(file, data)
    except OSError as error:
        raise LessonError(f"{file} could not be written ({error.strerror}).", "Choose another place.") from None
    print(f"{file}: {what}, {_size(len(data))}")


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(1, round(count / 1e3))} kB"


def _bench(arguments: argparse.Namespace) -> int:
    top = Path(__file__).parents[2]
    if not (top / "bench" / "__main__.py").is_file():
        raise LessonError("The benchmark is not part of this installation.", "Run it in a clone of the project.")
    # a process of its own: the benchmark measures this package from outside, and nothing in here imports it
    asked = [f"--dataset={arguments.dataset}", f"--repeats={arguments.repeats}"]
    asked += [f"--json={arguments.json.resolve()}"] if arguments.json else []
    return subprocess.run([sys.executable, "-m", "bench", *asked], cwd=top, check=False).returncode


def _predict(arguments: argparse.Namespace) -> int:
    run = _finished(arguments.run)
    from lessonkit.training.predict import predict

    failed = False
    for answer in predict(run.id, [(str(photo), photo) for photo in arguments.photo]):
        print(json.dumps(answer), flush=True)
        failed |= "error" in answer
    return int(failed)


def _explain(arguments: argparse.Namespace) -> int:
    run = _finished(arguments.run)
    from lessonkit.training import gradcam

    with bars() as report:
        gradcam.features(run.id, report)
    failed, same_photo = False, _SamePhoto(run.spec())
    for photo in arguments.photo:
        try:
            answer = _in_short(gradcam.answer_with_neighbours(run.id, str(photo), same_photo.find(photo) or photo))
        except PhotoError as problem:
            answer = {"photo": str(photo), "error": str(problem)}
            failed = True
        print(json.dumps(answer), flush=True)
    return int(failed)


class _SamePhoto:
    """Finds a photo among a dataset's: given by its name there, the nearest photos leave it out itself."""

    def __init__(self, spec: RunSpec):
        from lessonkit.photos import catalog

        self.by_size: dict[int, list[tuple[str, Path]]] = {}
        dataset = catalog.resolve(spec.dataset)
        if not dataset.holds(spec.fingerprint):
            return  # not the photos that this run was trained on
        for name in dataset.names:
            path = dataset.photos_folder / name
            self.by_size.setdefault(file_size(path), []).append((name, path))

    def find(self, photo: Path) -> str | None:
        """The dataset's photo of the same content, wherever it lies; None where there is none."""
        try:
            same = self.by_size.get(photo.stat().st_size, [])
            data = photo.read_bytes() if same else b""
            return next((name for name, path in same if path.read_bytes() == data), None)
        except OSError:
            return None  # opening it will say what is wrong


def _in_short(seen: dict[str, Any]) -> dict[str, Any]:
    """What `training.gradcam.answer_with_neighbours` says, without the pixels."""
    breed = seen["top"][0][0]
    heat = {"shape": list(seen["heatmap"]["maps"][breed].shape), "peak": seen["heatmap"]["peak"][breed]}
    said = {key: seen[key] for key in ("photo", "top", "nearest", "familiar", "distance")}
    return {"photo": said.pop("photo"), "top": said.pop("top"), "heatmap": heat, **said}


def _finished(wanted: str) -> runs.Run:
    """The run of that id, which has a model. Raises LessonError for one that has none."""
    run = find_run(wanted)
    if not run.status().finished:
        raise LessonError(f"The run {run.id} has no model: it is {run.status().state}.", "Choose one that is done.")
    warnings.filterwarnings("ignore", category=FutureWarning, module="torch")  # no news for whoever asks for a breed
    return run


def find_run(wanted: str) -> runs.Run:
    """The run of this id, or of the one id that begins so. Raises LessonError for none, or several."""
    found = [run for run in runs.all_runs() if run.id.startswith(wanted)]
    if not found:
        raise LessonError(f"There is no run “{wanted}” on this machine.", "`python -m lessonkit runs` lists them.")
    if len(found) > 1:
        raise LessonError(f"“{wanted}” begins {len(found)} runs' ids.", "Give more of it.")
    return found[0]


def _runs(arguments: argparse.Namespace) -> int:
    from lessonkit.engine import workforce

    found = [run for run in runs.all_runs() if arguments.dataset in ("", run.spec().dataset)]
    if arguments.csv or arguments.parquet:
        from lessonkit.takehome import tables

        table, count = tables.of_runs(arguments.dataset), "1 run" if len(found) == 1 else f"{len(found)} runs"
        for file, written in ((arguments.csv, tables.as_csv), (arguments.parquet, tables.as_parquet)):
            if file:
                _write(file, written(table), count)
        return 0
    if not found:
        print("No runs yet. `python -m lessonkit bake` does the lesson's own.", file=sys.stderr)
        return 0
    print(
        f"{'id':<12}  {'state':<11}  {'dataset':<10}  {'architecture':<17}  {'trains':<6}  epochs  seed   error   seconds"
    )
    for run in found:
        try:
            spec = run.spec()
        except LessonError as error:
            print(f"{run.id:<12}  {error}")
            continue
        status, history = run.status(), run.history()
        rate = f"{wording.percent(history[-1]['error_rate']):>7}" if history else "      –"
        seconds = f"{status.seconds:8.1f}" if status.ended and status.started_at else "       –"
        trains = "head" if spec.frozen else "all"
        print(
            f"{run.id:<12}  {status.state:<11}  {spec.dataset:<10}  {spec.architecture:<17}  {trains:<6}  "
            f"{len(history):>2}/{spec.epochs:<3}  {spec.seed:>4}  {rate}  {seconds}"
        )
    if any(run.status().state == runs.QUEUED for run in found) and (problem := workforce.problem()):
        print(problem, file=sys.stderr)
    return 0


def _doctor(arguments: argparse.Namespace) -> int:
    from lessonkit.cli import doctor

    return doctor.report(arguments.port, arguments.quick, arguments.json)


def _selftest(arguments: argparse.Namespace) -> int:
    from lessonkit.cli import selftest

    return selftest.report(arguments.json)


def _texts(arguments: argparse.Namespace) -> int:
    from lessonkit.cli.texts import po_file

    of = arguments.language.replace("-", "_")
    written, number, lacking = po_file(of)
    if arguments.out:
        _write(arguments.out, written, f"{number:,} texts, {lacking:,} without a translation")
        print(f"Put it into FOLDER/{of}/, and start the lesson with LESSONKIT_TEXTS=FOLDER.")
    else:
        sys.stdout.buffer.write(written)
    return 0


def _engine(_: argparse.Namespace) -> int:
    from lessonkit.engine.server import main as serve

    return serve()


def _worker(arguments: argparse.Namespace) -> int:
    if arguments.address:
        os.environ["LESSONKIT_SCHEDULER"] = arguments.address  # the same setting, checked and said in the same way
    from lessonkit.engine.cluster_worker import main as work

    return work(arguments.each_gpu)


def _certificates(arguments: argparse.Namespace) -> int:
    from lessonkit.engine import cluster_certificates

    cluster_certificates.make(arguments.folder)
    print(f"{arguments.folder.resolve()}: certificates, and Dask's settings for them, for their owner alone to read.")
    print(
        "Copy the folder to each machine, by a way that nobody reads. Then set on each, for app, scheduler and workers:\n"
    )
    print(f"export DASK_CONFIG={shlex.quote(str(arguments.folder.resolve()))}\n")
    print(
        f"Where the folder lies elsewhere, correct the paths in its {cluster_certificates.SETTINGS}; or set instead:\n"
    )
    for name, value in cluster_certificates.variables(arguments.folder).items():
        print(f"export {name}={shlex.quote(value)}")
    return 0
