"""The self-signed certificate a station shows on TLS, and its pin.

A pin is the SHA-256 of the certificate's DER form. Nobody else signs it and nothing in it is
believed: it lets an address name the very machine that must answer, no more.
"""

from __future__ import annotations

import hashlib
import secrets
import ssl
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path as FilePath

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from parley.errors import UsageError

COMMON_NAME_CHARS_MAX = 64
"""Upper bound of a common name (RFC 5280, appendix A.1)."""

SERIAL_MAX = 2**159 - 1
"""A serial number has at most 20 bytes and is positive (RFC 5280 §4.1.2.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate with its private key.

    Attributes:
        cert_pem: X.509 certificate, PEM.
        key_pem: its private key, PKCS 8 in PEM, not encrypted; the caller keeps it safe.
        pin: 32-byte SHA-256 of the certificate's DER form.
    """

    cert_pem: bytes
    key_pem: bytes = field(repr=False)
    pin: bytes


def make_certificate(
    *, common_name: str, not_before: int, not_after: int, serial: int
) -> Certificate:
    """Make a P-256 key and a certificate that it signs itself.

    P-256, because every TLS library a peer may choose knows it.

    Args:
        common_name: shown to whoever looks at the certificate; 1 to 64 characters.
        not_before: first second of validity, since 1970.
        not_after: last second of validity, since 1970. Peers pin and do not look at it.
        serial: 1 to 2**159 - 1, drawn by the caller.

    Raises:
        UsageError: a value out of these bounds.
    """
    if not 1 <= len(common_name) <= COMMON_NAME_CHARS_MAX:
        raise UsageError(f"a common name has 1 to 64 characters, not {len(common_name)}")
    if not 0 <= not_before < not_after:
        raise UsageError(f"a certificate ends after it begins: {not_before} to {not_after}")
    if not 1 <= serial <= SERIAL_MAX:
        raise UsageError("a certificate's serial number is 1 to 2**159 - 1")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(datetime.fromtimestamp(not_before, UTC))
        .not_valid_after(datetime.fromtimestamp(not_after, UTC))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Certificate(
        cert_pem=certificate.public_bytes(serialization.Encoding.PEM),
        key_pem=key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        pin=certificate.fingerprint(hashes.SHA256()),
    )


def read_certificate(*, cert_pem: bytes, key_pem: bytes) -> Certificate:
    """Take a certificate and key as they were kept, and compute the pin.

    Raises:
        UsageError: the two are no PEM or do not belong together.
    """
    try:
        certificate = x509.load_pem_x509_certificate(cert_pem)
        key = serialization.load_pem_private_key(key_pem, password=None)
    except (ValueError, TypeError) as error:
        raise UsageError(
            "the TLS certificate or its key is not readable PEM",
            next_step="Restore both files from the station's backup, or have new ones made.",
        ) from error
    if certificate.public_key() != key.public_key():
        raise UsageError("the TLS certificate and the key beside it do not belong together")
    return Certificate(
        cert_pem=cert_pem, key_pem=key_pem, pin=certificate.fingerprint(hashes.SHA256())
    )


def pin_of(certificate_der: bytes) -> bytes:
    """Return the 32-byte pin of a certificate in DER form."""
    return hashlib.sha256(certificate_der).digest()


def server_context(certificate: Certificate) -> ssl.SSLContext:
    """Return TLS 1.3 settings for a listener that shows `certificate` and asks for none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _only_tls_13(context)
    # Nothing is resumed here; tickets would only let an onlooker join up two visits.
    context.num_tickets = 0
    # OpenSSL reads keys from files only: this one is written under a password that nobody keeps,
    # so that no disk ever holds the key in the clear. The files live for this call.
    password = secrets.token_hex(32)
    key = serialization.load_pem_private_key(certificate.key_pem, password=None)
    sealed_key = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(password.encode()),
    )
    with tempfile.TemporaryDirectory(prefix="parley-tls-") as directory:
        cert_file, key_file = FilePath(directory, "cert.pem"), FilePath(directory, "key.pem")
        cert_file.write_bytes(certificate.cert_pem)
        key_file.write_bytes(sealed_key)
        context.load_cert_chain(cert_file, key_file, password)
    return context


def client_context() -> ssl.SSLContext:
    """Return TLS 1.3 settings for dialling.

    No authority is asked who the listener is: the pin is compared after the handshake where the
    address names one, and who the *party* is, the protocol itself decides in every frame.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _only_tls_13(context)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _only_tls_13(context: ssl.SSLContext) -> None:
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.maximum_version = ssl.TLSVersion.TLSv1_3


def ends_of(certificate: Certificate) -> int:
    """Return the last second in which a certificate counts, since 1970."""
    return int(x509.load_pem_x509_certificate(certificate.cert_pem).not_valid_after_utc.timestamp())
