"""Which of a machine's addresses a phone in the room can open."""

from __future__ import annotations

import socket
from types import SimpleNamespace

import psutil
import pytest

from lessonkit.ui.core import addresses

# name: (interface: address; the address that a phone in the room can reach)
MACHINES = {
    "Docker": ({"lo": "127.0.0.1", "docker0": "172.17.0.1", "wlp2s0": "192.168.1.23"}, "192.168.1.23"),
    "Docker Compose": ({"br-5f2e": "172.18.0.1", "veth12": "172.19.0.2", "eth0": "192.168.5.5"}, "192.168.5.5"),
    "a VPN": ({"lo": "127.0.0.1", "tun0": "10.8.0.2", "wlan0": "192.168.1.23"}, "192.168.1.23"),
    "WireGuard": ({"wg0": "10.0.0.2", "enp3s0": "192.168.1.23"}, "192.168.1.23"),
    "a Mac with a VPN": ({"lo0": "127.0.0.1", "utun4": "10.2.0.2", "en0": "192.168.2.5"}, "192.168.2.5"),
    "WSL": ({"Loopback": "127.0.0.1", "Wi-Fi": "192.168.0.14", "vEthernet (WSL)": "172.28.96.1"}, "192.168.0.14"),
    "VirtualBox": ({"en0": "192.168.178.20", "vboxnet0": "192.168.56.1"}, "192.168.178.20"),
    "VMware": ({"VMware Network Adapter VMnet8": "192.168.102.1", "Wi-Fi": "192.168.43.7"}, "192.168.43.7"),
    "Tailscale in a hall": ({"tailscale0": "100.101.102.103", "wlan0": "130.92.4.5"}, "130.92.4.5"),
    "a tunnel with a name of its own": ({"corp": "100.70.1.2", "wlan0": "130.92.4.5"}, "130.92.4.5"),
    "a school's network": ({"docker0": "172.17.0.1", "eth0": "10.3.4.5"}, "10.3.4.5"),
    "only a virtual one": ({"lo": "127.0.0.1", "docker0": "172.17.0.1"}, "172.17.0.1"),
    "no network": ({"lo": "127.0.0.1", "eth0": "169.254.3.4"}, None),
}


def on(monkeypatch: pytest.MonkeyPatch, interfaces: dict[str, str], leaves: str | None = None) -> list[str]:
    found = {name: [SimpleNamespace(family=socket.AF_INET, address=a)] for name, a in interfaces.items()}
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: found)
    monkeypatch.setattr(psutil, "net_if_stats", lambda: dict.fromkeys(found, SimpleNamespace(isup=True)))
    monkeypatch.setattr(addresses, "default_route", lambda: leaves)
    return addresses.reachable()


@pytest.mark.parametrize("machine", MACHINES)
def test_the_first_address_is_one_that_a_phone_reaches(machine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    interfaces, right = MACHINES[machine]
    assert next(iter(on(monkeypatch, interfaces)), None) == right


def test_of_two_real_networks_the_default_route_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    both = {"eth0": "10.3.4.5", "wlan0": "192.168.1.23"}
    assert on(monkeypatch, both, leaves="192.168.1.23") == ["192.168.1.23", "10.3.4.5"]
    assert on(monkeypatch, both, leaves="10.3.4.5") == ["10.3.4.5", "192.168.1.23"]


def test_a_vpn_that_takes_the_default_route_does_not_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    both = {"tun0": "10.8.0.2", "wlan0": "192.168.1.23"}
    assert on(monkeypatch, both, leaves="10.8.0.2") == ["192.168.1.23", "10.8.0.2"]


def test_an_interface_that_is_down_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, {"eth0": "10.3.4.5", "wlan0": "192.168.1.23"})
    monkeypatch.setattr(psutil, "net_if_stats", lambda: {"eth0": SimpleNamespace(isup=False)})
    assert addresses.reachable() == []
