"""Which workers of a cluster may be given work, and why none may: `workers.json`, written by an engine whose workers are not
its own, so that the pages and commands can say why a run waits, and ask no worker of another home or version.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path

from lessonkit import config
from lessonkit.engine import record
from lessonkit.errors import DamagedFileError, NoWorkersError
from lessonkit.json_files import Said, in_parts, read_json
from lessonkit.storage import write_json


@dataclass
class Workforce:
    """The workers of a cluster, as an engine found them.

    Attributes:
        scheduler: the id of its scheduler: the word of an engine of another one counts no more.
        usable: addresses of those that have this home and these versions.
        sentence, way_out: why no run can be trained, and what to do; "" while one can.
    """

    scheduler: str
    usable: list[str] = field(default_factory=list)
    sentence: Said = ""
    way_out: Said = ""

    @property
    def problem(self) -> NoWorkersError | None:
        """Why no run can be trained; None while one can."""
        return NoWorkersError(self.sentence, self.way_out) if self.sentence else None


def path() -> Path:
    return config.home() / "workers.json"


def write(found: Workforce) -> None:
    write_json(path(), in_parts(asdict(found) | {"sentence": found.sentence, "way_out": found.way_out}))


def remove() -> None:
    path().unlink(missing_ok=True)


def read(known: record.Record | None) -> Workforce | None:
    """What the engine that `known` is the word of says of its workers; None where they are its own, or it has not said."""
    if known is None or known.own:
        return None
    try:
        found = read_json(path(), Workforce)
    except (OSError, DamagedFileError):
        return None
    return found if found.scheduler == known.scheduler else None


def problem() -> NoWorkersError | None:
    """Why the engine of this home can have no run trained just now; None while it can, or where no engine lives."""
    known = record.read()
    found = read(known) if record.alive(known) else None
    return found.problem if found else None
