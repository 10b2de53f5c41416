"""How coordinator and workers reach each other: encrypted and known to each other, or on this very machine alone.

Whoever may speak to a coordinator or a worker can make it run anything, so a connection that leaves the machine without
both sides showing a certificate is never opened.
"""

import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pipeline.errors import BadAddressError, CertificatesError, NoTlsError

if TYPE_CHECKING:
    from distributed.security import Security

PORT = 8786
CA, CERTIFICATE, KEY = "ca.pem", "weike.pem", "weike-key.pem"
"""Files in a folder of certificates."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a coordinator listens."""

    scheme: str
    """``tls`` or ``tcp``."""
    host: str
    port: int

    @property
    def is_local(self) -> bool:
        """Tell whether it is reached on its own machine only."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def address_of(text: str, certificates: Path | None) -> Address:
    """Return the address that a person gave; without a scheme it is encrypted where there are certificates.

    Raises:
        BadAddressError: it is none.
        NoTlsError: it leaves the machine, and is not encrypted or no certificates are given for it.
    """
    try:
        parts = urlsplit(text if "://" in text else f"{'tls' if certificates else 'tcp'}://{text}")
        port = PORT if parts.port is None else parts.port
    except ValueError:
        raise BadAddressError(address=text) from None
    if parts.scheme not in {"tls", "tcp"} or not parts.hostname or parts.path not in {"", "/"}:
        raise BadAddressError(address=text)
    address = Address(parts.scheme, parts.hostname, port)
    if address.scheme == "tls" if certificates is None else address.scheme == "tcp":
        raise NoTlsError(address=text)
    if address.scheme == "tcp" and not address.is_local:
        raise NoTlsError(address=text)
    return address


def security_for(certificates: Path | None) -> "Security":
    """Return what Dask encrypts with; both sides of every connection must show a certificate of the same authority.

    Raises:
        CertificatesError: the files are not there, or do not belong together.
    """
    from distributed.security import Security

    if certificates is None:
        return Security(require_encryption=False)
    ca, certificate, key = (certificates / name for name in (CA, CERTIFICATE, KEY))
    try:
        ssl.create_default_context(cafile=str(ca)).load_cert_chain(str(certificate), str(key))
    except (OSError, ssl.SSLError) as error:
        raise CertificatesError(certificates, reason=str(error)) from None
    roles = ("scheduler", "worker", "client")
    files = {f"tls_{role}_cert": str(certificate) for role in roles} | {f"tls_{role}_key": str(key) for role in roles}
    return Security(require_encryption=True, tls_ca_file=str(ca), **files)
