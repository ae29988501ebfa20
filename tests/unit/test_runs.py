"""A run's folder: what is written is read again, and a half-written one hurts nobody."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from lessonkit import jobs, run_removal, runs, storage
from lessonkit.engine import lost, tasks
from lessonkit.engine.tasks import run_job
from lessonkit.errors import LessonError, SpecError
from lessonkit.language import MADE_UP, again, joined, speaking, tr
from lessonkit.runs import Run, Status
from lessonkit.spec import RunSpec
from tests.conftest import ROOT
from tests.killing import killed_at


def spec(**changes) -> RunSpec:
    return RunSpec(dataset="drawn", **changes)


def test_a_new_run_is_queued_with_its_spec(home: Path):
    run = runs.create(spec(epochs=7))
    assert run.spec() == spec(epochs=7)
    assert run.status().state == runs.QUEUED
    assert run.status().queued_at > 0
    assert [r.id for r in runs.all_runs()] == [run.id]
    assert [p.name for p in (home / "runs").iterdir()] == [run.id], "nothing is left beside it"


@pytest.mark.parametrize("state", [runs.QUEUED, runs.RUNNING, runs.DONE, runs.STOPPED])
def test_the_same_choice_is_the_same_run(home: Path, state: str):
    run = runs.create(spec())
    run.write_status(Status(state=state, queued_at=5.0))
    run.path("kept").write_text("")
    assert runs.create(spec()).id == run.id
    assert run.path("kept").exists()
    assert run.status().state == state


@pytest.mark.parametrize("state", [runs.FAILED, runs.INTERRUPTED])
def test_a_run_without_a_model_is_queued_again(home: Path, state: str):
    run = runs.create(spec())
    run.ask_to_stop()
    run.write_status(Status(state=state, sentence="why"))
    again = runs.create(spec())
    assert again.id == run.id
    assert again.status().state == runs.QUEUED
    assert again.status().sentence == ""
    assert not again.stop_asked(), "the old wish to stop does not stop the new one"


def test_repeats_are_queued_once_the_first_is_done_and_never_twice(home: Path):
    first = runs.create(spec(), repeats=3)
    runs.queue_repeats(first)
    assert [r.id for r in runs.all_runs()] == [first.id], "it is not done yet"
    first.write_status(Status(runs.DONE))
    runs.queue_repeats(first)
    runs.queue_repeats(first)
    assert sorted(r.spec().seed for r in runs.all_runs()) == [0, 1, 2]
    assert {r.status().repeat_of for r in runs.all_runs()} == {"", first.id}
    runs.Run(spec(seed=1).id).write_status(Status(runs.STOPPED))
    runs.create(spec(), repeats=4)
    assert sorted(r.spec().seed for r in runs.all_runs()) == [0, 1, 2, 3], "those that are missing, at once"
    assert runs.Run(spec(seed=1).id).status().state == runs.STOPPED, "one that has a model stays as it is"
    runs.Run(spec(seed=2).id).write_status(Status(runs.FAILED))
    runs.create(spec(), repeats=4)
    assert runs.Run(spec(seed=2).id).status().state == runs.QUEUED, "one that has none is trained again"


def test_repeats_asked_for_while_the_first_trains_are_not_lost(home: Path):
    first = runs.create(spec())
    first.write_status(Status(runs.RUNNING))
    runs.create(spec(), repeats=2)
    runs.create(spec())
    first.write_status(Status(runs.DONE))
    runs.queue_repeats(first)
    assert sorted(r.spec().seed for r in runs.all_runs()) == [0, 1]


@pytest.mark.parametrize("state", [runs.FAILED, runs.STOPPED])
def test_no_repeat_follows_a_run_that_did_not_get_to_its_end(home: Path, state: str):
    first = runs.create(spec(), repeats=5)
    first.write_status(Status(state))
    runs.queue_repeats(first)
    assert len(runs.all_runs()) == 1


def test_a_damaged_wish_for_repeats_costs_no_run(home: Path):
    first = runs.create(spec(), repeats=5)
    first.write_status(Status(runs.DONE))
    first.path("repeats.json").write_text("many")
    runs.queue_repeats(first)
    assert len(runs.all_runs()) == 1
    assert not first.path("repeats.json").exists()


def test_whoever_trains_a_recipe_that_was_trained_before_gets_a_training_of_their_own(home: Path):
    first = runs.create_another(spec(), repeats=3)
    second = runs.create_another(spec())
    assert [r.spec().seed for r in (first, second)] == [0, 1]
    assert first.repeats_wanted() == 3
    second.write_status(Status(runs.FAILED))
    assert runs.create_another(spec()).id == second.id, "one without a model is trained again"
    second.write_status(Status(runs.STOPPED))
    assert runs.create_another(spec()).spec().seed == 2


@pytest.mark.parametrize("state", [runs.STOPPED, runs.FAILED, runs.INTERRUPTED])
def test_after_a_first_training_without_an_end_the_repeats_are_asked_for_again(home: Path, state: str):
    first = runs.create_another(spec(), repeats=3)
    first.write_status(Status(state))
    again = runs.create_another(spec(), repeats=3)
    assert again.repeats_wanted() == 3
    assert runs.create_another(spec(), repeats=3).repeats_wanted() == 0, "one is under way, which they follow"
    again.write_status(Status(runs.DONE))
    runs.queue_repeats(again)
    waiting = [r.spec().seed for r in runs.all_runs() if not r.status().ended]
    assert len(waiting) == 2, "with the one that is done there are three"


def test_one_that_is_damaged_keeps_nobody_from_training(home: Path):
    first = runs.create_another(spec(), repeats=3)
    first.path("status.json").write_text("{")
    for share in (False, True):
        again = runs.create_another(spec(), repeats=3, share=share)
        assert again.spec().seed == 1


@pytest.mark.parametrize("file", ["status.json", "spec.json"])
def test_a_damaged_repeat_keeps_no_other_from_the_queue(home: Path, file: str):
    first = runs.create(spec(), repeats=4)
    damaged = runs.create(spec(seed=1))
    damaged.end(runs.FAILED)
    damaged.path(file).write_text("{")
    first.write_status(Status(runs.DONE))
    runs.queue_repeats(first)
    assert {2, 3} <= {one.seed for one in runs.specs().values()}
    assert not first.path("repeats.json").exists()


@pytest.mark.parametrize("file", ["status.json", "spec.json"])
@pytest.mark.parametrize("text", ["{", '{"dataset": "drawn", "of_a_newer_version": 1}'])
def test_a_damaged_run_whose_repeats_are_wished_for_ends_no_engine(home: Path, file: str, text: str):
    first = runs.create(spec(), repeats=4)
    first.write_status(Status(runs.DONE))
    first.path(file).write_text(text)
    runs.queue_repeats(first)
    assert len(list((home / "runs").iterdir())) == 1


def test_a_wish_that_is_written_while_the_run_ends_is_seen(home: Path, monkeypatch: pytest.MonkeyPatch):
    """Whoever asks has seen it run, and holds the lock; the engine, which sees it done, waits for that."""
    first = runs.create(spec())
    first.write_status(Status(runs.RUNNING))
    engine = threading.Thread(target=lambda: (ended.wait(), runs.queue_repeats(first)))
    ended, wish = threading.Event(), Run.want_repeats

    def ends_meanwhile(run: Run, repeats: int) -> None:
        if repeats:
            first.write_status(Status(runs.DONE))
            ended.set()
            engine.join(0.2)  # without the lock it would be over by now, and have found no wish
        wish(run, repeats)

    monkeypatch.setattr(Run, "want_repeats", ends_meanwhile)
    engine.start()
    runs.create(spec(), repeats=2)
    engine.join()
    assert sorted(r.spec().seed for r in runs.all_runs()) == [0, 1]


def test_repeats_that_are_not_queued_yet_can_be_dropped(home: Path):
    first = runs.create(spec(), repeats=3)
    first.write_status(Status(runs.DONE))
    runs.drop_repeats(first)
    runs.queue_repeats(first)
    assert len(runs.all_runs()) == 1


def test_what_takes_long_is_watched_by_all_while_it_is_under_way(home: Path):
    first = runs.create_another(spec(), share=True)
    first.write_status(Status(runs.RUNNING))
    assert runs.create_another(spec(), share=True).id == first.id
    first.write_status(Status(runs.DONE))
    assert runs.create_another(spec(), share=True).spec().seed == 1


@pytest.mark.parametrize("ask", [runs.create, runs.create_again])
def test_a_failed_run_asked_for_by_many_at_once_is_queued_once(home: Path, ask, monkeypatch: pytest.MonkeyPatch):
    runs.create(spec()).write_status(Status(state=runs.FAILED))
    queued, really = [], runs._queue
    monkeypatch.setattr(runs, "_queue", lambda of, **how: queued.append(of) or really(of, **how))
    start = threading.Barrier(8)

    def press() -> None:
        start.wait()
        ask(spec())

    learners = [threading.Thread(target=press) for _ in range(8)]
    for learner in learners:
        learner.start()
    for learner in learners:
        learner.join()
    assert queued == [spec()]


def test_a_run_named_in_an_address_is_found_or_is_none(home: Path):
    run = runs.create(spec())
    assert runs.find(run.id).spec() == spec()
    for name in ("", "0123456789ab", "a" * 300, "../" + run.id, run.id.upper() + "\n", run.id + "\n"):
        assert runs.find(name) is None
    run.path("spec.json").write_text('{"dataset": "drawn", "of_a_later_version": 1}')
    assert runs.find(run.id) is None


def test_a_run_asked_for_by_many_at_once_is_one_whole_run(home: Path):
    ready = threading.Barrier(8)

    def ask() -> None:
        ready.wait()
        runs.create(spec())

    askers = [threading.Thread(target=ask) for _ in range(8)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert [p.name for p in (home / "runs").iterdir()] == [spec().id]
    assert Run(spec().id).status().state == runs.QUEUED


def test_runs_are_listed_the_newest_first(home: Path):
    for n in (1, 3, 2):
        run = runs.create(spec(seed=n))
        run.write_status(Status(queued_at=float(n)))
    (home / "runs" / "stray").mkdir()
    assert [r.spec().seed for r in runs.all_runs()] == [3, 2, 1]


def test_a_status_is_read_as_written_and_carries_its_heartbeat(home: Path):
    run = runs.create(spec())
    run.write_status(Status(state=runs.FAILED, sentence="No “weights”.", facts={"breeds": 12}))
    status = run.status()
    assert (status.state, status.sentence, status.facts) == (runs.FAILED, "No “weights”.", {"breeds": 12})
    assert status.heartbeat > 0
    assert (status.ended, status.finished) == (True, False)


def test_what_a_run_says_is_said_again_in_every_readers_language(home: Path):
    """The engine speaks English; what it wrote is a list in the file, and English again for who does not say it again."""
    run = runs.create(spec())
    lost.died(run, lost.WORKER_DIED)
    assert runs.begin(run)
    status = run.status()
    status.facts = {"weights_from": tr("run {run}", run="0123456789ab")}
    status.device = tr("{cpu}, 2 cores", cpu="A processor")
    run.write_status(status)
    run.end(runs.FAILED, joined(tr("It rains on {day}.", day="Monday"), "So it is wet."), tr("Stay in."))
    ended = run.status()
    assert (ended.sentence, ended.way_out) == ("It rains on Monday. So it is wet.", "Stay in.")
    assert ended.went_on.startswith("The worker that trained this run ended suddenly. No epoch of it was saved")
    with speaking(MADE_UP):
        assert again(ended.sentence) == "⟦⟦It rains on ⟦Monday⟧.⟧ ⟦So it is wet.⟧⟧"
        assert again(ended.went_on).startswith("⟦⟦The worker that trained this run ended suddenly.⟧ ⟦No epoch")
        assert again(ended.facts["weights_from"]) == "⟦run ⟦0123456789ab⟧⟧"
        assert again(ended.device) == "⟦⟦A processor⟧, 2 cores⟧"
    assert runs.snapshot().runs[0].status() == ended


def test_a_status_of_before_there_were_other_languages_is_read(home: Path):
    run = runs.create(spec())
    run.path("status.json").write_text(json.dumps({"state": "failed", "sentence": "It rains {a}.", "way_out": ""}))
    assert run.status().sentence == "It rains {a}."


def test_a_history_row_that_is_not_finished_is_left_out(home: Path):
    run = runs.create(spec())
    assert run.history() == []
    head = ",".join(runs.HISTORY_COLUMNS)
    run.path("history.csv").write_text(f"{head}\n0,1.5,1.25,0.5,2.0\n1,1.2,1.1")
    assert run.history() == [{"epoch": 0, "train_loss": 1.5, "valid_loss": 1.25, "error_rate": 0.5, "seconds": 2.0}]
    run.path("history.csv").write_text(head)
    assert run.history() == []


def test_events_go_on_where_the_reader_was(home: Path):
    run = runs.create(spec())
    assert run.events() == ([], 0)
    with run.path("events.jsonl").open("a") as f:
        f.write(json.dumps({"batch": 0}) + "\n" + '{"batch": 1')
        f.flush()
        first, at = run.events()
        assert first == [{"batch": 0}]
        f.write("}\n")
        f.flush()
    assert run.events(at)[0] == [{"batch": 1}]


def test_settings_of_a_newer_version_are_a_sentence(home: Path):
    run = runs.create(spec())
    storage.write_json(run.path("spec.json"), {**spec().to_dict(), "mixup": True})
    with pytest.raises(SpecError, match="mixup"):
        run.spec()


def test_a_file_that_cannot_be_written_leaves_the_old_one(home: Path):
    run = runs.create(spec())
    with pytest.raises(ValueError, match="JSON"):
        run.write_status(Status(facts={"loss": float("nan")}))
    assert run.status().state == runs.QUEUED


# jobs are kept in the same way


def test_a_job_asked_for_twice_is_one_job_until_it_ended(home: Path):
    job = jobs.create("obtain", "pets", "pets")
    assert jobs.create("obtain", "pets", "pets").queued_at == job.queued_at
    report = jobs.Reporter(job)
    report.end(jobs.FAILED, "No network.", "Connect.")
    assert (job.now().sentence, job.now().way_out, job.now().ended) == ("No network.", "Connect.", True)
    assert jobs.create("obtain", "pets", "pets").now().state == jobs.QUEUED
    assert [j.key for j in jobs.all_jobs()] == ["pets"]


def test_a_job_that_waits_stops_at_once_and_is_not_begun(home: Path):
    job = jobs.create("obtain", "pets", "pets")
    jobs.stop("obtain", "pets")
    assert (job.now().state, job.now().ended, job.now().sentence) == (jobs.STOPPED, True, jobs.ASKED)
    assert jobs.begin("obtain", "pets") is None
    assert run_job("obtain", "pets") == jobs.STOPPED


def test_a_job_is_begun_once(home: Path):
    jobs.create("obtain", "pets", "pets")
    assert jobs.begin("obtain", "pets").state == jobs.RUNNING
    assert jobs.begin("obtain", "pets") is None


def test_a_job_ends_where_it_tells_how_far_it_is_once_it_is_asked_to_stop(home: Path, monkeypatch: pytest.MonkeyPatch):
    told = []

    def work(report) -> None:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            report("photos", len(told), 0)
            told.append(1)
            if len(told) == 3:
                jobs.stop("cache", "pets-96")
        told.append("to its end")

    monkeypatch.setattr(tasks, "resolve", lambda _: work)
    job = jobs.create("cache", "pets-96")
    assert run_job("cache", "pets-96") == jobs.STOPPED
    assert "to its end" not in told
    assert (job.now().state, job.now().sentence) == (jobs.STOPPED, jobs.ASKED)
    jobs.stop("cache", "pets-96")
    assert jobs.create("cache", "pets-96").state == jobs.QUEUED
    assert not job.stop_asked(), "the wish to stop was of the one before"


def test_a_stage_is_never_left_unfinished_in_the_file(home: Path):
    job = jobs.create("obtain", "pets")
    report = jobs.Reporter(job)
    for done in range(1001):
        report("download", done, 1000)
    assert (job.now().stage, job.now().done) == ("download", 1000)
    report("unpack", 0, 10)
    assert (job.now().stage, job.now().done) == ("unpack", 0)
    assert [(e["stage"], e["done"], e["total"]) for e in job.now().log] == [("download", 1000, 1000)]


def test_a_download_that_goes_on_counts_its_rate_from_where_it_began(home: Path):
    job = jobs.Job("obtain", "pets", stage="download", stage_seconds=10.0, stage_from=500, done=700)
    job.total = 1000
    assert job.rate == pytest.approx(20.0)
    assert job.seconds_left == pytest.approx(15.0)
    assert jobs.Job("obtain", "pets").seconds_left is None


def test_a_key_cannot_name_a_file_elsewhere(home: Path):
    job = jobs.create("cache", "../../etc-96")
    assert job.path.parent == jobs.folder()


def test_a_file_that_someone_reads_for_a_moment_is_replaced_after_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    held, real = [True, True], os.replace

    def refuse_while_held(new: Path, old: Path) -> None:  # as Windows does
        if held:
            held.pop()
            raise PermissionError
        real(new, old)

    monkeypatch.setattr(storage, "REPLACE_PAUSES", (0, 0))
    monkeypatch.setattr(os, "replace", refuse_while_held)
    storage.write_bytes(tmp_path / "status.json", b"new")
    assert (tmp_path / "status.json").read_bytes() == b"new"
    held += [True] * 3
    with pytest.raises(PermissionError):
        storage.write_bytes(tmp_path / "status.json", b"newer")


def test_a_stopped_run_is_trained_whole_only_when_that_is_asked_for_and_those_after_it_again(home: Path):
    stage = runs.create(spec())
    stage.write_status(Status(state=runs.STOPPED))
    after = runs.create(spec(starts_from=stage.id))
    last = runs.create(spec(starts_from=after.id))
    other = runs.create(spec(seed=9))
    for run in (after, last, other):
        run.write_status(Status(state=runs.DONE))
    assert [r.id for r in runs.going_on_from(stage)] == [after.id, last.id]

    assert runs.create(spec()).status().state == runs.STOPPED
    assert runs.create_again(spec()).id == stage.id
    assert [r.status().state for r in (stage, after, last, other)] == [runs.QUEUED] * 3 + [runs.DONE]
    assert [r.status().queued_at for r in (stage, after, last)] == sorted(
        r.status().queued_at for r in (stage, after, last)
    )


def test_a_stopped_run_stays_while_one_that_goes_on_from_it_is_under_way(home: Path):
    stage = runs.create(spec())
    stage.write_status(Status(state=runs.STOPPED))
    runs.create(spec(starts_from=stage.id)).write_status(Status(state=runs.RUNNING))
    with pytest.raises(LessonError, match="under way"):
        runs.create_again(spec())
    assert stage.status().state == runs.STOPPED


def test_a_run_that_is_done_is_not_trained_again(home: Path):
    run = runs.create(spec())
    run.write_status(Status(state=runs.DONE))
    assert runs.create_again(spec()).status().state == runs.DONE


def test_of_two_wishes_for_repeats_while_the_first_trains_the_larger_stays(home: Path):
    first = runs.create(spec(), repeats=5)
    runs.create(spec(), repeats=3)
    assert first.repeats_wanted() == 5
    runs.create(spec(), repeats=7)
    assert first.repeats_wanted() == 7


def test_a_stopped_run_that_is_trained_again_has_its_repeats_after_it(home: Path):
    first = runs.create(spec())
    first.write_status(Status(runs.STOPPED))
    assert runs.create_again(spec(), repeats=3).repeats_wanted() == 3
    first.write_status(Status(runs.STOPPED))
    assert runs.create_again(spec()).repeats_wanted() == 0, "the wish of before was for the training of before"


def test_a_run_that_waits_ends_at_once_when_it_is_stopped_and_one_that_trains_is_asked_to(home: Path):
    waits, trains, ended = (runs.create(spec(seed=n)) for n in range(3))
    trains.write_status(Status(runs.RUNNING))
    ended.write_status(Status(runs.DONE))
    for run in (waits, trains, ended):
        runs.stop(run.id)
    assert (waits.status().state, waits.status().sentence) == (
        runs.INTERRUPTED,
        "This run was stopped before it began.",
    )
    assert (trains.status().state, trains.stop_asked()) == (runs.RUNNING, True)
    assert (ended.status().state, ended.stop_asked()) == (runs.DONE, False)
    runs.stop("0123456789ab")
    assert not Run("0123456789ab").folder.exists()


def test_a_run_is_begun_once_and_not_while_it_waits_for_another_or_is_to_stop(home: Path):
    first = runs.create(spec())
    after = runs.create(spec(starts_from=first.id))
    assert not runs.begin(after), "the run that it goes on from is to be trained before it"
    assert after.status().state == runs.QUEUED
    assert runs.begin(first)
    assert not runs.begin(first)
    assert first.status().started_at > 0
    first.write_status(Status(runs.DONE))
    after.ask_to_stop()
    assert not runs.begin(after)
    assert after.status().state == runs.INTERRUPTED
    assert not runs.begin(Run("0123456789ab"))


def test_who_asked_for_the_first_asked_for_its_repeats(home: Path):
    first = runs.create(spec(), repeats=2)
    runs.note_asked(first.id, "one")
    runs.note_asked(first.id, "other")
    runs.note_asked(first.id, "one")
    assert runs.asked_by(first) == ["other", "one"]
    first.write_status(Status(runs.DONE))
    runs.queue_repeats(first)
    repeat = Run(spec(seed=1).id)
    runs.note_asked(repeat.id, "third")
    assert sorted(runs.asked_by(repeat)) == ["one", "other", "third"]
    runs.note_asked(first.id, "other", asks=False)
    assert runs.asked_by(first) == ["one"]
    runs.note_asked("0123456789ab", "one")
    assert not Run("0123456789ab").folder.exists()


def test_what_a_run_that_failed_left_is_gone_when_it_is_queued_again_but_who_asked_and_what_was_saved(home: Path):
    run = runs.create(spec(), repeats=3)
    runs.note_asked(run.id, "one")
    for name in ("history.csv", "vocab.json"):
        run.path(name).write_text("")
    run.end(runs.FAILED, "Why.")
    runs.create(spec())
    assert sorted(path.name for path in run.folder.iterdir()) == ["asked_by.json", "spec.json", "status.json"]
    run.path("history.csv").write_text("")
    run.path(runs.CHECKPOINT).write_text("")
    run.end(runs.FAILED, "Why.")
    runs.create(spec())
    assert run.path("history.csv").exists()
    assert run.has_checkpoint()
    assert run.status().sentence == "Why.", "it is said once more where it goes on"


# killed in between

WRITES = (
    "create_again",
    "_queue",
    "keep_result",
    "begin",
    "put_aside",
    "_bring_back",
    "end",
    "tidy",
    "write_bytes",
    "write_status",
)


def learn(run: Run, what: str) -> None:
    """What a run leaves that learned something: each file says what."""
    storage.write_bytes(run.path(runs.MODEL), what.encode())
    storage.write_bytes(run.path("history.csv"), f"{','.join(runs.HISTORY_COLUMNS)}\n0,1,1,1,1\n{what}".encode())
    run.write_status(Status(**{**vars(run.status()), "device": what}))


def learned(run: Run) -> set[str]:
    """What a run's files say that it learned; one word where they fit together."""
    history = run.path("history.csv").read_text().rsplit("\n", 1)[1]
    return {run.path(runs.MODEL).read_text(), history, run.status().device}


