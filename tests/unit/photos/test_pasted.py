"""Patterns as people paste them read the breeds that are meant, and what was changed is said."""

from __future__ import annotations

import pytest

from lessonkit.photos import labels, pasted
from lessonkit.photos.labels import DEFAULT_PATTERN

BREEDS = ["Abyssinian", "great_pyrenees", "pug"]
NAMES = [f"{breed}_{number}.jpg" for breed in BREEDS for number in range(1, 12)]


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        (r"(.+)_\d+.jpg$", "bare file name"),
        (r"^(.*)_\d+.jpg", "bare file name"),
        (r"^([^/]+)_\d+.jpg$", "bare file name"),
        (r"r'/([^/]+)_\d+.jpg$'", "quotes"),
        (r"'/([^/]+)_\\d+.jpg$'", "quotes"),
        (r"pat = r'/([^/]+)_\d+.jpg$'", "quotes"),
        (r"np.random.seed(2); pat = r'/([^/]+)_\d+.jpg$'", "quotes"),
        (r"re.compile(r'/([^/]+)_\d+.jpg$')", "quotes"),
        (r"get_y=using_attr(RegexLabeller(r'(.+)_\d+.jpg$'), 'name'),", "quotes"),
        (r"“/([^/]+)_\d+.jpg$”", "quotes"),
        (r"‘/([^/]+)_\d+.jpg$’", "quotes"),
        (r"`/([^/]+)_\d+.jpg$`", "quotes"),
        (r"\\([^\\]+)_\d+.jpg$", "on Windows too"),
        (r"([^\\]+)_\d+.jpg$", "on Windows too"),
        (r"/([^/]+)_\d+.jpg$ ", "blanks"),
        ("\t/([^/]+)_\\d+.jpg$", "blanks"),
        (r"/([^/]+)_d+.jpg$", "backslash was lost"),
        (r"/(w+)_d+.jpg$", "backslash was lost"),
        (r"/([^/]+)_\\d+.jpg$", "doubled"),
        (r"/([^/]+)_\d+.jpg$/gi", "JavaScript"),
        (r"^images/([^/]+)_[0-9]+\.jpg\Z", r"no \Z"),
        (r"/（[^/]+）_\d＋．jpg$", "Wide signs"),
        (r"/([^/]+)_\d+.jpg$  # the label", "behind the #"),
        (r"/([^/]+)_\d+.JPG$", "any ending"),
        (r"(.+)_\d+\.png", "any ending"),
        (r"r'/([^/]+)_\d+.jpg$", "single quote"),
        (r"/([^/]+)_\d+.jpg$',", "single quote"),
        (r"pat = r'(.+)_\d+.jpg$", "single quote"),
        ("/([^/]+)_\\d+.jpg$\u200b", "nobody sees"),
        ("\ufeff/([^/]+)_\\d+.jpg$", "nobody sees"),
        (r"&quot;/([^/]+)_\d+.jpg$&quot;", "HTML"),
        (r"/(\[^/\]+)\_\d+.jpg$", "Markdown"),
        (r"`r'/([^/]+)_\d+.jpg$'`", "quotes"),
        (r"**/([^/]+)_\d+.jpg$**", "Markdown"),
        (r"/([^/]+)_¥d+.jpg$", "keyboards"),
        (r"/([^/]+)_ \d+.jpg $", "blanks in it"),
    ],
)
def test_a_pattern_is_taken_for_what_it_means(pattern: str, said: str) -> None:
    found = pasted.meant(pattern, NAMES)
    assert labels.label(NAMES, found.pattern).breeds == BREEDS
    assert said in " ".join(found.said)


@pytest.mark.parametrize(
    "pattern", [DEFAULT_PATTERN, r"[/\\]([^/\\]+)_\d+.jpg$", r"/([^\/]+)_\d+.jpg$", r"([A-Z].*)_\d+", "(pug)"]
)
def test_a_pattern_that_reads_breeds_stays_as_it_is(pattern: str) -> None:
    assert pasted.meant(pattern, NAMES) == pasted.Meant(pattern)


@pytest.mark.parametrize(
    "pattern", ["", " ", "(", "x", "pug", "(nothing like this)", "'", "r''", "f(" * 400, r"/([^/]+)_x\d+.jpg$"]
)
def test_a_pattern_that_cannot_be_helped_stays_as_it_is(pattern: str) -> None:
    assert pasted.meant(pattern, NAMES) == pasted.Meant(pattern)


def test_a_mistake_within_the_quotes_is_said_without_the_python_around_it() -> None:
    assert pasted.meant(r"pat = r'/([^/]+)_x\d+.jpg$'", NAMES).pattern == r"/([^/]+)_x\d+.jpg$"


def test_folders_before_the_name_do_not_come_into_the_breed() -> None:
    names = [f"train/cats/{name}" for name in NAMES]
    found = pasted.meant(r"(.+)_\d+.jpg$", names)
    assert labels.label(names, found.pattern).breeds == BREEDS
