"""A session's state, looked up a value at a time, is the one that Streamlit puts together."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state import SCRIPT_RUN_WITHOUT_ERRORS_KEY, SessionState
from streamlit.testing.v1 import AppTest

from lessonkit.ui.core import streamlit_mends

WHOLE = SafeSessionState.filtered_state


@pytest.fixture
def mended(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(SafeSessionState, "filtered_state", WHOLE)
    streamlit_mends.look_up_one_value()
    yield
    SafeSessionState.filtered_state = WHOLE


def page() -> None:
    import streamlit as st

    st.session_state.setdefault("mine", [1, 2])
    st.session_state["none_yet"] = None
    st.selectbox("Box", ["a", "b"], key="box")
    st.text_input("Without a key")
    st.radio("Chosen", ["x", "y"], index=1, key="chosen")
    st.number_input("Number", 1, 9, 5, key="number")


def test_each_value_is_the_one_of_the_whole_and_what_is_not_there_is_not(mended: None) -> None:
    app = AppTest.from_function(page).run()
    app.selectbox(key="box").select("b")
    app.text_input[0].set_value("typed")
    app = app.run()
    state = app.session_state._state
    whole = WHOLE.fget(state)
    assert {"mine", "none_yet", "box", "chosen", "number"} <= whole.keys()
    seen = state.filtered_state
    assert dict(seen) == {key: seen[key] for key in whole} == whole
    assert (len(seen), str(seen)) == (len(whole), str(whole))
    assert seen["box"] == "b"
    element = app.selectbox(key="box").proto.id
    for key in ("no_such", element, SCRIPT_RUN_WITHOUT_ERRORS_KEY, *state._state._keys()):
        assert (key in seen) == (key in whole), key


def test_one_value_does_not_have_the_whole_put_together(mended: None, monkeypatch: pytest.MonkeyPatch) -> None:
    together: list[int] = []
    keys = SessionState._keys
    monkeypatch.setattr(SessionState, "_keys", lambda self: (together.append(1), keys(self))[1])
    state = SafeSessionState(SessionState(), lambda: None)
    state["one"] = 1
    assert state.filtered_state["one"] == 1
    assert "two" not in state.filtered_state
    assert not together
    assert list(state.filtered_state) == ["one"]
    assert together