def stopped_and_one_after(home: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Run, Run]:
    """In a home of its own a run that was stopped, and one that went on from it."""
    monkeypatch.setenv("LESSONKIT_HOME", str(home))
    stage = runs.create(spec())
    after = runs.create(spec(starts_from=stage.id))
    for run, state in ((stage, runs.STOPPED), (after, runs.DONE)):
        learn(run, "before")
        run.end(state)
    return stage, after


def next_engine(*after_a_kill: Run) -> None:
    """What an engine does about runs that another left, if nobody lets it train."""
    run_removal.tidy()
    for run in after_a_kill:
        if run.status().state == runs.RUNNING:
            run.end(runs.INTERRUPTED, "The engine ended.")
        runs.stop(run.id)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.parametrize("state", [runs.DONE, runs.FAILED])
def test_killed_at_any_line_a_run_trained_again_has_a_whole_result(tmp_path: Path, state: str):
    """In a process of its own: hundreds of forks of one that has imported torch take a minute."""
    code = "import sys; from tests.unit import test_runs; test_runs.killed_at_each_line(*sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path), state], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def killed_at_each_line(folder: str, state: str) -> None:
    """Raises AssertionError where a run is not whole, that was killed at some line of being trained again."""
    os.fsync = lambda _: None  # a kill is no power cut
    found: list[str] = []
    for line in range(10_000):
        stage, after = stopped_and_one_after(Path(folder) / str(line), pytest.MonkeyPatch())

        def again(stage: Run = stage) -> None:
            runs.create_again(spec())
            assert runs.begin(stage)
            learn(stage, "again")
            stage.end(state, "Why.")

        killed = killed_at(line, again, WRITES)
        behind = after.status().state == runs.QUEUED or stage.status().state == runs.STOPPED
        assert behind, "what went on from weights that are being learned again waits for them"
        next_engine(stage, after)
        assert stage.status().finished
        assert len(learned(stage)) == 1, f"killed at line {line}"
        assert learned(after) == {"before"}
        assert after.status().finished
        left = [p.name for p in stage.folder.rglob("*") if p.name.startswith("before")]
        assert left == []
        found += learned(stage)
        if not killed:
            break
    assert found[-1] == ("again" if state == runs.DONE else "before")
    assert set(found) == {"before", found[-1]}


