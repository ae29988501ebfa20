"""What pages ask of the engine in somebody's name, once it is seen that they may: nothing else in the pages does these things."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import streamlit as st

from lessonkit import corrections, jobs, recipe_names, runs
from lessonkit.classroom import asked, collection, controls, entrance, learners, rights
from lessonkit.classroom.rights import Person
from lessonkit.language import tr
from lessonkit.photos import own_photos
from lessonkit.photos.dataset import Dataset
from lessonkit.runs import Run
from lessonkit.spec import RunSpec
from lessonkit.ui.core import snapshot, state, who
from lessonkit.ui.core.connection import engine

P = ParamSpec("P")
T = TypeVar("T")


def _actor() -> Person:
    """Who acts. Raises LessonError on a learner's page that the teacher shows."""
    person = who.me()
    rights.check_acts(person)
    return person


def submit(spec: RunSpec, **how: Any) -> Run:
    """`Engine.submit`; in a class it is noted who asked.

    Raises:
        LessonError: as there; it is over the class's limits.
    """
    person = _actor()
    if not person.rules:
        controls.check(spec, who.controls_now())
    run = engine().submit(spec, **how)
    engine().write(learners.trained, *who.kept_under(), run.id, state.began())
    if person.key:
        engine().write(runs.note_asked, run.id, person.key)
        engine().write(controls.bring_back, run.id)
    return run


def find_rate(spec: RunSpec) -> None:
    """`Engine.find_rate`. Raises LessonError: as there; it is over the class's limits."""
    if not _actor().rules:
        controls.check_search(spec, who.controls_now())
    engine().find_rate(spec)


def measure(size: int, kind: str) -> None:
    """`Engine.measure`. Raises LessonError: as there; it is over the class's limits."""
    if not _actor().rules:
        controls.check_measure(who.controls_now())
    engine().measure(size, kind)


def stop(run_id: str) -> bool:
    """Stop a run; where others asked for it too, or look at it, take back this person's request only. Whether it is stopped.

    Raises:
        LessonError: this person did not ask for it.
    """
    person = _actor()
    if not rights.stops(person, runs.asked_by(Run(run_id)), watching(run_id)):
        engine().write(runs.note_asked, run_id, person.key, False)
        st.toast(
            tr("Other learners use this run too, so it goes on. Your own request for it is taken back."),
            icon=":material/group:",
        )
        return False
    engine().stop(run_id)
    return True


def drop_repeats(run_id: str) -> None:
    """Have no repeats follow a run that are not queued yet, unless others asked for them too or look at it.

    Raises:
        LessonError: this person did not ask for it.
    """
    if rights.stops(_actor(), runs.asked_by(Run(run_id)), watching(run_id)):
        engine().write(runs.drop_repeats, Run(run_id))
    else:
        st.toast(tr("Other learners wait for these trainings too, so they go on."), icon=":material/group:")


def may_stop(run_id: str) -> bool:
    """Whether this person has a say in when a run ends."""
    person = who.me()
    return person.rules or person.key in runs.asked_by(Run(run_id))


def stop_job(kind: str, key: str) -> bool:
    """The same for a job. Raises LessonError: this person did not ask for it."""
    person = _actor()
    if not rights.stops(person, jobs.asked_by(kind, key), ()):
        engine().write(jobs.note_asked, kind, key, person.key, False)
        st.toast(tr("Other learners asked for this too, so it goes on."), icon=":material/group:")
        return False
    engine().stop_job(kind, key)
    return True


def may_stop_job(kind: str, key: str) -> bool:
    """Whether this person has a say in when a job ends."""
    person = who.me()
    return person.rules or person.key in jobs.asked_by(kind, key)


def watching(run_id: str) -> list[str]:
    """The keys of those who are here and look at a run."""
    if not who.in_class():
        return []
    return [key for key, one in learners.here(who.controls_now().period).items() if one.run == run_id]


