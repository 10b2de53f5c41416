"""A certificate of one's own for a coordinator and its workers, signed by an authority that signs nothing else."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pipeline.cluster.doors import CA, CERTIFICATE, KEY
from pipeline.errors import CertificatesError, OutputUnwritableError
from pipeline.texts import _

DAYS = 365
_DAY = timedelta(days=1)


def make_certificates(folder: Path, days: int = DAYS) -> tuple[Path, ...]:
    """Return the files of a new authority and one certificate of it; the authority's key is thrown away.

    Raises:
        CertificatesError: there are certificates already.
        OutputUnwritableError: nothing can be written there.
    """
    authority, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = _name("Weike cluster authority")
    usage = x509.BasicConstraints(ca=True, path_length=0)
    root = _signed(issuer, issuer, authority, authority, usage, days)
    leaf = _signed(_name("weike-cluster"), issuer, own, authority, x509.BasicConstraints(False, None), days)
    secret = own.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem = serialization.Encoding.PEM
    wanted = {CA: root.public_bytes(pem), CERTIFICATE: leaf.public_bytes(pem), KEY: secret}
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if any((folder / name).exists() for name in wanted):
            raise CertificatesError(folder, reason=_("there are some already"))
        return tuple(_write(folder / name, data) for name, data in wanted.items())
    except OSError as error:
        raise OutputUnwritableError(folder, reason=error.strerror or str(error)) from None


def _signed(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    usage: x509.BasicConstraints,
    days: int,
) -> x509.Certificate:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)  # the clocks of workstations differ
        .not_valid_after(now + days * _DAY)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _write(path: Path, data: bytes) -> Path:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
    return path
