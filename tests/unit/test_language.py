"""Learners' texts in other languages: `tr` finds them, and the shipped files say all that the code says."""

from __future__ import annotations

import ast
import json
import math
import pickle
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from string import Formatter

import numpy as np
import pytest

from lessonkit import language, wording
from lessonkit.language import again, speaking, tr, translatable, trn
from scripts import texts

SHIPPED = [(of, file.stem) for of in texts.LANGUAGES for file in sorted((texts.TEXTS / of).glob("*.po"))]
OWN = r"""
msgid "Train"
msgstr "Trainieren"

msgid "{breed} is wrong"
msgstr "{breed} ist falsch"

msgid "{a} and {b}"
msgstr "{a} und {c}"

msgid "{n} photo of {breed}"
msgid_plural "{n} photos of {breed}"
msgstr[0] "{n} Foto von {breed}"
msgstr[1] "{n} Fotos von {breed}"
"""
HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n'


@pytest.fixture
def german(tmp_path: Path) -> Iterator[Path]:
    """A folder of one's own texts, in use."""
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "own.po").write_text(HEAD + OWN)
    language.take_from(tmp_path)
    yield tmp_path
    language.take_from(None)


def test_a_text_is_said_in_the_language_of_now(german: Path):
    constant = translatable("Train")
    assert tr(constant) == "Train"
    with speaking("de"):
        assert tr(constant) == "Trainieren"
        assert tr("{breed} is wrong", breed="Pug") == "Pug ist falsch"
        assert trn("{n} photo of {breed}", "{n} photos of {breed}", 1, breed="Pug") == "1 Foto von Pug"
        assert trn("{n} photo of {breed}", "{n} photos of {breed}", 1234, breed="Pug") == "1.234 Fotos von Pug"
        assert tr("Nobody has translated this {n}.", n=3) == "Nobody has translated this 3."
    assert trn("{n} photo of {breed}", "{n} photos of {breed}", 1234, breed="Pug") == "1,234 photos of Pug"


def test_a_text_of_another_process_is_said_in_this_language_within_a_sentence(german: Path):
    device = trn("{n} photo of {breed}", "{n} photos of {breed}", 1234, breed="Pug")
    with speaking("de"):
        assert tr("{breed} is wrong", breed=device) == "1.234 Fotos von Pug ist falsch"


def test_braces_are_places_only_where_there_are_values():
    assert tr("a set {1, 2}") == "a set {1, 2}"
    with pytest.raises(KeyError):
        tr("{there} is no such place", here=1)


def test_what_another_process_said_is_said_again_in_the_learners_language(german: Path):
    said = tr("{breed} is wrong", breed=trn("{n} photo of {breed}", "{n} photos of {breed}", 2, breed="Pug"))
    sent = pickle.loads(pickle.dumps(said))
    assert sent == "2 photos of Pug is wrong"
    with speaking("de"):
        assert again(sent) == "2 Fotos von Pug ist falsch"
        assert again("Train") == "Trainieren"
        assert again("a name") == "a name"


def test_a_name_in_quotes_is_no_text_to_be_said_again(german: Path):
    with speaking("de"):
        assert again(tr("“{folder}” is no breed.", folder="Train")) == "“Train” is no breed."
        assert again(tr("{page} is a page.", page="Train")) == "Trainieren is a page."


def test_a_text_in_a_file_between_processes_is_said_again_with_its_numbers(german: Path):
    few = trn("{n} photo of {breed}", "{n} photos of {breed}", 1234, breed="Pug")
    with speaking("de"):
        said = tr("{a} and {breed} is wrong", a=language.decimal(1234.5, 1), breed=few)
    written = json.dumps(language.parts(said))
    read = language.from_parts(json.loads(written))
    assert read == "1,234.5 and 1,234 photos of Pug is wrong"
    with speaking("de"):
        assert again(read) == "1.234,5 and 1.234 Fotos von Pug is wrong"
        assert again(language.from_parts(language.parts("Train"))) == "Trainieren"
    assert language.from_parts(language.parts("a {name}")) == "a {name}"


