"""How a class's answers to one question spread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import pandas as pd


def spread(said: Iterable[tuple[str, str]], choices: Sequence[str]) -> pd.DataFrame:
    """How many took each choice: a row a choice, in their order.

    Args:
        said: of each learner what they said before they knew the result, and after; "" for nothing.
        choices: all that there are; an answer that is none of them is left out.

    Returns:
        Columns: choice, before, after (learners; who did not answer again after the result is in `before` alone).
    """
    pairs = list(said)
    before, after = Counter(b for b, _ in pairs), Counter(a for _, a in pairs)
    return pd.DataFrame(
        {"choice": list(choices), "before": [before[c] for c in choices], "after": [after[c] for c in choices]}
    )
