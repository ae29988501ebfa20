"""What a run is doing, as its `status.json` says: its states, the dataclass, and what is checked when it is read."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, Literal

from pydantic import NonNegativeFloat, NonNegativeInt, PositiveInt
from typing_extensions import TypedDict  # pydantic takes typing's own from Python 3.12 on

from lessonkit.errors import DamagedFileError
from lessonkit.json_files import Said, in_parts
from lessonkit.language import tr

State = Literal["queued", "running", "done", "stopped", "failed", "interrupted"]
QUEUED, RUNNING, DONE, STOPPED, FAILED, INTERRUPTED = STATES = (
    "queued", "running", "done", "stopped", "failed", "interrupted",
)  # fmt: skip
FINISHED = (DONE, STOPPED)  # has a model and predictions
ENDED = (DONE, STOPPED, FAILED, INTERRUPTED)


class Facts(TypedDict, total=False):
    """What a run noted about itself, once it had its photos and its network; others may be added.

    Attributes:
        device_name: what it trained on, as its maker calls it.
        train_photos, valid_photos, breeds: how many there were.
        marks: what the learner's corrections changed, as `corrections.Halves.facts`; {} for a run without.
        parameters, trainable: numbers of the network, and those of them that were trained.
        batch_norm, precompute: as in the `RunSpec`.
        weights_from: where the weights came from that it began with, in words.
        seconds: by stage.
        rung: how it used the GPU where something was let go, as `Rung.words`; "" where nothing was.
        let_go: why, one line for each rung: the first line of the error.
        compiled: what came of torch.compile, as `CompileWhereItPays.facts`; {} where it was not tried.
    """

    device_name: Said
    train_photos: NonNegativeInt
    valid_photos: NonNegativeInt
    breeds: PositiveInt
    marks: dict[str, NonNegativeInt]
    parameters: NonNegativeInt
    trainable: NonNegativeInt
    batch_norm: str
    precompute: bool
    weights_from: Said
    seconds: dict[str, float]
    rung: str
    let_go: list[str]
    compiled: dict[str, bool | float | str]


Facts.__pydantic_config__ = {"extra": "allow", "allow_inf_nan": False}  # type: ignore[attr-defined]


@dataclass
class Status:
    """What a run is doing now.

    Attributes:
        state: one of STATES.
        rung: which rung of `training.rungs.LADDER` it is on; 0 is the highest.
        finishing: whether what is saved of it is to be made a result, and nothing trained any more.
        resumes: how often it went on after its worker or its engine had ended in the midst of it.
        went_on: what happened then, for the learner; "" where nothing did.
        spent: seconds that it was trained before it went on.
        stage: what it is busy with, a name in `stages.STAGES`; "" when not running.
        done, total: how far the stage is, in its unit; total 0 where that is not known.
        sentence, way_out: why it failed or stopped, and what to do, for the learner.
        device: the device by name, once known.
        repeat_of: id of the run whose further repeat this one is, queued by itself; "" where somebody asked for it.
        queued_at, started_at, ended_at, heartbeat: seconds since 1970; 0 until known.
        slept: seconds since it began in which the machine slept.
        facts: see `Facts`.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"allow_inf_nan": False}

    state: State = QUEUED
    finishing: bool = False
    rung: NonNegativeInt = 0
    resumes: NonNegativeInt = 0
    went_on: Said = ""
    spent: NonNegativeFloat = 0.0
    stage: str = ""
    done: NonNegativeInt = 0
    total: NonNegativeInt = 0
    sentence: Said = ""
    way_out: Said = ""
    device: Said = ""
    repeat_of: str = ""
    queued_at: NonNegativeFloat = 0.0
    started_at: NonNegativeFloat = 0.0
    ended_at: NonNegativeFloat = 0.0
    heartbeat: NonNegativeFloat = 0.0
    slept: NonNegativeFloat = 0.0
    facts: Facts = field(default_factory=Facts)

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def finished(self) -> bool:
        return self.state in FINISHED

    @property
    def turn(self) -> tuple[bool, float]:
        """What waits is sorted by it: somebody waits for the first run of a recipe; its repeats give way, then the oldest."""
        return bool(self.repeat_of), self.queued_at

    @property
    def seconds(self) -> float:
        """How long the run took, the machine's sleep left out, and what nobody trained it; 0 until it has ended."""
        if not self.ended_at or not self.started_at:
            return 0.0
        return self.spent + max(0.0, self.ended_at - self.started_at - self.slept)

    def as_json(self) -> dict[str, Any]:
        """What `status.json` holds: the fields, texts with values in their parts."""
        return in_parts(asdict(self))

    def fact(self, name: str) -> Any:
        """One of `Facts` that a run has which is finished. Raises DamagedFileError where it is not there."""
        if name not in self.facts:
            raise DamagedFileError(
                tr("The status of this run does not say “{fact}”.", fact=name), tr("Train it again.")
            )
        return self.facts[name]