def test_a_training_that_goes_on_leaves_the_result_of_before_alone(home: Path, monkeypatch):
    stage, _ = stopped_and_one_after(home, monkeypatch)
    runs.create_again(spec())
    for resumes in range(3):
        assert runs.begin(stage)
        assert stage.status().resumes == resumes
        learn(stage, "half")
        lost.died(stage, lost.WORKER_DIED)
    assert (stage.status().state, learned(stage)) == (runs.STOPPED, {"before"})
    assert "did not suffice. What it had learned before, in 1 epoch, is kept." in stage.status().sentence


def test_a_run_that_went_on_took_the_time_that_it_was_trained(home: Path):
    run = runs.create(spec())
    run.write_status(Status(state=runs.RUNNING, started_at=time.time() - 40.0, slept=10.0))
    lost.died(run, lost.WORKER_DIED)
    assert runs.begin(run)
    status = run.status()
    assert status.spent == pytest.approx(30.0, abs=1.0)
    status.ended_at = status.started_at + 5.0
    assert status.seconds == pytest.approx(35.0, abs=1.0)


def test_an_engine_that_starts_deletes_what_killed_processes_left(home: Path):
    run = runs.create(spec())
    run.end(runs.DONE)
    old, new = run.path(".model.safetensors.0123abcd"), run.path(".status.json.4567cdef")
    for half in (old, new):
        half.touch()
    os.utime(old, (1, 1))
    (home / "runs" / ".0123456789ab.89abcdef").mkdir()
    run_removal.tidy()
    assert sorted(p.name for p in run.folder.iterdir()) == [new.name, "spec.json", "status.json"]
    assert [p.name for p in (home / "runs").iterdir()] == [run.id]


def test_a_run_asked_for_again_while_its_worker_tidies_up_is_queued(home: Path, monkeypatch: pytest.MonkeyPatch):
    run = runs.create(spec())
    ended = SimpleNamespace(fit=lambda _, run, report: run.end(runs.STOPPED, "Stopped."), finish=None)
    monkeypatch.setitem(sys.modules, "lessonkit.training.fit", ended)
    monkeypatch.setattr(tasks, "delete_unused", lambda: runs.create_again(spec()))
    tasks.train(run.id)
    assert run.status().state == runs.QUEUED
