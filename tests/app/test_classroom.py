"""The way into a class: the address that others open, and when it is shown."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import segno
import streamlit as st

from lessonkit.ui.core import addresses, classroom


@pytest.mark.parametrize(
    ("seen", "mine", "expected"),
    [
        ("http://192.168.1.7:8501/train", ["10.0.0.5"], "http://192.168.1.7:8501/?dataset=pets"),
        ("https://pets.example.org/", [], "https://pets.example.org/?dataset=pets"),
        ("http://localhost:8501/", ["10.0.0.5"], "http://10.0.0.5:8600/?dataset=pets"),
        ("http://127.0.0.1:8501/", ["10.0.0.5"], "http://10.0.0.5:8600/?dataset=pets"),
        ("", ["10.0.0.5"], "http://10.0.0.5:8600/?dataset=pets"),
        ("http://[::1]:8501/", [], None),
    ],
)
def test_the_address_is_one_that_another_machine_can_open(
    seen: str, mine: list[str], expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "reachable", lambda: mine)
    assert classroom.link(seen, 8600, {"dataset": "pets", "run": ""}) == expected


def test_the_code_is_drawn_dark_on_white_with_a_margin() -> None:
    svg = classroom.qr_code("http://10.0.0.5:8501/?dataset=pets")
    side = 8 * (segno.make("http://10.0.0.5:8501/?dataset=pets", error="m", micro=False).symbol_size(border=4)[0])
    assert f'width="{side}"' in svg
    assert "#fff" in svg


@pytest.mark.parametrize(("address", "shown"), [("127.0.0.1", False), ("localhost", False), ("0.0.0.0", True)])
def test_the_way_in_is_shown_where_there_is_one(
    address: str, shown: bool, on_home, baked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = st.get_option
    monkeypatch.setattr(st, "get_option", lambda name: address if name == "server.address" else real(name))
    app = on_home(baked)
    assert not app.exception
    assert bool([b for b in app.sidebar.button if b.key == "join"]) == shown


def test_where_there_are_several_addresses_all_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "reachable", lambda: ["192.168.1.7", "172.17.0.1"])
    assert classroom.links("http://pets.local:8501/", 8501, {}) == [
        "http://pets.local:8501/", "http://192.168.1.7:8501/", "http://172.17.0.1:8501/",
    ]  # fmt: skip
    assert classroom.links("http://192.168.1.7:8501/", 8501, {})[0] == "http://192.168.1.7:8501/"
    assert len(classroom.links("http://192.168.1.7:8501/", 8501, {})) == 2


@pytest.mark.parametrize(
    ("seen", "given"),
    [
        ("http://192.168.1.7:8501/your_pet", False),
        ("https://pets.example.org/your_pet", True),
        ("http://localhost:8501/your_pet", True),
        ("http://127.0.0.1:8501/your_pet", True),
        ("", True),
    ],
)
def test_a_camera_that_a_browser_will_not_give_is_not_offered(
    seen: str, given: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classroom.st, "context", SimpleNamespace(url=seen))
    assert classroom.camera_given() == given
