"""Labels from names: what a pattern makes of them, what it says when it cannot, and the split."""

from __future__ import annotations

import contextlib
import re
import threading
from types import SimpleNamespace

import pytest

from lessonkit.errors import PatternError
from lessonkit.photos.labels import (
    DEFAULT_PATTERN,
    check_pattern,
    label,
    label_dataset,
    matches,
    narrow,
    require_trainable,
    split,
)

NAMES = [f"{breed}_{n}.jpg" for breed in ("Bengal", "american_bulldog", "Maine_Coon") for n in (1, 2, 30)]


def test_the_lessons_own_pattern_labels_names_as_re_does_paths() -> None:
    labels = label(NAMES, DEFAULT_PATTERN)
    assert labels.of == {n: re.search(DEFAULT_PATTERN, f"images/{n}").group(1) for n in NAMES}
    assert labels.breeds == ["Bengal", "Maine_Coon", "american_bulldog"]
    assert labels.counts == {"Bengal": 3, "Maine_Coon": 3, "american_bulldog": 3}
    assert labels.unmatched == []


def test_what_does_not_match_is_listed_in_order() -> None:
    names = ["z.png", *NAMES, "a.txt"]
    assert label(names, DEFAULT_PATTERN).unmatched == ["z.png", "a.txt"]


def test_the_first_group_is_the_label_and_an_empty_one_is_none() -> None:
    assert label(["pug_7.jpg"], r"/(?P<breed>[a-z]+)_(\d+)").of == {"pug_7.jpg": "pug"}
    assert label(["pug_7.jpg", "7.jpg"], r"/([a-z]*)_?\d").of == {"pug_7.jpg": "pug"}
    assert label(["pug_7.jpg", "7.jpg"], r"/([a-z]+)_|7").of == {"pug_7.jpg": "pug"}


def test_letters_of_any_language_are_labels() -> None:
    assert label(["Löwchen_1.jpg", "柴犬_2.jpg"], DEFAULT_PATTERN).breeds == ["Löwchen", "柴犬"]
    (match,) = matches(["Löwchen_1.jpg"], DEFAULT_PATTERN)
    assert match.text[slice(*match.groups[0][:2])] == "Löwchen"


def test_what_w_misses_is_said_where_there_is_something_to_miss() -> None:
    pattern = r"/(\w+)_\d+"
    assert label(["Löwchen_1.jpg"], r"(\w+)_\d+").breeds == ["wchen"]  # why it must be said
    assert "“Löwchen_1.jpg”" in narrow(["pug_1.jpg", "Löwchen_1.jpg"], pattern)
    assert label(["Löwchen_1.jpg"], r"/([\pL\d_]+)_\d+").breeds == ["Löwchen"]  # what it points to
    assert narrow(["pug_1.jpg", "pug’s_2.jpg"], pattern) == ""
    assert narrow(["Löwchen_1.jpg"], DEFAULT_PATTERN) == ""
    assert narrow(["Löwchen_1.jpg"], r"([^/]+)\\w") == ""  # a backslash, and a w


def test_folders_label_and_wordnets_ids_become_words() -> None:
    names = ["train/n02086240/a.JPEG", "val/n02086240/b.JPEG", "train/n02115641/c.JPEG", "rex/1.jpg", "loose.jpg"]
    labels = label(names, "", labelled_by="folder")
    assert labels.counts == {"Shih-Tzu": 2, "dingo": 1, "rex": 1}
    assert labels.unmatched == ["loose.jpg"]


@pytest.mark.parametrize(
    ("pattern", "said", "way_out"),
    [
        ("", "no pattern", "the lesson's own"), ("   ", "no pattern", ""), (r"/[^/]+_\d+", "no group", "brackets"),
        ("(a", "missing )", "closed"), ("([a", "missing ]", "closed"), ("a)", "unexpected )", "opened"),
        ("*(a)", "no argument for repetition", "before them"), ("(a)**", "bad repetition", "side by side"),
        ("(a){2000}", "invalid repetition size", "1,000"), ("(a)\\", "trailing \\", "after it"),
        ("([z-a])", "invalid character class range", "upwards"), (r"(a)\1", "invalid escape", "left out"),
        (r"(.+)(?=_\d)", "looks ahead", "does hold"), (r"(?!x)(.+)", "looks ahead", "does hold"),
        (r"(?<=/)(.+)", "looks behind", "does hold"), ("(" * 2000, "2,000 characters", "under"),
        ("(\ud800)", "no file name can hold", ""),
    ],
)  # fmt: skip
def test_a_pattern_that_is_none_gets_a_sentence(pattern: str, said: str, way_out: str) -> None:
    for use in (check_pattern, lambda p: label(NAMES, p), lambda p: matches(NAMES, p)):
        with pytest.raises(PatternError) as caught:
            use(pattern)
        assert said in caught.value.sentence
        assert way_out in caught.value.way_out
        assert caught.value.way_out


