"""The certificates of a cluster: who shows one may have its scheduler and workers run code, and nobody else.

A certificate authority is made, signs one certificate, and its key is forgotten: nobody can sign another. Scheduler,
workers and app show that one. Dask checks who signed a certificate, not which host shows it, so it names none.
"""

from __future__ import annotations

import datetime
import json
import os
from pathlib import Path

from lessonkit.errors import LessonError
from lessonkit.storage import shut_to_others, write_bytes

AUTHORITY, CERTIFICATE, KEY, SETTINGS = "ca.pem", "cert.pem", "key.pem", "dask.yaml"
DAYS = 3650
ROLES = ("client", "scheduler", "worker")


def make(folder: Path) -> None:
    """Write the certificates into a folder, and Dask's settings that use them, all readable by their owner alone.

    Raises:
        LessonError: some are there already, the folder cannot be written to, or others may write in it as well.
    """
    if os.name == "posix" and folder.is_dir() and folder.stat().st_mode & 0o022:
        raise LessonError(
            f"Others may write in {folder}: they could put certificates of their own in the place of these.",
            "Name a new folder, or take from others the right to write in that one.",
        )
    for name in (AUTHORITY, CERTIFICATE, KEY, SETTINGS):
        if (folder / name).exists():
            raise LessonError(
                f"{folder / name} is there already, and is not written over.",
                "Name another folder, or delete that one's files first: app, scheduler and workers need the same ones.",
            )
    authority, certificate, key = _signed()
    text = "# Dask's settings for a cluster of the lesson: DASK_CONFIG names this folder. (All JSON is YAML.)\n"
    files = {
        AUTHORITY: authority,
        CERTIFICATE: certificate,
        KEY: key,
        SETTINGS: (text + json.dumps(settings(folder), indent=1) + "\n").encode(),
    }
    try:
        new = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        if new:
            shut_to_others(folder)
        for name, data in files.items():
            write_bytes(folder / name, data, private=True)
    except OSError as error:
        raise LessonError(
            f"The certificates cannot be written into {folder} ({error.strerror}).", "Name another folder."
        ) from None


def settings(folder: Path) -> dict[str, object]:
    """Dask's settings that have all of a cluster use the certificates in a folder, and speak with nobody without."""
    place = folder.resolve()
    pair = {"cert": str(place / CERTIFICATE), "key": str(place / KEY)}
    tls = {"ca-file": str(place / AUTHORITY), **{role: dict(pair) for role in ROLES}}
    return {"distributed": {"comm": {"default-scheme": "tls", "require-encryption": True, "tls": tls}}}


def variables(folder: Path) -> dict[str, str]:
    """The same as environment variables."""
    place, comm = folder.resolve(), "DASK_DISTRIBUTED__COMM"
    found = {f"{comm}__DEFAULT_SCHEME": "tls", f"{comm}__REQUIRE_ENCRYPTION": "True"}
    found[f"{comm}__TLS__CA_FILE"] = str(place / AUTHORITY)
    for role in ROLES:
        found[f"{comm}__TLS__{role.upper()}__CERT"] = str(place / CERTIFICATE)
        found[f"{comm}__TLS__{role.upper()}__KEY"] = str(place / KEY)
    return found


def _signed() -> tuple[bytes, bytes, bytes]:
    """A new authority's certificate, one that it signed, and that one's key, as PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    def name(of: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, of)])

    def usage(signs: bool) -> x509.KeyUsage:
        return x509.KeyUsage(
            digital_signature=True, key_cert_sign=signs, crl_sign=signs, content_commitment=False,
            key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
        )  # fmt: skip

    def certificate(of: str, key: ec.EllipticCurvePrivateKey, authority: bool) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(name(of))
            .issuer_name(name("lessonkit cluster authority"))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))  # another machine's clock may be late
            .not_valid_after(now + datetime.timedelta(days=DAYS))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=0 if authority else None), critical=True)
            .add_extension(usage(authority), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
            .sign(signing, hashes.SHA256())
        )

    signing, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = certificate("lessonkit cluster authority", signing, True)
    signed = certificate("lessonkit cluster", own, False)
    pem = serialization.Encoding.PEM
    private = own.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return authority.public_bytes(pem), signed.public_bytes(pem), private
