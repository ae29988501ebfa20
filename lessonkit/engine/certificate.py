"""The engine's certificate: Dask runs whatever it is sent, so that only who may read the home may send it anything.

Each engine makes a key and a certificate as it starts. Its scheduler, workers, nannies and clients show the same
certificate to each other and accept no other, in both directions.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lessonkit import config
from lessonkit.errors import EngineError
from lessonkit.language import tr
from lessonkit.storage import write_bytes

if TYPE_CHECKING:
    from distributed.security import Security

# It is valid whatever the machine's clock says: it ends with its engine, and the next one makes another.
VALID = (datetime.datetime(2000, 1, 1), datetime.datetime(2200, 1, 1))
NAME = "lessonkit engine"


def path() -> Path:
    """Where the key and the certificate lie, in one file that its owner alone may read."""
    return config.home() / "engine.pem"


def make() -> bytes:
    """A new key and its certificate, as PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())  # made in a millisecond, where RSA takes a tenth of a second
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(VALID[0])
        .not_valid_after(VALID[1])
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)


def keep(pem: bytes) -> None:
    """Write what `make` made where clients find it, unless it is there."""
    if not path().exists():
        write_bytes(path(), pem, private=True)


def remove() -> None:
    path().unlink(missing_ok=True)


def security() -> Security:
    """What Dask needs to speak with the engine of this home alone; files are read where it is used."""
    from distributed.security import Security

    file = str(path())
    roles = {f"tls_{role}_{part}": file for role in ("client", "scheduler", "worker") for part in ("key", "cert")}
    return Security(require_encryption=True, tls_ca_file=file, **roles)


def check_elsewhere(address: str) -> None:
    """See that Dask has the certificates that a scheduler at an address such as tls://host:port asks for.

    Raises:
        EngineError: Dask's own configuration names none, or files that cannot be read.
    """
    if not address.startswith(("tls://", "wss://")):
        return
    from distributed.security import Security

    try:
        known = all(Security().get_connection_args(role)["ssl_context"] for role in ("client", "worker"))
        said = tr(
            "The scheduler at {address}, the address in LESSONKIT_SCHEDULER, asks for certificates, and Dask's "
            "configuration names none.",
            address=address,
        )
    except (OSError, ValueError) as problem:  # an SSLError is an OSError
        known = False
        said = tr(
            "The scheduler at {address}, the address in LESSONKIT_SCHEDULER, asks for certificates, and Dask's "
            "configuration names some that cannot be used ({why}).",
            address=address, why=getattr(problem, "strerror", None) or str(problem),
        )  # fmt: skip
    if not known:
        raise EngineError(
            said,
            tr(
                "Set them in Dask's configuration, under distributed.comm.tls: ca-file, and for client, worker and "
                "scheduler a cert and a key."
            ),
        )