@pytest.mark.parametrize(
    ("hidden", "named", "written"),
    [
        ("\f", "a control character, U+000C", r"\x0C"), ("\u200d", "zero width joiner, U+200D", r"\x{200D}"),
        ("\u202f", "narrow no-break space, U+202F", r"\x{202F}"), ("\u2028", "line separator", r"\x{2028}"),
    ],
)  # fmt: skip
def test_a_character_that_nobody_sees_is_refused_where_a_pattern_is_typed(
    hidden: str, named: str, written: str
) -> None:
    names = [f"pug{hidden}_1.jpg"]
    typed = f"/([a-z]+){hidden}_"
    for check in (check_pattern, lambda pattern: matches(names, pattern)):
        with pytest.raises(PatternError, match=re.escape(named)) as problem:
            check(typed)
        assert written in problem.value.way_out
    assert label(names, f"/([a-z]+){written}_").breeds == ["pug"], "what it says to write works"


def test_the_pattern_that_froze_re_is_read_at_once() -> None:
    # `re` needs 13 s for one such name; 2,000 of them would outlast the test run.
    names = [f"{'american bulldog ' * 3}{n}!" for n in range(2000)]
    assert label(names, r"^images/(\w+\s?)*\.jpg$").of == {}


HOSTILE = [
    *(f"({inner}){repeat}X" for inner in (r"\w+\s?", "a*", "a+", "a|a", "(a|b|ab)*", ".*.*", r"[\w\s]*") for repeat in "*+"),
    *(f"^(.*){{1,{n}}}X$" for n in (5, 20, 30)), "(.{0,30}){0,30}X", "(a?){30}a{30}", "((((a+)+)+)+)+X", r"(\w|\W)*X",
    "(.+)+(.+)+(.+)+X", "(x+x+)+y", r"^(([a-z ])+.)+[A-Z]([a-z])+$", "(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)X",
    "(a|aa)+$X", "((a|aa)+)+$X", "(.|.|.|.)*X", r"(\s*\S*)*X", "(" * 40 + "a" + ")*" * 40 + "X", "(a{0,9}){0,9}X",
]  # fmt: skip


def test_whoever_asks_beside_hostile_patterns_is_answered_between_them() -> None:
    """None keeps the interpreter for itself: another thread goes on while each is tried on a class's photos."""
    assert len(HOSTILE) >= 30
    names, turns, over = [f"{'aaaa bulldog ' * 4}{n}!" for n in range(300)], [0], threading.Event()

    def ask() -> None:
        while not over.is_set():
            turns[0] += 1
            over.wait(0.001)

    beside = threading.Thread(target=ask)
    beside.start()
    try:
        for pattern in HOSTILE:
            before = turns[0]
            with contextlib.suppress(PatternError):
                label(names, pattern)
            while turns[0] == before:  # a thread that waits a millisecond is up at once, unless it is kept from it
                over.wait(0.001)
    finally:
        over.set()
        beside.join()


def test_what_cannot_be_trained_on_is_said() -> None:
    with pytest.raises(PatternError, match="None of the 9 file names"):
        require_trainable(label(NAMES, "(no such)"))
    with pytest.raises(PatternError, match="“images”"):
        require_trainable(label(NAMES, "(images)"))
    with pytest.raises(PatternError, match="“Bengal” has a single photo:"):
        require_trainable(label(NAMES[2:], DEFAULT_PATTERN))
    with pytest.raises(PatternError, match=r"and 6 more have a single photo each") as caught:
        require_trainable(label(NAMES, r"/(.+)\.jpg"))
    assert "\\d+ outside" in caught.value.way_out
    require_trainable(label(NAMES, DEFAULT_PATTERN))


def test_explain_says_where_each_group_is() -> None:
    found, missed, half = matches(["pug_7.jpg", "x.png", "_7.jpg"], r"/([^/_]*)_(\d+)(z)?\.jpg$")
    assert (found.matched, found.label, found.text) == (True, "pug", "images/pug_7.jpg")
    assert found.span == (6, 16)
    assert found.groups == [(7, 10, "pug"), (11, 12, "7"), None]
    assert (missed.matched, missed.span, missed.groups) == (False, None, [])
    assert (half.matched, half.groups[0]) == (False, (7, 7, ""))


MANY = [f"{breed}_{n}.jpg" for breed in "abcdefgh" for n in range(25)] + ["rare_1.jpg", "rare_2.jpg"]


def test_a_fifth_is_held_out_and_nothing_is_lost() -> None:
    labels = label([*MANY, "unlabelled.png"], DEFAULT_PATTERN)
    train, valid = split([*MANY, "unlabelled.png"], labels, seed=42)
    assert sorted(train + valid) == sorted(MANY)
    assert len(valid) in (int(0.2 * len(MANY)), int(0.2 * len(MANY)) - 1)


def test_the_split_follows_from_names_and_seed_alone() -> None:
    labels = label(MANY, DEFAULT_PATTERN)
    assert split(MANY, labels, 7) == split(MANY[::-1], labels, 7)
    assert split(MANY, labels, 7) != split(MANY, labels, 8)


