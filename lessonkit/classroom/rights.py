"""What somebody may do in a class. Alone on a machine, everything."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from lessonkit.errors import LessonError
from lessonkit.language import tr, translatable


@dataclass(frozen=True)
class Person:
    """Who asks.

    Attributes:
        key: the learner's, as `places.key_of` gives it; "" for whoever uses the lesson alone on their machine.
        teacher: whether they opened the teacher's panel with the PIN.
        looks: whether this is a learner's page that the teacher shows: nobody acts on it.
    """

    key: str = ""
    teacher: bool = False
    looks: bool = False

    @property
    def rules(self) -> bool:
        """Whether they may do everything."""
        return self.teacher or not self.key


ASK = translatable("Ask your teacher, who can do it.")


def stops(person: Person, asked: Collection[str], watch: Collection[str]) -> bool:
    """Whether a run, or a job, ends when this person asks it to.

    One that others asked for too, or look at, goes on: the person then only waits for it no more.

    Args:
        asked: the keys of those who asked for it.
        watch: of those who look at it now.

    Raises:
        LessonError: they did not ask for it.
    """
    if person.rules:
        return True
    if person.key not in asked:
        raise LessonError(tr("You did not ask for this run, so you cannot stop it."), tr(ASK))
    return not {*asked, *watch} - {person.key}


def check_remove(person: Person, maker: str) -> None:
    """See that somebody may delete a dataset. Raises LessonError.

    Args:
        maker: the key of who made it; "" where nobody knows.
    """
    if not person.rules and person.key != maker:
        raise LessonError(tr("Somebody else gave these photos, so you cannot delete them."), tr(ASK))


def check_rename(person: Person, asked: Collection[str]) -> None:
    """See that somebody may name a recipe, whose runs these people asked for. Raises LessonError."""
    if not person.rules and person.key not in asked:
        raise LessonError(tr("Somebody else trained this, so you cannot rename it."), tr(ASK))


def check_acts(person: Person) -> None:
    """Raises LessonError on a learner's page that the teacher shows."""
    if person.looks:
        raise LessonError(tr("This is a learner's page, shown to look at."), tr("Close it, and use your own."))


def check_teacher(person: Person) -> None:
    """Raises LessonError for who is not the teacher."""
    if not person.rules:
        raise LessonError(tr("Only the teacher can do this."), tr(ASK))
