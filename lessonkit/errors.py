"""Errors a learner may see: one sentence that says what happened, and a way out."""

import secrets

from lessonkit.language import again


def error_number() -> str:
    """A number for an error that nobody foresaw: the learner reads it, and the log has it beside the traceback."""
    return secrets.token_hex(3)


class LessonError(Exception):
    """Something went wrong that the learner can do something about.

    Args:
        sentence: what happened, as one sentence for the learner.
        way_out: what to do about it, as one sentence; may be empty.

    Both are texts of `tr`'s: an error that another process raised, or another learner's page, is shown by `language.again`.
    """

    def __init__(self, sentence: str, way_out: str = ""):
        super().__init__(sentence, way_out)
        self.sentence = sentence
        self.way_out = way_out

    def __str__(self) -> str:
        return f"{again(self.sentence)} {again(self.way_out)}".strip()


class StopAsked(BaseException):
    """Somebody asked to stop this work. It is raised where the work tells how far it is.

    No `Exception`, as asyncio's CancelledError is none: nothing on its way may take it for a failure of its own.
    """


class DeviceLostError(Exception):
    """The GPU answers this process no more: another one has to go on."""


class SettingError(LessonError):
    """A setting in the environment that cannot be used; the sentence names the variable."""


class PatternError(LessonError):
    """The labelling pattern cannot be used, or labels too little to train on."""


class PhotoError(LessonError):
    """A photo cannot be opened, or is not one that the lesson takes."""


class PhotoNotReadError(PhotoError):
    """A photo could not be read this time: the disk, the memory or whoever took it away is at fault, not its bytes.

    Nothing may remember it as one that does not open.
    """


class DownloadError(LessonError):
    """An archive could not be fetched, or is not what it should be."""


class DiskError(DownloadError):
    """The disk is full, or does not take files: what was fetched already is as good as before."""


class DamagedFileError(LessonError):
    """A file that the lesson wrote holds something else now: somebody changed it, or a disk lost a part of it."""


class CheckpointError(LessonError):
    """What was saved of a run cannot be gone on from: damaged, or of other photos or weights than there are now."""


class WeightsError(LessonError):
    """Pretrained weights are not on this machine and cannot be fetched."""


class SpecError(LessonError):
    """A choice that no run can be made from (a learning rate of 0, 10,000 epochs)."""


class EngineError(LessonError):
    """The engine does not answer, or a worker died."""


class UpdatedError(EngineError):
    """The lesson's files were replaced by another version while this process ran."""


class NoWorkersError(EngineError):
    """Of a cluster's workers none is there that may train for this home: what waits goes on waiting until one is."""


class QueueFullError(LessonError):
    """As much waits as may: of one learner, or of all."""


class LeavingError(EngineError):
    """The engine of an earlier version finishes what it has before another can start."""
