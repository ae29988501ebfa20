"""Jobs: asked for once, taken once, stopped, and what their file says of how far they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from lessonkit import awake, jobs
from lessonkit.language import MADE_UP, again, speaking, tr


@pytest.fixture(autouse=True)
def here(home: Path) -> None:
    """On an empty home."""


class Clock:
    """Time that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(jobs, "time", made)
    monkeypatch.setattr(awake, "seconds", made.time)
    return made


def test_a_job_that_waits_or_runs_is_not_queued_again(clock: Clock) -> None:
    first = jobs.create("cache", "pets-160", "pets", 160)
    clock.now += 1
    assert jobs.create("cache", "pets-160", "pets", 160).queued_at == first.queued_at
    assert jobs.begin("cache", "pets-160")
    assert jobs.create("cache", "pets-160", "pets", 160).state == jobs.RUNNING


@pytest.mark.parametrize("end", [jobs.DONE, jobs.FAILED, jobs.STOPPED])
def test_a_job_that_ended_is_queued_again_with_nothing_of_before(end: jobs.State, clock: Clock) -> None:
    job = jobs.create("cache", "pets-160", "pets", 160)
    jobs.begin("cache", "pets-160")
    jobs.stop("cache", "pets-160")
    jobs.Reporter(job).end(end, "It ended.", result=3)
    clock.now += 1
    again = jobs.create("cache", "pets-160", "other", 99)
    assert (again.state, again.args, again.queued_at) == (jobs.QUEUED, ["other", 99], 1001)
    assert (again.sentence, again.result, again.stop_asked()) == ("", None, False)


def test_a_job_is_taken_once_and_only_while_it_waits(clock: Clock) -> None:
    assert jobs.begin("cache", "x") is None
    jobs.create("cache", "x")
    clock.now += 5
    taken = jobs.begin("cache", "x")
    assert taken
    assert (taken.state, taken.started_at) == (jobs.RUNNING, 1005)
    assert jobs.begin("cache", "x") is None


def test_a_job_that_waits_is_stopped_at_once_and_one_that_runs_is_asked_to(clock: Clock) -> None:
    waiting, running = jobs.create("cache", "waits"), jobs.create("cache", "runs")
    jobs.begin("cache", "runs")
    for job in (waiting, running):
        jobs.stop(job.kind, job.key)
    assert (waiting.now().state, waiting.now().ended_at, waiting.now().sentence) == (jobs.STOPPED, 1000, jobs.ASKED)
    assert waiting.now().ended
    assert not waiting.stop_asked()
    assert (running.now().state, running.stop_asked()) == (jobs.RUNNING, True)
    jobs.stop("cache", "nobody asked for it")


def test_all_jobs_come_the_oldest_first_and_are_a_callers_own(clock: Clock) -> None:
    for key in ("b", "a", "c"):
        jobs.create("cache", key)
        clock.now += 1
    assert [job.key for job in jobs.all_jobs()] == ["b", "a", "c"]
    jobs.all_jobs()[0].key = "changed"
    assert [job.key for job in jobs.all_jobs()] == ["b", "a", "c"]


def test_a_key_is_a_file_name_whatever_is_in_it() -> None:
    job = jobs.create("obtain", "../a b/ü.zip")
    assert job.path.parent == jobs.folder()
    assert job.now().key == "../a b/ü.zip"


def test_the_rate_is_that_of_the_stage_and_so_is_the_time_left(clock: Clock) -> None:
    job = jobs.create("obtain", "pets")
    assert (job.rate, job.seconds_left) == (0, None)
    report = jobs.Reporter(job)
    report("downloading", 600, 1000)  # goes on where it was stopped
    assert (job.now().rate, job.now().seconds_left) == (0, None)
    clock.now += 10
    report("downloading", 800, 1000)
    assert (job.now().rate, job.now().seconds_left) == (20, 10)
    clock.now += 1
    report("downloading", 500, 1000)  # what was fetched was no good
    assert (job.now().rate, job.now().seconds_left) == (0, None)


def test_a_stages_first_and_last_report_are_written_and_few_between(clock: Clock) -> None:
    job = jobs.create("cache", "x")
    report, seen = jobs.Reporter(job), []
    for done in range(101):
        report("decoding", done, 100)
        clock.now += 0.01
        seen.append(job.now().done)
    assert seen[0] == 0
    assert seen[-1] == 100
    assert len(set(seen)) == pytest.approx(1 + jobs.WRITES_A_SECOND, abs=1)


def test_the_stages_are_listed_with_the_seconds_they_took(clock: Clock) -> None:
    job = jobs.create("obtain", "pets")
    report = jobs.Reporter(job)
    for stage, seconds in (("downloading", 4), ("unpacking", 2)):
        report(stage, 0, 10)
        clock.now += seconds
        report(stage, 10, 10)
    report.end(jobs.DONE, result={"photos": 10})
    ended = job.now()
    assert [(entry["stage"], entry["done"], entry["total"], entry["seconds"]) for entry in ended.log] == [
        ("downloading", 10, 10, 4), ("unpacking", 10, 10, 2),
    ]  # fmt: skip
    assert (ended.state, ended.result, ended.ended_at) == (jobs.DONE, {"photos": 10}, 1006)


def test_a_job_without_a_stage_lists_none() -> None:
    job = jobs.create("measure", "x")
    jobs.Reporter(job).end(jobs.DONE)
    assert job.now().log == []


def test_why_a_job_failed_is_said_again_in_the_readers_language() -> None:
    job = jobs.create("obtain", "pets", "pets")
    jobs.Reporter(job).end(jobs.FAILED, tr("It rains in {town}.", town="Bath"), "Stay in.", result=["a", "", {}])
    read = job.now()
    assert (read.sentence, read.way_out, read.result) == ("It rains in Bath.", "Stay in.", ["a", "", {}])
    with speaking(MADE_UP):
        assert again(read.sentence) == "⟦It rains in ⟦Bath⟧.⟧"
