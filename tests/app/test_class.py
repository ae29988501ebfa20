"""A class: two learners and a teacher, each in a session of their own. Who may do what, and what the teacher decides."""

from __future__ import annotations

import ast
import io
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from lessonkit import config, corrections, language, runs
from lessonkit.analysis import recipes
from lessonkit.classroom import asked, collection, controls, export, learners, teacher
from lessonkit.classroom.learners import Answer
from lessonkit.classroom.places import folder
from lessonkit.engine.client import Engine
from lessonkit.lesson import recall
from lessonkit.photos import catalog, labels
from lessonkit.photos.own_photos import READING
from lessonkit.runs import Run
from lessonkit.ui.core import elements, language_choice, who
from lessonkit.ui.lesson import class_answers, class_people, class_periods, class_runs
from tests import kept
from tests.app.conftest import ROOT

Session = Callable[..., AppTest]


@pytest.fixture
def session(on_home, own_runs: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    """A browser in a class: `session()` opens a learner's, `session(teacher=True)` the teacher's."""
    on_home(own_runs, dataset="drawn")
    monkeypatch.setattr(who, "in_class", lambda: True)
    monkeypatch.setenv("LESSONKIT_PIN", "12345678")
    teacher.new_pin()

    def open_one(teacher: bool = False) -> AppTest:
        app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=180)
        app.query_params["dataset"] = "drawn"
        app.run()
        if teacher:
            app.text_input(key="pin").set_value("1234 5678")
            next(b for b in app.button if b.label == "Open the teacher's panel").click()
            app.run()
            assert any("You are the teacher" in m.value for m in app.sidebar.markdown)
            assert [title.value for title in app.title] == ["The class"], "the panel is not shown at once"
            app.switch_page("pages/start.py").run()
        return app

    return open_one


def key(app: AppTest) -> str:
    return who.key_of(app.session_state["class_learner"])


def keys(app: AppTest) -> set[str]:
    return {b.key for b in app.button if b.key}


def trains(app: AppTest, **but: object) -> Run:
    """The learner presses Train."""
    app.switch_page("pages/train.py").run()
    app.button(key="train").click().run()
    assert not app.exception
    return Run(app.query_params["run"])


def test_a_run_is_stopped_by_who_asked_for_it_or_the_teacher(session: Session) -> None:
    mine, other, master = session(), session(), session(teacher=True)
    run = trains(mine)
    assert run.asked_by() == [key(mine)]
    for app in (other, master):
        app.query_params["run"] = run.id
        app.session_state["my_run"] = run.id
        app.switch_page("pages/train.py").run()
    assert f"unqueue_{run.id}" not in keys(other)
    assert f"unqueue_{run.id}" in keys(master)
    # Another looks at it: it goes on, whoever of the learners asked for it.
    mine.run()
    mine.button(key=f"unqueue_{run.id}").click().run()
    assert run.status().state == runs.QUEUED
    assert run.asked_by() == []
    master.button(key=f"unqueue_{run.id}").click().run()
    assert run.status().state == runs.INTERRUPTED


def test_a_run_that_nobody_else_looks_at_is_stopped_by_who_asked_for_it(session: Session) -> None:
    mine = session()
    run = trains(mine)
    mine.button(key=f"unqueue_{run.id}").click().run()
    assert run.status().state == runs.INTERRUPTED


def test_corrections_are_each_learners_own_until_the_teacher_publishes(session: Session) -> None:
    mine, other, master = session(), session(), session(teacher=True)
    dataset, photo = catalog.resolve("drawn"), catalog.resolve("drawn").names[0]
    corrections.mark(dataset, photo, leave_out=True, of=key(mine))
    corrections.mark(dataset, dataset.names[1], leave_out=True, of=key(master))
    for app in (mine, other, master):
        app.switch_page("pages/clean.py").run()
        assert not app.exception
    assert "clear_marks" in keys(mine)
    assert "clear_marks" not in keys(other), "another's marks are shown, or can be taken back"
    assert "publish_marks" not in keys(mine)
    master.button(key="publish_marks").click().run()
    other.run()
    other.button(key="take_published").click().run()
    assert set(corrections.read("drawn", key(other))) == {dataset.names[1]}
    other.button(key="clear_marks").click().run()
    assert set(corrections.read("drawn", key(mine))) == {photo}
    assert set(corrections.read("drawn")) == {dataset.names[1]}