@pytest.mark.parametrize(
    "held",
    [3, None, [], ["a"], ["{a}", "", {"b": 1}], ["{n}", "{n}s", {}], ["{a}", "", {"a": {}}], ["", "", {"digits": 1}]],
)
def test_what_is_no_text_in_a_file_is_refused(held: object):
    with pytest.raises(ValueError, match="no text"):
        language.from_parts(held)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (lambda: trn("{n} photo", "{n} photos", np.int64(5)), "5 Fotos"),
        (lambda: tr("{by} higher", by=language.decimal(np.int64(1234))), "1.234 höher"),
        (lambda: tr("{by} higher", by=language.decimal(np.float32(1.5), 1)), "1,5 höher"),
        (lambda: tr("{by} higher", by=language.decimal(math.nan, 1)), "nan höher"),
    ],
)
def test_a_number_of_any_kind_comes_back_out_of_a_file(text: Callable[[], str], said: str):
    """A sentence that could not be read would make a run of the file that holds it one that cannot be read."""
    kept = language.from_parts(json.loads(json.dumps(language.parts(text()))))
    with speaking("de"):
        assert again(kept) == said


def test_a_translation_with_other_places_is_not_used(german: Path, caplog: pytest.LogCaptureFixture):
    with speaking("de"):
        assert tr("{a} and {b}", a=1, b=2) == "1 and 2"
    assert "{a} and {b}" in caplog.text


@pytest.mark.parametrize("content", [b"\xff\xfe no text", b"<<<<<<< HEAD\n" + HEAD.encode()])
def test_a_damaged_file_is_left_out_and_said_in_the_log(german: Path, content: bytes, caplog):
    (german / "de" / "zz.po").write_bytes(content)
    language.take_from(None)
    language.take_from(german)
    with speaking("de"):
        assert tr("{breed} is wrong", breed="Pug") == "Pug ist falsch"
    assert "zz.po" in caplog.text


def test_a_teachers_own_texts_come_before_the_shipped_ones(german: Path):
    (german / "en").mkdir()
    (german / "en" / "mine.po").write_text(HEAD + 'msgid "Train"\nmsgstr "Teach it"\n')
    language.take_from(None)
    language.take_from(german)
    assert tr("Train") == "Teach it"
    assert set(language.languages()) >= {"en", "de"}
    assert language.languages()[0] == "en"


def test_an_own_text_comes_before_the_shipped_one_and_is_read_again_when_it_changed(
    german: Path, tmp_path_factory: pytest.TempPathFactory
):
    own = tmp_path_factory.mktemp("own")
    (own / "de").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(language, "HERE", german)
        for said in ("Lernen", "Anlernen"):
            (own / "de" / "a.po").write_text(f'{HEAD}msgid "Train"\nmsgstr "{said}"\n')
            language.take_from(own)
            with speaking("de"):
                assert tr("Train") == said
        blank = 'msgid "{n} photo of {breed}"\nmsgid_plural "{n} photos of {breed}"\nmsgstr[0] ""\nmsgstr[1] ""\n'
        (own / "de" / "a.po").write_text(f'{HEAD}msgid "Train"\nmsgstr ""\n\n{blank}')
        language.take_from(own)
        with speaking("de"):
            assert tr("Train") == "Trainieren", "what it leaves open is said as before"
            assert trn("{n} photo of {breed}", "{n} photos of {breed}", 2, breed="Pug") == "2 Fotos von Pug"