def may_remove(dataset: Dataset) -> bool:
    """Whether this person may delete a dataset."""
    person = who.me()
    return person.rules or person.key == own_photos.maker(dataset)


def remove(dataset: Dataset) -> None:
    """Delete a dataset that learners made. Raises LessonError."""
    rights.check_remove(_actor(), own_photos.maker(dataset))
    engine().write(corrections.remove_dataset, dataset.name)


def may_rename(run: Run) -> bool:
    """Whether this person may name a run's recipe."""
    person = who.me()
    return person.rules or any(person.key in runs.asked_by(one) for one in snapshot.recipe(run).runs)


def rename(run: Run, name: str) -> None:
    """Name a run's recipe. Raises LessonError."""
    rights.check_rename(_actor(), [key for one in snapshot.recipe(run).runs for key in runs.asked_by(one)])
    engine().write(recipe_names.rename, run.spec().recipe, name)


def publish_marks(dataset: Dataset) -> int:
    """Make the teacher's marks the class's set. Raises LessonError for who is no teacher."""
    person = _actor()
    rights.check_teacher(person)
    return engine().write(corrections.publish, dataset, person.key)


def write(change: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`Engine.write` of what is this person's own alone, as their marks. Raises LessonError: as there."""
    _actor()
    return engine().write(change, *args, **kwargs)


def new_period() -> None:
    """Put aside what this class did and begin another. Raises LessonError for who is no teacher."""
    rights.check_teacher(_actor())
    theirs = [run.id for run in runs.all_runs() if runs.asked_by(run)]
    engine().write(controls.new_period, theirs, entrance.new_code())


def ask(text: str, choices: list[str], right: int | None) -> None:
    """Ask everybody a question of the teacher's; it is the one at hand. Raises LessonError: as `asked.ask`."""
    rights.check_teacher(_actor())
    made = engine().write(asked.ask, who.controls_now().period, text, choices, right)
    change_class(question=made.key)


def take_down() -> None:
    """Take the teacher's question down. Raises LessonError for who is no teacher."""
    rights.check_teacher(_actor())
    engine().write(asked.take_down, who.controls_now().period)


def answer(question: str, choice: str, after: bool = False) -> None:
    """Keep what this learner says to a question; in a class it counts there, but for a teacher's."""
    _actor()
    engine().write(learners.answer, *who.kept_under(), question, choice, after, state.began())


def said_before(question: str) -> str | None:
    """What this learner says to a question, also after a reload; None where they said nothing."""
    said = who.notes().answers.get(question)
    return said.now if said else None


def keep_guesses(guesses: str) -> None:
    """Keep what this learner said of the ten photos."""
    _actor()
    engine().write(learners.guess, *who.kept_under(), guesses, state.began())


def begin_collection(title: str, labels: list[str]) -> None:
    """Have the class collect photos. Raises LessonError."""
    rights.check_teacher(_actor())
    engine().write(collection.begin, title, labels)


def open_collection(opens: bool) -> None:
    """Take photos, or no more. Raises LessonError for who is no teacher."""
    rights.check_teacher(_actor())
    engine().write(collection.reopen if opens else collection.close)


def make_collection(which: str) -> None:
    """Have a dataset made of what was collected. Raises LessonError for who is no teacher."""
    rights.check_teacher(_actor())
    engine().start_job("make_collection", which, which)


def withdraw(photo: str, own: bool) -> None:
    """Take a photo back that this person gave, or, as the teacher, any. Raises LessonError.

    Args:
        own: whether it has to be this person's.
    """
    person = _actor()
    if not own:
        rights.check_teacher(person)
    if of := engine().write(collection.withdraw, photo, person.key if own else ""):
        engine().call("recheck", of)


def change_class(**what: Any) -> None:
    """Change what the teacher decides for all (`Controls`). Raises LessonError for who is no teacher."""
    rights.check_teacher(_actor())
    engine().write(controls.change, **what)
