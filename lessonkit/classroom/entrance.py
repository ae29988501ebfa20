"""The code of a class: four digits, which the QR code holds and the teacher writes on the board.

It keeps out whoever is not in the room: pages that were left open by the class before, and neighbours in the same network.
Each class has another. The address itself cannot be made shorter where a network has no name service.
"""

from __future__ import annotations

import hmac
import secrets

from lessonkit.classroom import controls, tries
from lessonkit.classroom.places import changing
from lessonkit.errors import LessonError
from lessonkit.language import tr

TRIES_EACH, TRIES_ALL = 10, 200  # wrong codes a minute, from one address and from all


def new_code() -> str:
    """Four digits, the first of them no 0."""
    return str(1000 + secrets.randbelow(9000))


def prepare() -> str:
    """The code of the class that sits here, made now where it has none yet."""
    now = controls.read()
    return now.code or controls.change(code=new_code()).code


def check(code: str, whence: str) -> None:
    """See that this is the code of the class that sits here.

    Args:
        code: as it was typed; blanks in it do not matter. whence: where it was typed (`tries.whence`).

    Raises:
        LessonError: it is another one, or too many were tried within a minute.
    """
    given = "".join(code.split())
    with changing("codes.json") as path:
        before = tries.lately(path, whence, TRIES_EACH, TRIES_ALL, "code")
        if hmac.compare_digest(given.encode(), controls.read().code.encode()):
            return
        tries.note(path, before, whence)
    raise LessonError(tr("This is not the code of this class."), tr("Your teacher shows it: four digits."))