def test_a_folder_that_is_named_after_no_language_is_left_out_and_said_in_the_log(german: Path, caplog):
    for odd in ("pt-BR", ".git", "my texts"):
        (german / odd).mkdir()
        (german / odd / "own.po").write_text(HEAD + OWN)
    language.take_from(None)
    language.take_from(german)
    assert language.languages() == ("en", "de", "es")
    assert "pt-BR" in caplog.text


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("de", "de"), ("de-AT", "de"), ("de_CH", "de"), ("DE", "de"), ("pl-PL", "en"), ("", "en"), ("x" * 99, "en")],
)
def test_a_browsers_language_is_met_as_closely_as_there_are_texts(german: Path, wanted: str, found: str):
    assert language.best(wanted) == found


@pytest.mark.parametrize("of", ["tlh", "de_12"])
def test_a_language_that_babel_does_not_know_has_its_texts_and_numbers_as_in_english(german: Path, of: str):
    (german / of).mkdir()
    (german / of / "own.po").write_text(HEAD + 'msgid "Train"\nmsgstr "qeq"\n')
    language.take_from(None)
    language.take_from(german)
    with speaking(of):
        assert (tr("Train"), trn("{n} photo", "{n} photos", 2), language.name(of)) == ("qeq", "2 photos", of)
        assert (language.decimal(1234.5, 1), wording.percent(0.071), wording.separators()) == (
            "1,234.5",
            "7.1\xa0%",
            "",
        )


def test_languages_are_listed_under_their_own_names():
    assert [language.name(of) for of in ("en", "de", "es", "no such")] == ["English", "Deutsch", "Español", "no such"]


@pytest.mark.parametrize(("of", "said"), [("en", "1,234.50"), ("de", "1.234,50"), ("es", "1.234,50")])
def test_numbers_follow_the_language(of: str, said: str):
    with speaking(of):
        assert language.decimal(1234.5, 2) == said


def test_texts_are_found_wherever_the_code_says_them():
    code = """f"{x}: {tr('in an f-string')}"; trn("{n} photo", "{n} photos", n); tr("two " "parts", a=tr(CONSTANT)); translatable("of a constant")"""
    assert [*texts.said(ast.parse(code))] == [
        ("in an f-string",),
        ("{n} photo", "{n} photos"),
        ("two parts",),
        ("of a constant",),
    ]


@pytest.mark.parametrize(("of", "area"), SHIPPED)
def test_a_shipped_file_says_what_the_code_says(of: str, area: str):
    """No text is missing, none is left of what the code no longer says: `python scripts/texts.py` writes the files again."""
    there, wanted = texts.read(of, area), texts.texts(area)
    assert {message.id if isinstance(message.id, str) else message.id[0] for message in there if message.id} == set(
        wanted
    )
    forms = {key: said(there.get(key).string) for key in wanted}
    assert [key for key, strings in forms.items() if not all(strings)] == []
    wrong = {key: strings for key, strings in forms.items() if any(marks(string) != marks(key) for string in strings)}
    assert not wrong, "other places in braces, other code or other icons than in the English text"


@pytest.mark.parametrize("of", texts.LANGUAGES)
def test_each_text_has_one_translation_in_all_files_of_a_language(of: str):
    """All areas are there, and the same English text reads the same on every page: of two, the last one would be taken."""
    assert {area for language_of, area in SHIPPED if language_of == of} == set(texts.AREAS)
    found: dict[str, set[tuple[str, ...]]] = {}
    for area in texts.AREAS:
        for message in texts.read(of, area):
            if message.id:
                key = message.id if isinstance(message.id, str) else message.id[0]
                found.setdefault(key, set()).add(said(message.string))
    assert {key: several for key, several in found.items() if len(several) > 1} == {}


def said(translated: str | tuple[str, ...]) -> tuple[str, ...]:
    return translated if isinstance(translated, tuple) else (translated,)


def marks(text: str) -> tuple[set[str], Counter[str], Counter[str]]:
    """What a translation takes over as it is: the places, Markdown's code, icons."""
    try:
        places = {name for _, name, _, _ in Formatter().parse(text) if name}
    except ValueError:  # braces that are none
        places = set()
    return places - {"n"}, Counter(re.findall(r"`[^`]+`", text)), Counter(re.findall(r":material/\w+:", text))
