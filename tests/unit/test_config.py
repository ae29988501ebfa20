"""Settings: each value that cannot be used becomes a sentence with the variable's name, and the README lists them all."""

from __future__ import annotations

import ast
import contextlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lessonkit import config
from lessonkit.engine import record
from lessonkit.errors import EngineError, LessonError, SettingError
from lessonkit.ui.core import routes
from tests.conftest import HOME

ROOT = Path(__file__).parents[2]
READ = {
    "LESSONKIT_HOME": config.home,
    "LESSONKIT_MIRROR": config.mirror,
    "LESSONKIT_SCHEDULER": config.scheduler,
    "LESSONKIT_DEVICE": config.device,
    "LESSONKIT_PLAIN": config.plain,
    "LESSONKIT_ENGINE_IDLE": config.engine_idle,
    "LESSONKIT_ENGINE_LEAN": config.engine_lean,
    "LESSONKIT_DRAWN_PER_BREED": config.drawn_per_breed,
    "LESSONKIT_HOSTS": config.hosts,
    "LESSONKIT_WORKERS": config.workers,
    "LESSONKIT_WAITING_EACH": config.waiting_each,
    "LESSONKIT_WAITING_ALL": config.waiting_all,
    "LESSONKIT_UPLOADS": config.uploads,
    "LESSONKIT_PIN": config.pin,
    "LESSONKIT_RUNS": config.runs_kept,
    "LESSONKIT_DISK_FREE": config.disk_free,
    "LESSONKIT_EPOCHS": config.most_epochs,
    "LESSONKIT_BATCH": config.largest_batch,
    "LESSONKIT_SIZE": config.largest_size,
    "LESSONKIT_PATTERN": config.longest_pattern,
    "LESSONKIT_OWN_DATASETS": config.own_datasets,
    "LESSONKIT_ZIP_FILES": config.zip_files,
    "LESSONKIT_ZIP_MB": config.zip_unpacked,
    "LESSONKIT_ZIP_RATIO": config.zip_ratio,
    "LESSONKIT_TEXTS": config.texts,
}
OF_THE_APP = (
    "LESSONKIT_MIRROR",
    "LESSONKIT_DRAWN_PER_BREED",
    "LESSONKIT_HOSTS",
    "LESSONKIT_WORKERS",
    "LESSONKIT_WAITING_EACH",
    "LESSONKIT_WAITING_ALL",
    "LESSONKIT_UPLOADS",
    "LESSONKIT_PIN",
    "LESSONKIT_RUNS",
    "LESSONKIT_DISK_FREE",
    "LESSONKIT_EPOCHS",
    "LESSONKIT_BATCH",
    "LESSONKIT_SIZE",
    "LESSONKIT_PATTERN",
    "LESSONKIT_OWN_DATASETS",
    "LESSONKIT_ZIP_FILES",
    "LESSONKIT_ZIP_MB",
    "LESSONKIT_ZIP_RATIO",
    "LESSONKIT_TEXTS",
)  # the engine starts without
UNUSABLE = {
    "LESSONKIT_HOME": ["~nobody-has-this-name/x"],
    "LESSONKIT_MIRROR": [
        "ftp://mirror/pets",
        "http://",
        "http://[::1",
        "https://host:port",
        "/no/such/folder",
        "htp:/x",
    ],
    "LESSONKIT_SCHEDULER": [
        "10.0.0.1",
        "tcp://10.0.0.1",
        "tcp://:8786",
        "http://10.0.0.1:8786",
        "tcp://h:99999",
        "10.0.0.1:8786",
        "tcp://192.168.1.5:8786",
        "ws://class.example:8786",
        "yes",
    ],
    "LESSONKIT_DEVICE": ["gpu", "cuda:0", "abacus"],
    "LESSONKIT_PLAIN": ["yes", "2", "-1"],
    "LESSONKIT_ENGINE_IDLE": ["10m", "0", "-5", "nan", "inf", "6,5"],
    "LESSONKIT_ENGINE_LEAN": ["3 min", "0", "-1", "nan", "infinity"],
    "LESSONKIT_DRAWN_PER_BREED": ["1", "1001", "6.5", "many", "²", "9" * 5000],
    "LESSONKIT_WORKERS": ["0", "17", "two"],
    "LESSONKIT_WAITING_EACH": ["0", "1001", "two"],
    "LESSONKIT_WAITING_ALL": ["0", "1001", "-1"],
    "LESSONKIT_PIN": ["12345", "1234567890123", "abcdef", "١٢٣٤٥٦"],
    "LESSONKIT_UPLOADS": ["599", "2 GB", "1000001"],
    "LESSONKIT_RUNS": ["0", "many", "99999999999"],
    "LESSONKIT_DISK_FREE": ["0", "many", "99999999999"],
    "LESSONKIT_EPOCHS": ["0", "many", "99999999999"],
    "LESSONKIT_BATCH": ["0", "many", "99999999999"],
    "LESSONKIT_SIZE": ["0", "many", "99999999999"],
    "LESSONKIT_PATTERN": ["0", "many", "99999999999"],
    "LESSONKIT_OWN_DATASETS": ["0", "many", "99999999999"],
    "LESSONKIT_ZIP_FILES": ["0", "many", "99999999999"],
    "LESSONKIT_ZIP_MB": ["0", "many", "99999999999"],
    "LESSONKIT_ZIP_RATIO": ["0", "many", "99999999999"],
    "LESSONKIT_TEXTS": ["/no/such/folder", "~nobody-has-this-name/x"],
    "LESSONKIT_HOSTS": ["http://lesson.example", "lesson.example:8501", "*", "a/b", "-x", "ünder.example"],
}