def test_photos_are_deleted_by_who_gave_them_or_the_teacher(session: Session, baked: Path) -> None:
    mine, other, master = session(), session(), session(teacher=True)
    own = baked / "datasets" / "own-class"
    shutil.copytree(baked / "datasets" / "drawn", own)
    images = next(p for p in own.rglob("*.jpg")).parent
    images.rename(own / "photos")
    (own / READING).write_text(f'{{"splits": {{}}, "maker": "{key(mine)}"}}')
    (own / "dataset.json").write_text(
        '{"title": "Class", "about": "", "photos": 96, "breeds": 12, "labelled_by": "pattern", '
        '"pattern": "^(.+)_[0-9]+[.]jpg$", "licence": ""}'
    )
    try:
        seen = {}
        for name, app in (("mine", mine), ("other", other), ("teacher", master)):
            app.session_state["my_dataset"] = "own-class"
            app.switch_page("pages/data.py").run()
            seen[name] = "delete_own_now" in keys(app)
        assert seen == {"mine": True, "other": False, "teacher": True}
    finally:
        shutil.rmtree(own)


def test_nothing_in_the_pages_goes_round_what_is_allowed() -> None:
    """What somebody may be refused is called in `allowed.py` alone."""
    guarded = {
        "submit",
        "stop",
        "stop_job",
        "remove_dataset",
        "rename",
        "publish",
        "change",
        "new_period",
        "find_rate",
        "measure",
    }
    guarded |= {"begin", "close", "reopen", "withdraw"}
    of = {"engine()", "corrections", "runs", "jobs", "imported", "controls", "collection"}
    found = set()
    for path in [*(ROOT / "pages").glob("*.py"), *(ROOT / "lessonkit" / "ui").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in guarded and ast.unparse(node.value) in of:
                found.add(path.relative_to(ROOT).as_posix())
    assert found == {"lessonkit/ui/core/allowed.py"}


def test_a_wrong_pin_opens_nothing(session: Session) -> None:
    app = session()
    app.text_input(key="pin").set_value("11111111")
    next(b for b in app.button if b.label == "Open the teacher's panel").click()
    app.run()
    assert any("not the PIN" in e.value for e in app.error)
    app.switch_page("pages/the_class.py").run()
    assert not app.exception
    assert "class_step" not in {s.key for s in app.selectbox}


def test_who_is_here_is_counted_without_names(session: Session) -> None:
    session().switch_page("pages/train.py").run()
    session()
    session(teacher=True)
    steps = [one.step for one in learners.here(controls.FIRST_PERIOD).values()]
    assert sorted(steps) == ["", "train"]


def test_the_teacher_moves_everyone_and_lets_them_go(session: Session) -> None:
    learner, master = session(), session(teacher=True)
    master.switch_page("pages/the_class.py").run()
    master.selectbox(key="class_step").set_value("data").run()
    assert not master.exception
    learner.run()
    assert [t.value for t in learner.title] == ["Get the data"]
    learner.switch_page("pages/train.py").run()
    assert [t.value for t in learner.title] == ["Get the data"]
    master.selectbox(key="class_step").set_value("").run()
    learner.switch_page("pages/train.py").run()
    assert [t.value for t in learner.title] == ["Train"]


def test_only_the_teachers_hand_changes_what_is_decided(session: Session) -> None:
    one, other = session(teacher=True), session(teacher=True)
    for app in (one, other):
        app.switch_page("pages/the_class.py").run()
    one.selectbox(key="class_step").set_value("data").run()
    one.toggle(key="class_paused").set_value(True).run()
    one.toggle(key="class_hidden").set_value(True).run()
    one.multiselect(key="class_datasets").set_value(["drawn"]).run()
    other.run()
    held = controls.read()
    assert (held.step, held.paused, held.hidden, held.datasets) == ("data", True, True, ["drawn"])
    assert other.selectbox(key="class_step").value == "data", "another page of the teacher shows what was"
    one.button(key="new_period").click().run()
    fresh = controls.read()
    assert (fresh.step, fresh.paused, fresh.hidden) == ("", False, False), (
        "the next class is held where the last one was"
    )
    assert not one.exception
    assert not other.exception


def test_a_pause_a_message_and_results_that_wait_are_the_learners_not_the_teachers(session: Session) -> None:
    learner, master = session(), session(teacher=True)
    controls.change(paused=True, message="Look *here*")
    learner.run()
    assert [t.value for t in learner.title] == ["Eyes up, please"]
    assert any("Look \\*here\\*" in i.value for i in learner.info)
    controls.change(paused=False, hidden=True)
    for app in (learner, master):
        app.switch_page("pages/mistakes.py").run()
        assert not app.exception
    assert any("until your teacher opens them" in i.value for i in learner.info)
    assert not any("until your teacher opens them" in i.value for i in master.info)


def test_photos_that_the_teacher_closed_are_no_choice(session: Session) -> None:
    learner = session()
    controls.change(datasets=["pets"])
    learner.switch_page("pages/data.py").run()
    assert not learner.exception
    assert [r.options for r in learner.radio][0] == ["Oxford-IIIT Pet"]


def test_a_class_collects_photos_and_each_takes_back_their_own(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, other, master = session(), session(), session(teacher=True)
    master.switch_page("pages/the_class.py").run()
    master.text_area(key="collect_labels").set_value("dog\ncat")
    next(b for b in master.button if b.label == "Begin").click()
    master.run()
    assert not master.exception
    of = collection.now()
    assert (of.labels, of.open) == (["dog", "cat"], True)
    picture = io.BytesIO()
    Image.new("RGB", (60, 60), "teal").save(picture, "PNG")
    given = collection.add(of.id, collection.keep(picture.getvalue()), "dog", key(mine))
    for app in (mine, other, master):
        app.switch_page("pages/the_class.py").run()
        assert not app.exception
    assert any("will see these photos" in w.value for w in mine.warning), "said before anything is sent"
    assert f"own_{given}" in keys(mine)
    assert f"own_{given}" not in keys(other) | keys(master)
    assert f"any_{given}" not in keys(master), "all photos are sent before the teacher looks through them"
    master.toggle(key="look_through").set_value(True).run()
    assert f"any_{given}" in keys(master)
    assert f"any_{given}" not in keys(other) | keys(mine)
    mine.button(key=f"own_{given}").click().run()
    assert collection.photos(of) == {}
    shutil.rmtree(folder())


def test_a_file_that_cannot_be_taken_is_named_and_the_others_are_given(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, picture = session(), io.BytesIO()
    Image.new("RGB", (60, 60), "teal").save(picture, "PNG")
    of = collection.begin("Ours", ["dog", "cat"])
    mine.switch_page("pages/the_class.py").run()
    files = [("my dog.png", picture.getvalue(), "image/png"), ("notes.jpg", b"no photo", "image/jpeg")]
    monkeypatch.setattr("lessonkit.engine.client.Engine.call", lambda _, what, *given: collection.add(*given))
    mine.file_uploader[0].set_value(files)
    next(b for b in mine.button if b.label == "Give them to the class").click()
    mine.run()
    assert len(collection.photos(of)) == 1
    assert ["notes.jpg" in e.value for e in mine.error] == [True]
    assert any("1 photo given" in s.value for s in mine.success)
    shutil.rmtree(folder())


def test_answers_are_counted_for_the_teacher_without_names(session: Session) -> None:
    mine, other, master = session(), session(), session(teacher=True)
    for number, app in enumerate((mine, other)):
        app.button(key=f"guess_0_{number}").click().run()
    said = learners.answers(learners.everyone(controls.FIRST_PERIOD))
    assert [len(found) for found in said.values()] == [2]
    learners.call(controls.FIRST_PERIOD, key(mine), "Nobody Else")
    master.switch_page("pages/the_class.py").run()
    assert not master.exception
    assert any("2 have answered" in c.value for c in master.caption)
    assert not any("Nobody Else" in str(m.value) for m in (*master.markdown, *master.caption))


def test_an_answer_that_this_page_would_not_offer_is_counted(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """A learner's choices for the same photo depend on the model that they go on from."""
    mine, master = session(), session(teacher=True)
    offered = {b.label.lower().replace(" ", "_") for b in mine.button if (b.key or "").startswith("guess_0_")}
    assert len(offered) == 4
    other = next(b for b in labels.label_dataset(catalog.resolve("drawn")).breeds if b.lower() not in offered)
    learners.answer(controls.FIRST_PERIOD, key(mine), "quiz|drawn|1|0", other)
    alts = []
    drawn = elements.chart
    monkeypatch.setattr(elements, "chart", lambda f, k, alt, *a, **how: alts.append(alt) or drawn(f, k, alt, *a, **how))
    master.switch_page("pages/the_class.py").run()
    assert not master.exception
    spread = next(alt for alt in alts if alt.startswith("How the answers spread"))
    assert spread.count(": 1 before") == 1, spread


def test_a_tick_opens_the_run_that_was_shown_there_without_the_choices_for_other_photos(session: Session) -> None:
    """Between the table that the teacher ticks and the tick another run came, which stands above it."""
    learner, master, closures = session(), session(teacher=True), []
    shown = [one.id for one in recipes.recipes(runs.all_runs()).values()][0]

    def table(_: object, on_select: Callable[[], None] | None = None, **__: object) -> None:
        if on_select is None:  # the tables of another page
            return
        if closures:  # the browser still shows the table of before, so Streamlit calls what that one was given
            class_runs.st.session_state["class_runs"] = SimpleNamespace(selection=SimpleNamespace(rows=[0]))
            closures[0]()
        closures.append(on_select)

    with patch.object(class_runs.st, "dataframe", table):
        master.session_state["my_dataset"], master.session_state["my_pattern"] = "imagewoof", "^(.)"
        master.switch_page("pages/the_class.py").run()
        learner.session_state["epochs"] = 3
        new = trains(learner)
        assert [one.id for one in recipes.recipes(runs.all_runs()).values()][0] == new.spec().recipe
        master.run()
    assert not master.exception
    assert Run(master.session_state["my_model"]).spec().recipe == shown
    assert (master.session_state["my_dataset"], master.session_state["my_pattern"]) == ("drawn", "")


def test_what_searches_a_rate_or_measures_is_held_to_the_limits_too(session: Session) -> None:
    learner, master = session(), session(teacher=True)
    controls.change(once=True)
    asked: list[str] = []
    with patch("lessonkit.engine.client.Engine.start_job", lambda _, kind, *more: asked.append(kind)):
        for app in (learner, master):
            app.switch_page("pages/train.py").run()
            app.toggle(key="precompute").set_value(False).run()
            app.button(key="find_rate").click().run()
            next(b for b in app.button if b.label.startswith("Measure an epoch")).click().run()
            assert not app.exception
            if app is learner:
                assert asked == []
                assert len([e for e in app.error if "take a moment" in e.value]) == 1
    assert asked == ["find_rate", "measure"]


def test_a_learner_who_waits_reads_how_long(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    learner, other = session(), session()
    real = Engine.state
    monkeypatch.setattr(Engine, "state", lambda self: {**real(self), "device": "a CPU", "alive": True, "answers": True})
    trains(other)
    trains(learner)
    [words] = [m.value for m in learner.markdown if "**Queued**" in m.value]
    assert re.search(r"1 run before it. It begins in about \d+ (second|minute)s?\.", words), words


def test_while_results_are_held_back_a_guess_may_be_changed(session: Session) -> None:
    learner = session()
    controls.change(hidden=True)
    learner.run()
    learner.button(key="guess_0_0").click().run()
    assert not learner.success
    assert not [m for m in learner.main.markdown if "it is a" in m.value]
    learner.button(key="change_guess").click().run()
    learner.button(key="guess_0_2").click().run()
    answers = learners.answers(learners.everyone(controls.FIRST_PERIOD))
    assert [len({one.before for one in found.values()}) for found in answers.values()] == [1]
    controls.change(hidden=False)
    learner.run()
    assert learner.success or learner.warning


def test_a_new_class_puts_the_last_ones_runs_and_answers_aside(session: Session) -> None:
    controls.change(asks_code=False)
    learner, master = session(), session(teacher=True)
    run = trains(learner)
    runs.stop(run.id)
    master.switch_page("pages/the_class.py").run()
    master.button(key="new_period").click().run()
    assert not master.exception
    now = controls.read()
    assert now.aside == [run.id]
    assert learners.everyone(now.period) == {}
    assert run.id.encode() in export.runs_csv(controls.FIRST_PERIOD)
    assert run.exists()
    again = trains(learner)
    assert (again.id, controls.read().aside) == (run.id, []), "asked for again, it is in the lists again"


def test_whoever_has_not_the_code_takes_no_part(session: Session) -> None:
    code = controls.change(code="4821").code
    outside, by_link, master = session(), session(), session(teacher=True)
    assert [t.value for t in outside.title] == ["Join the class"]
    assert not {"nickname", "join"} & {*(t.key for t in outside.text_input), *keys(outside)}
    assert learners.everyone(controls.FIRST_PERIOD) == {}
    assert not [t for t in master.title if t.value == "Join the class"]
    outside.text_input(key="class_code_typed").set_value("1111")
    next(b for b in outside.button if b.label == "Join").click()
    outside.run()
    assert any("not the code" in e.value for e in outside.error)
    outside.text_input(key="class_code_typed").set_value("48 21")
    next(b for b in outside.button if b.label == "Join").click()
    outside.run()
    by_link.query_params["code"] = code
    by_link.run()
    for app in (outside, by_link):
        assert [t.value for t in app.title] == ["What's your pet?"]
        assert "code" not in app.query_params, "an address that is sent to somebody would have it"
    assert len(learners.everyone(controls.FIRST_PERIOD)) == 2
    # the next class has another code: pages that the last one left open are no part of it
    master.switch_page("pages/the_class.py").run()
    master.button(key="new_period").click().run()
    outside.run()
    assert [t.value for t in outside.title] == ["Join the class"]
    master.toggle(key="class_asks_code").set_value(False).run()
    outside.run()
    assert [t.value for t in outside.title] == ["What's your pet?"]


def test_the_teachers_question_reaches_all_and_answers_after_the_result_are_counted_apart(session: Session) -> None:
    mine, other, master = session(), session(), session(teacher=True)
    master.switch_page("pages/the_class.py").run()
    master.text_input(key="own_text").set_value("Which is *worse*?")
    for n, choice in enumerate(("Sure and wrong", "Unsure and wrong")):
        master.text_input(key=f"own_choice_{n}").set_value(choice)
    next(b for b in master.button if b.label == "Ask everybody").click()
    master.run()
    assert not master.exception
    one = asked.at_hand(controls.FIRST_PERIOD)
    for app in (mine, other):
        app.run()
        assert any("Which is \\*worse\\*?" in m.value for m in app.main.markdown)
    assert not [m for m in master.main.markdown if "Your teacher asks" in m.value]
    box = f"asked_{one.id}"
    next(g for g in mine.button_group if g.key == box).set_value("Unsure and wrong").run()
    master.run()
    next(b for b in master.button if b.label == "Talk about it, then ask again").click()
    master.run()
    mine.run()
    next(g for g in mine.button_group if g.key == box).set_value("Sure and wrong").run()
    said = learners.answers(learners.everyone(controls.FIRST_PERIOD))[one.key]
    assert [(s.before, s.after) for s in said.values()] == [("Unsure and wrong", "Sure and wrong")]
    master.button(key="question_down").click().run()
    mine.run()
    assert not [m for m in mine.main.markdown if "Your teacher asks" in m.value]


def test_the_teacher_shows_a_learners_page_and_nobody_acts_on_it(session: Session) -> None:
    learner, master, other = session(), session(teacher=True), session()
    learner.button(key="guess_0_1").click().run()
    learners.call(controls.FIRST_PERIOD, key(learner), "Nobody Else")
    run = trains(learner)
    one = learners.find(controls.FIRST_PERIOD, key(learner))
    address = urlsplit(class_people.address(one))
    assert address.path == "/train"
    shown = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert shown["run"] == run.id
    assert "guesses" not in shown, "they are kept for the learner, not in an address"

    def opened(as_of: AppTest) -> AppTest:
        app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=180)
        if "class_teacher" in as_of.session_state:
            app.session_state["class_teacher"] = as_of.session_state["class_teacher"]
        for name, value in shown.items():
            app.query_params[name] = value
        return app.run()

    before = set(learners.everyone(controls.FIRST_PERIOD))
    looked = opened(master)
    assert not looked.exception
    assert any("A learner's page" in i.value for i in looked.info)
    assert not any("Nobody Else" in str(m.value) for m in (*looked.markdown, *looked.caption, *looked.sidebar.markdown))
    assert any("Photo 2 of 10" in str(p.proto) for p in looked.main.get("progress")), "the learner's guess is not there"
    looked.button(key="guess_1_0").click().run()
    assert any("only to look at" in i.value for i in looked.info)
    assert len(learners.find(controls.FIRST_PERIOD, key(learner)).answers) == 1
    assert set(learners.everyone(controls.FIRST_PERIOD)) == before, "the teacher's look is a learner"
    # the same address is nothing in a learner's hands
    assert not any("A learner's page" in i.value for i in opened(other).info)


def test_what_is_held_back_is_told_by_no_page(session: Session) -> None:
    learner = session()
    controls.change(hidden=True)
    learner.switch_page("pages/unfreezing.py").run()
    assert not any("worse" in str(m.value) for m in learner.main.markdown)
    learner.switch_page("pages/train.py").run()
    assert not [s for s in learner.subheader if s.value == "What people ask here"]
    controls.change(hidden=False)
    learner.run()
    assert [s for s in learner.subheader if s.value == "What people ask here"]


def test_an_idea_asked_again_is_not_told_while_explanations_wait(session: Session) -> None:
    learner, one = session(), recall.AGAIN["train"]
    controls.change(hidden=True)
    learner.switch_page("pages/train.py").run()
    learner.radio(key=f"box_{recall.key(one)}").set_value(one.right).run()
    assert not learner.exception
    assert not any("Right." in m.value for m in learner.main.markdown)
    controls.change(hidden=False)
    learner.run()
    assert any(one.why in m.value for m in learner.main.markdown)


def test_a_collections_dataset_that_was_deleted_can_be_made_again(session: Session, baked: Path) -> None:
    master = session(teacher=True)
    of = collection.begin("Ours", ["dog", "cat"])
    collection.close()
    made = config.datasets_folder() / "own-ours"
    made.mkdir()
    try:
        collection._change(dataset=made.name)
        assert collection.now().dataset == made.name
    finally:
        made.rmdir()
    master.switch_page("pages/the_class.py").run()
    assert {"make_collection", "reopen_collection"} <= keys(master)
    collection.reopen()
    assert collection.now().open
    assert of.id == collection.now().id
    shutil.rmtree(folder())


def test_every_question_that_a_learner_answers_has_its_words_and_choices(session: Session) -> None:
    """Guesses before a run and ideas asked again are kept as answers too: the panel and the table of answers name them."""
    learner, seen = session(), {}

    def look(where: str) -> None:
        keys_of = [recall.key(recall.AGAIN["train"]), "expects|epochs|x", "expects|confusion|x", "quiz|drawn|1|0"]
        seen.update({k: class_answers.question(k, {"a": Answer("Bengal and Birman")}) for k in keys_of})
        seen["words"] = [class_answers.words(k) for k in keys_of]

    with patch.object(elements, "onward", look):
        learner.run()
    assert not learner.exception
    assert None not in seen.values()
    assert seen[recall.key(recall.AGAIN["train"])].right == recall.AGAIN["train"].right
    assert "Bengal and Birman" in seen["expects|confusion|x"].choices
    assert seen["words"][-1] == "Photo 1, drawn: Which breed is this?"
    assert not any("|" in words for words in seen["words"])


def test_answers_of_all_languages_are_counted_together_and_the_tables_are_english(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, master = session(), session(teacher=True)
    master.switch_page("pages/start.py").run()  # the panel, that the PIN opened, has a box in the language of before
    idea, now = recall.AGAIN["train"], controls.FIRST_PERIOD
    learners.answer(now, key(mine), recall.key(idea), idea.right)
    learners.answer(now, key(mine), "expects|confusion|x", "Bengal and Birman")
    charts, files = {}, {}
    monkeypatch.setattr(elements, "chart", lambda f, name, alt, *_, **__: charts.update({name: alt}))
    monkeypatch.setattr(
        class_periods.st, "download_button", lambda _, data, name, *__, **___: files.update({name: data})
    )
    monkeypatch.setattr(language_choice, "chosen", lambda: language.MADE_UP)
    with language.speaking(language.MADE_UP):  # what this page shows is read here too
        for question in ("expects|confusion|x", recall.key(idea)):
            controls.change(question=question)
            master.switch_page("pages/the_class.py").run()
        master.toggle(key=f"export_{now}").set_value(True).run()
    assert not master.exception
    assert [t.value for t in master.title] == ["⟦The class⟧"]
    assert f"⟦⟦{idea.right}⟧: 1 before, 0 after⟧" in charts[f"spread_{recall.key(idea)}_False"]
    assert "⟦⟦Bengal and Birman⟧: 1 before, 0 after⟧" in charts["spread_expects|confusion|x_False"]
    table = files[f"class-{now}-answers.csv"].decode()
    assert idea.words in table
    assert idea.right in table
    assert "⟦" not in table


def test_a_recipe_that_an_earlier_class_trained_too_is_shown_and_not_for_ever_run_again(session: Session) -> None:
    learner = session()
    recipe = recipes.recipe_of(kept.stage().id)
    assert len(recipe.done) > 1
    shown, *others = recipe.done
    controls.change(aside=[run.id for run in others])
    learner.session_state["my_run"] = shown.id
    learner.default_timeout = 60
    learner.switch_page("pages/train.py").run()  # raises where the page runs again without an end
    assert not learner.exception
    assert [t.value for t in learner.title] == ["Train"]


def test_alone_there_is_no_class(on_home, baked: Path) -> None:
    app = on_home(baked, dataset="drawn").switch_page("pages/the_class.py").run()
    assert any("make classroom" in i.value for i in app.info)
    assert not [t for t in app.text_input if t.key == "pin"]
    assert kept.stage().asked_by() == []
