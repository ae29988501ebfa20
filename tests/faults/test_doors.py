"""Who may have the engine do something: other users of the machine, who reach its ports, try to have it run code."""

from __future__ import annotations

import os
import ssl
import stat
from pathlib import Path

import distributed
import pytest
from distributed.security import Security

from lessonkit import config
from lessonkit.engine import certificate, record
from lessonkit.engine.client import Engine
from lessonkit.errors import EngineError
from lessonkit.storage import shut_to_others
from tests.engines import until
from tests.listening import PATIENCE, answer, plainly, ports


class Unchecked(Security):
    """Shows a certificate of its own, and takes whatever the other side shows."""

    def get_connection_args(self, role: str) -> dict:
        args = super().get_connection_args(role)
        args["ssl_context"].verify_mode = ssl.CERT_NONE
        return args


def others_certificate(tmp_path: Path) -> Security:
    """One that anybody may make: as the engine's, but another."""
    file = tmp_path / "others.pem"
    file.write_bytes(certificate.make())
    roles = {f"tls_{role}_{part}": str(file) for role in ("client", "worker") for part in ("key", "cert")}
    return Unchecked(require_encryption=True, tls_ca_file=str(file), **roles)


def run_pid(address: str, security: Security | None) -> int:
    """Have the scheduler there run a function, as any Dask client may."""
    with distributed.Client(address, timeout=PATIENCE, set_as_default=False, security=security) as client:
        return client.run_on_scheduler(os.getpid)


def test_nobody_without_the_engines_certificate_runs_a_function_in_it(engine: Engine, tmp_path: Path):
    known = record.read()
    assert known.address.startswith("tls://127.0.0.1:")
    assert run_pid(known.address, certificate.security()) == known.pid
    for address, security in (
        (known.address.replace("tls://", "tcp://"), None),
        (known.address, others_certificate(tmp_path)),
    ):
        with pytest.raises(OSError, match=r"(?i)timed out|closed"):
            run_pid(address, security)


def test_whoever_knocks_at_any_of_its_ports_is_asked_for_the_certificate(engine: Engine, tmp_path: Path):
    """The scheduler's, the nannies' and the workers': each runs what it is sent."""
    found = ports(record.read().pid)
    assert len(found) >= 5
    assert {ip for ip, _ in found} == {"127.0.0.1"}, "nothing listens beyond this machine"
    without = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    without.check_hostname, without.verify_mode = False, ssl.CERT_NONE
    shown = others_certificate(tmp_path).get_connection_args("client")["ssl_context"]
    ours = certificate.security().get_connection_args("client")["ssl_context"]
    for port in found:
        assert answer(port, ours.wrap_socket), "who has it is answered"
        for wrap in (without.wrap_socket, shown.wrap_socket, plainly):
            assert answer(port, wrap) == b""
        assert b"HTTP" not in answer(port, plainly, b"GET /json/identity.json HTTP/1.0\r\n\r\n")


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps a user's data folder from others by itself")
def test_what_lets_one_in_is_its_owners_alone(standin: Path):
    standin.chmod(0o755)
    engine = Engine()
    engine.connect()
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (record.path(), certificate.path(), config.home())]
    engine.close()
    assert [oct(mode) for mode in modes] == ["0o600", "0o600", "0o700"]


def test_a_certificate_that_somebody_deleted_is_there_again(engine: Engine):
    certificate.remove()
    until(certificate.path().exists, "the engine writes it again")
    other = Engine()
    other.connect()
    assert not other.started_it
    other.close()


def test_a_folder_that_is_not_ours_to_shut_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refused(*_: object) -> None:
        raise PermissionError

    tmp_path.chmod(0o755)
    monkeypatch.setattr(Path, "chmod", refused)
    assert shut_to_others(tmp_path) is (os.name == "nt")


def test_a_scheduler_elsewhere_without_its_certificates_is_a_sentence(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LESSONKIT_SCHEDULER", "tls://10.0.0.1:8786")
    with pytest.raises(EngineError, match=r"asks for certificates, .* names none") as said:
        record.check_start()
    assert "distributed.comm.tls" in said.value.way_out