@pytest.mark.parametrize(("name", "wish"), [(name, wish) for name, wishes in UNUSABLE.items() for wish in wishes])
def test_a_value_that_cannot_be_used_is_a_sentence_that_names_the_variable(
    name: str, wish: str, home: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(name, wish)
    with pytest.raises(SettingError) as said:
        READ[name]()
    assert name in said.value.sentence
    assert (wish in said.value.sentence) == (name != "LESSONKIT_PIN")  # which every page would tell the class
    assert said.value.way_out.startswith("Set it to ")


@pytest.mark.parametrize(
    ("name", "wish", "meant"),
    [
        ("LESSONKIT_MIRROR", "http://10.0.0.1:8000/pets/", "http://10.0.0.1:8000/pets"),
        ("LESSONKIT_SCHEDULER", "127.0.0.1:8786", "tcp://127.0.0.1:8786"),
        ("LESSONKIT_SCHEDULER", "TCP://localhost:8786", "tcp://localhost:8786"),
        ("LESSONKIT_SCHEDULER", "tls://10.0.0.1:8786", "tls://10.0.0.1:8786"),
        ("LESSONKIT_SCHEDULER", "tls://[::1]:8786", "tls://[::1]:8786"),
        ("LESSONKIT_DEVICE", " CPU ", "cpu"),
        ("LESSONKIT_PLAIN", "1", True),
        ("LESSONKIT_ENGINE_IDLE", "0.5", 0.5),
        ("LESSONKIT_ENGINE_LEAN", "1e3", 1000.0),
        ("LESSONKIT_DRAWN_PER_BREED", " 12 ", 12),
        ("LESSONKIT_HOSTS", "Lesson.school.example, fd00::1 [::2]", ("lesson.school.example", "fd00::1", "::2")),
    ],
)
def test_a_value_that_can_be_used_is_taken(name: str, wish: str, meant: object, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(name, wish)
    assert READ[name]() == meant


def test_a_mirror_may_be_a_folder_or_the_address_of_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "a mirror"
    folder.mkdir()
    for wish in (str(folder), folder.as_uri()):
        monkeypatch.setenv("LESSONKIT_MIRROR", wish)
        assert config.mirror() == folder.resolve()


@pytest.mark.parametrize("wish", [None, "", "  "])
def test_a_setting_that_is_unset_or_blank_is_the_default(wish: str | None, monkeypatch: pytest.MonkeyPatch):
    for name in READ:
        monkeypatch.delenv(name, raising=False)
        if wish is not None:
            monkeypatch.setenv(name, wish)
    found = [READ[name]() for name in READ]
    limits = [20_000 << 20, 16 << 20, 200, 512, 512, 1_000, 200, 50_000, 2_048 << 20, 20]
    assert found[1:] == [None, None, "auto", False, 600.0, 180.0, 60, (), 1, 2, 20, 2000 << 20, "", *limits, None]
    assert found[0].is_absolute()


def test_what_goes_on_after_a_test_does_not_find_the_users_own_home():
    """No fixture sets it here, as when a thread that a test left behind wakes an engine."""
    assert config.home() == HOME.resolve()
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("LESSONKIT_HOME")
        assert config.home() != HOME.resolve()


def test_every_limit_is_a_setting():
    assert set(config.LIMITS) <= set(READ.values())


def test_a_folder_given_from_here_is_the_same_folder_for_a_process_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "here" / "mirror").mkdir(parents=True)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("LESSONKIT_HOME", "home")
    monkeypatch.setenv("LESSONKIT_MIRROR", "mirror")
    code = "from lessonkit import config; print(config.home()); print(config.mirror())"
    environment = {**config.for_children(), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=elsewhere, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [str(config.home()), str(config.mirror())]


@pytest.mark.parametrize(
    ("name", "wish"),
    [(name, UNUSABLE[name][0]) for name in READ if name not in OF_THE_APP],
)
def test_an_engine_does_not_start_with_a_setting_that_it_cannot_use(
    name: str, wish: str, home: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(name, wish)
    with pytest.raises(SettingError, match=name):
        record.check_start()


def test_a_scheduler_that_does_not_answer_is_named(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LESSONKIT_SCHEDULER", "tcp://127.0.0.1:9")
    with pytest.raises(EngineError, match=r"tcp://127\.0\.0\.1:9, the address in LESSONKIT_SCHEDULER"):
        record.check_start()


def test_the_command_line_says_it_in_one_line(home: Path):
    environment = {**os.environ, "LESSONKIT_ENGINE_IDLE": "10m"}
    done = subprocess.run(
        [sys.executable, "-m", "lessonkit", "engine"], env=environment, cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("LESSONKIT_ENGINE_IDLE is “10m”")
    assert len(done.stderr.splitlines()) == 1


def test_the_server_starts_with_a_home_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch):
    """So that there is a page on which somebody reads it."""
    usual = len(routes.routes())
    monkeypatch.setenv("LESSONKIT_HOME", UNUSABLE["LESSONKIT_HOME"][0])
    assert len(routes.routes()) == usual - 1


def test_the_readme_lists_every_setting_that_is_read():
    read = set()
    for path in [*_python_files(), ROOT / "Makefile", *ROOT.glob("tests/**/*.sh")]:
        read |= set(re.findall(r"\bLESSONKIT_[A-Z_]*[A-Z]\b", path.read_text()))
    listed = re.findall(r"^\| `(LESSONKIT_[A-Z_]+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(read)
    assert set(READ) <= read


def test_settings_are_read_in_one_file():
    """Elsewhere a variable would be used as it stands."""
    found = set()
    for path in _python_files():
        for node in ast.walk(ast.parse(path.read_text())):
            if _reads_a_setting(node):
                found.add(path.relative_to(ROOT).as_posix())
    assert {name for name in found if name.startswith(("lessonkit/", "pages/", "streamlit_app"))} == {
        "lessonkit/config.py"
    }


def _reads_a_setting(node: ast.AST) -> bool:
    """Whether this is a call or a subscript with a setting's name: `environ.get("…")`, `environ["…"]`, `_read("…")`."""
    if isinstance(node, ast.Call):
        inside = node.args[:1]
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        inside = [node.slice]
    else:
        return False
    return any(isinstance(x, ast.Constant) and str(x.value) in {*READ, "LESSONKIT_CHROMIUM"} for x in inside)


def _python_files() -> list[Path]:
    tops = [ROOT / "lessonkit", ROOT / "pages", ROOT / "tests", ROOT / "bench"]
    return [ROOT / "streamlit_app.py", *(path for top in tops for path in sorted(top.rglob("*.py")))]


def test_this_file_knows_every_setting():
    named = set(re.findall(r'"(LESSONKIT_[A-Z_]+)"', Path(config.__file__).read_text()))
    assert named == set(READ) == set(UNUSABLE)


@pytest.mark.parametrize(
    ("shut", "to_write", "usable"),
    [
        (0, True, True), (os.W_OK, True, False), (os.W_OK, False, True), (os.R_OK, False, False),
        (os.X_OK, False, False),
    ],
)  # fmt: skip
def test_a_home_is_read_and_where_that_is_asked_written(
    shut: int, to_write: bool, usable: bool, home: Path, monkeypatch: pytest.MonkeyPatch
):
    """By what the system says of it: whoever runs the tests may be an administrator, to whom nothing is shut."""
    home.mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & shut)
    with contextlib.nullcontext() if usable else pytest.raises(LessonError, match="may not use"):
        config.check_home(to_write)


def test_a_folder_above_the_home_need_not_be_read(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.R_OK)
    config.check_home()
