"""Uploads of one who sends on and on, and of a whole class at once; photos that are gone once nobody sees them."""

from __future__ import annotations

import asyncio
import io
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest
from starlette.types import Message, Scope
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec
from streamlit.testing.v1 import AppTest

from lessonkit.errors import LessonError
from lessonkit.photos import uploads
from lessonkit.storage import MIB
from lessonkit.ui.core import state, upload_budget
from lessonkit.ui.core.upload_budget import UploadBudget
from lessonkit.ui.lesson import your_pet


class Server:
    """The middleware before a stand-in for Streamlit, which reads an upload until `go` is set, then holds it."""

    def __init__(self) -> None:
        self.here: Counter[str] = Counter()
        self.go = asyncio.Event()
        self.budget = UploadBudget(self._keep, lambda: self.here)

    async def _keep(self, scope: Scope, *_: object) -> None:
        if scope["method"] == "PUT" and "upload_file" in scope["path"]:
            await self.go.wait()
            self.here[scope["path"].split("/")[-2]] += int(dict(scope["headers"])[b"content-length"])
        await _[1]({"type": "http.response.start", "status": 204, "headers": []})  # type: ignore[operator]

    async def put(self, session: str, size: int | None) -> int:
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        headers = [] if size is None else [(b"content-length", str(size).encode())]
        path = f"/_stcore/upload_file/{session}/file"
        await self.budget({"type": "http", "method": "PUT", "path": path, "headers": headers}, None, send)  # type: ignore[arg-type]
        return sent[0]["status"]


def test_one_learner_may_have_one_large_upload_at_a_time() -> None:
    async def attack() -> list[int]:
        server = Server()
        sending = [asyncio.create_task(server.put("one", uploads.LARGEST_UPLOAD)) for _ in range(10)]
        sending.append(asyncio.create_task(server.put("other", uploads.LARGEST_UPLOAD)))
        await asyncio.sleep(0)
        server.go.set()
        return [*await asyncio.gather(*sending), await server.put("one", uploads.LARGEST_UPLOAD)]

    assert asyncio.run(attack()) == [204, *[413] * 9, 204, 413]


def test_a_class_may_send_so_much_at_a_time_and_the_rest_after(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LESSONKIT_UPLOADS", "1000")

    async def attack() -> tuple[list[int], int]:
        server = Server()
        server.go.set()
        first = [await server.put(f"learner {n}", 300 * MIB) for n in range(5)]
        del server.here["learner 0"]  # it became a dataset, or they went
        return first, await server.put("learner 4", 300 * MIB)

    assert asyncio.run(attack()) == ([204, 204, 204, 413, 413], 204)


def test_an_upload_of_unknown_size_is_not_read() -> None:
    assert asyncio.run(Server().put("one", None)) == 411


def test_zips_that_wait_on_the_disk_have_a_total(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lessonkit.config.uploads", lambda: 10)
    first = uploads.keep_upload(io.BytesIO(b"123456"))
    with pytest.raises(LessonError, match=r"take 0 of the 0 MB") as said:
        uploads.keep_upload(io.BytesIO(b"123456"))
    assert "put them away" in said.value.way_out
    uploads.forget(first)
    assert uploads.waits(uploads.keep_upload(io.BytesIO(b"123456")))


def _page() -> None:
    from types import SimpleNamespace

    import streamlit as st

    from lessonkit.ui.core import state
    from lessonkit.ui.lesson import your_pet

    state.turned_to(st.session_state.get("turn", "your_pet"))
    run = SimpleNamespace(id="run", status=lambda: SimpleNamespace(ended_at=1.0))
    here = [SimpleNamespace(file_id=i, name=i, getvalue=i.encode) for i in st.session_state.get("here", [])]
    your_pet.forget(here)
    for upload in here:
        your_pet._once(run, upload, "answer_with_heatmap")
    st.session_state["kept"] = dict(state.of_this_page())


def test_what_is_said_of_a_photo_is_kept_only_while_the_photo_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Engine:
        def call(self, question: str, run: str, name: str, data: bytes, timeout: float) -> dict:
            asked.append(name)
            return {"top": [], "heatmap": {}, "picture": data, "more": data}

    monkeypatch.setattr(your_pet, "engine", Engine)
    app = AppTest.from_function(_page)
    for here, kept in ((["a", "b"], ["a", "b"]), (["b", "c"], ["b", "c"]), ([], [])):
        app.session_state["here"] = here
        app.run()
        assert not app.exception
        assert sorted(key[0] for key in app.session_state["kept"]) == kept
    assert asked == ["a", "b", "c"], "each is asked for once"
    app.session_state["here"] = ["d"]
    app.run()
    app.session_state["turn"], app.session_state["here"] = "recap", []
    app.run()
    assert not app.exception
    assert app.session_state["kept"] == {}


def test_what_was_uploaded_leaves_the_memory_with_its_page_and_with_whoever_is_gone() -> None:
    manager = MemoryUploadedFileManager("/_stcore/upload_file")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(upload_budget, "_manager", lambda: manager)
        patch.setattr(
            upload_budget,
            "get_script_run_ctx",
            lambda **_: SimpleNamespace(session_id="one", uploaded_file_mgr=manager),
        )
        for session in ("one", "other"):
            manager.add_file(session, UploadedFileRec("id", "pet.jpg", "image/jpeg", b"1234"))
        assert upload_budget.held() == {"one": 4, "other": 4}
        patch.setattr(state, "st", SimpleNamespace(session_state={}))
        state.turned_to("your_pet")
        state.turned_to("your_pet")
        assert upload_budget.held() == {"one": 4, "other": 4}
        state.turned_to("recap")
        assert upload_budget.held() == {"other": 4}


def test_uploads_of_whoever_comes_back_in_time_are_kept() -> None:
    now = [0.0]
    gone = upload_budget.Gone(lambda: now[0])
    assert gone.look(["one", "other"], ["one"]) == []
    now[0] += upload_budget.GONE_SECONDS - 1
    assert gone.look(["one", "other"], ["other"]) == []
    now[0] += upload_budget.GONE_SECONDS - 1
    assert gone.look(["one", "other"], ["other"]) == []
    now[0] += 1
    assert gone.look(["one", "other"], ["other"]) == ["one"]
