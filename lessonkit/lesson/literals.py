"""A learner's text as Python source: patterns, file names and breeds in the notebook and in the code that pages show.

`str.isprintable` decides. Python ends a line at a line feed only; IPython and Jupyter also end one at a form feed, a
vertical tab, U+2028 and others, so that a raw string with one of these breaks in two there, and its second half is run.
`repr` writes all of them as escapes.
"""

from __future__ import annotations

from pprint import pformat

WIDTH = 110  # characters a line


def pattern_literal(pattern: str) -> str:
    """A pattern as Python source: as a raw string, which is how people write patterns, where it can be one."""
    raw = pattern.isprintable() and "'" not in pattern and not pattern.endswith("\\")
    return f"r'{pattern}'" if raw else repr(pattern)


def listed(values: object) -> str:
    """A list or dict of text as Python source, in lines of WIDTH characters; `repr` of each text."""
    return pformat(values, width=WIDTH, compact=True)


def code_span(text: str) -> str:
    """Text within Markdown that shows it to the letter: no links, formulas or pictures. Of one line."""
    fence = "`"
    while fence in text:
        fence += "`"
    edge = " " if text[:1] in ("`", " ") or text[-1:] in ("`", " ") else ""
    return f"{fence}{edge}{text}{edge}{fence}"
