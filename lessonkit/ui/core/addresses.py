"""This machine's addresses as others in the room can reach them, the most likely first."""

from __future__ import annotations

import ipaddress
import re
import socket

import psutil

# Networks that exist within a machine or through a tunnel: no phone in the room is in them.
_VIRTUAL = re.compile(
    r"docker|^br-|^veth|^virbr|^lxc|^lxd|^cni|^flannel|^podman|vbox|virtualbox|vmnet|vmware|vethernet|hyper-v|wsl|"
    r"^tun|^tap|^utun|^wg|^ppp|^zt|tailscale|zerotier|wireguard|nordlynx|^ipsec|hamachi|^awdl|^llw|^bridge\d",
    re.IGNORECASE,
)
# Addresses that carriers and VPNs such as Tailscale give out: RFC 6598.
_SHARED = ipaddress.ip_network("100.64.0.0/10")
# From TEST-NET-2 (RFC 5737), where nobody is. Connecting a UDP socket sends nothing: it only chooses a route.
_NOWHERE = ("198.51.100.1", 9)


def reachable() -> list[str]:
    """IPv4 addresses of this machine in networks that are up, without loopback and link-local ones.

    First those of real networks, before those of containers, virtual machines and tunnels (known by the interface's name);
    among them the one by which the default route leaves, then private ones.
    """
    up = {name for name, stats in psutil.net_if_stats().items() if stats.isup}
    found = [
        (name, ipaddress.ip_address(a.address))
        for name, addresses in psutil.net_if_addrs().items()
        for a in addresses
        if name in up and a.family == socket.AF_INET
    ]
    leaves = default_route()
    ordered = sorted(
        ((name, a) for name, a in found if not a.is_loopback and not a.is_link_local),
        key=lambda one: (
            bool(_VIRTUAL.search(one[0])) or one[1] in _SHARED,
            str(one[1]) != leaves,
            not one[1].is_private,
            str(one[1]),
        ),
    )
    return list(dict.fromkeys(str(a) for _, a in ordered))


def default_route() -> str | None:
    """The IPv4 address by which this machine's default route leaves; None where it has no such route."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_NOWHERE)
        except OSError:
            return None
        return str(probe.getsockname()[0])