def test_every_breed_is_trained_on_whatever_the_seed_and_share() -> None:
    labels = label(MANY, DEFAULT_PATTERN)
    for seed in range(60):
        for share in (1.0, 0.5, 0.01):
            train, _ = split(MANY, labels, seed, share)
            assert {labels.of[n] for n in train} == set(labels.breeds)


def test_a_smaller_share_is_part_of_a_larger_and_tested_on_the_same() -> None:
    labels = label(MANY, DEFAULT_PATTERN)
    whole, valid = split(MANY, labels, 3)
    half, same = split(MANY, labels, 3, 0.5)
    tenth, _ = split(MANY, labels, 3, 0.1)
    assert same == valid
    assert set(tenth) < set(half) < set(whole)
    assert abs(len(half) - len(whole) / 2) <= 1


def test_two_photos_are_one_to_train_on_and_one_to_test_with() -> None:
    names = ["a_1.jpg", "a_2.jpg"]
    train, valid = split(names, label(names, DEFAULT_PATTERN), 0)
    assert (len(train), len(valid)) == (1, 1)


def test_halves_that_photos_came_in_are_held_out_as_they_came() -> None:
    names = [f"{breed}_{n}.jpg" for breed in ("cat", "dog") for n in range(10)] + ["pug_1.jpg", "pug_2.jpg"]
    found = label(names, DEFAULT_PATTERN)
    given = {name: "valid" if name[4] in "12" else "test" if name[4] == "3" else "train" for name in names}
    train, valid = split(names, found, 42, given=given)
    # of pug both were held out: one is given back to learn from
    assert sorted([*train, *valid]) == sorted(names)
    assert {name for name in valid if not name.startswith("pug")} == {
        n for n in names if n[4] in "123" and n[:3] != "pug"
    }
    assert sum(name.startswith("pug") for name in valid) == 1
    few, same = split(names, found, 42, 0.5, given)
    assert same == valid
    assert set(few) < set(train)
    with pytest.raises(PatternError, match="two halves"):
        split(names, found, 42, given=dict.fromkeys(names, "train"))


@pytest.mark.parametrize(("photos", "held_out"), [(1, 0), (2, 1), (9, 1), (10, 2), (14, 2), (15, 3)])
def test_a_fifth_is_rounded_down_and_at_least_one(photos: int, held_out: int) -> None:
    names = [f"a_{n}.jpg" for n in range(photos)]
    train, valid = split(names, label(names, DEFAULT_PATTERN), 42)
    assert (len(train), len(valid)) == (photos - held_out, held_out)


@pytest.mark.parametrize(("share", "trained"), [(1.0, 40), (0.5, 20), (0.26, 10), (0.01, 1)])
def test_of_the_photos_to_train_on_so_large_a_share_is_taken(share: float, trained: int) -> None:
    names = [f"a_{n}.jpg" for n in range(50)]
    train, valid = split(names, label(names, DEFAULT_PATTERN), 42, share)
    assert (len(train), len(valid)) == (trained, 10)


def test_a_photo_of_which_no_half_is_known_is_trained_on() -> None:
    names = [f"a_{n}.jpg" for n in range(4)]
    train, valid = split(names, label(names, DEFAULT_PATTERN), 42, given={"a_1.jpg": "valid", "a_2.jpg": "train"})
    assert (train, valid) == (["a_0.jpg", "a_2.jpg", "a_3.jpg"], ["a_1.jpg"])
    with pytest.raises(PatternError, match="two halves"):
        split(names, label(names, DEFAULT_PATTERN), 42, given=dict.fromkeys(names, "test"))


@pytest.mark.parametrize(
    ("single", "said"),
    [
        ("b", "“b” has a single photo:"),
        ("bc", "“b”, “c” have a single photo each:"),
        ("bcd", "“b”, “c”, “d” have a single photo each:"),
        ("bcde", "“b”, “c”, “d” and 1 more have a single photo each:"),
    ],
)
def test_breeds_of_a_single_photo_are_named(single: str, said: str) -> None:
    names = ["a_1.jpg", "a_2.jpg", *(f"{breed}_1.jpg" for breed in single)]
    with pytest.raises(PatternError) as caught:
        require_trainable(label(names, DEFAULT_PATTERN))
    assert caught.value.sentence.startswith(said)


def test_a_pattern_goes_before_a_datasets_own_way() -> None:
    photos = SimpleNamespace(names=("pug/rex_1.jpg", "beagle/tom_2.jpg"), pattern="images/(.)", labelled_by="folder")
    assert label_dataset(photos).breeds == ["beagle", "pug"]  # type: ignore[arg-type]
    assert label_dataset(photos, DEFAULT_PATTERN).breeds == ["rex", "tom"]  # type: ignore[arg-type]
    photos.labelled_by = "pattern"
    assert label_dataset(photos).breeds == ["b", "p"]  # type: ignore[arg-type]
