from __future__ import annotations

import hashlib
import ssl
import tempfile
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from parley.carriers.certificate import (
    SERIAL_MAX,
    client_context,
    make_certificate,
    pin_of,
    read_certificate,
    server_context,
)
from parley.errors import UsageError


def make(**changes: object):
    values = {"common_name": "ALFA", "not_before": 1_000, "not_after": 2_000, "serial": 9}
    return make_certificate(**{**values, **changes})


def test_a_certificate_says_what_it_was_told_and_no_more() -> None:
    certificate = x509.load_pem_x509_certificate(make().cert_pem)

    assert certificate.subject.rfc4514_string() == "CN=ALFA"
    assert certificate.not_valid_before_utc.timestamp() == 1_000
    assert certificate.not_valid_after_utc.timestamp() == 2_000
    assert certificate.serial_number == 9
    certificate.verify_directly_issued_by(certificate)


def test_the_pin_is_the_sha_256_of_the_der_form() -> None:
    made = make()
    der = x509.load_pem_x509_certificate(made.cert_pem).public_bytes(Encoding.DER)

    assert made.pin == hashlib.sha256(der).digest() == pin_of(der)


def test_two_certificates_never_share_a_pin() -> None:
    assert make().pin != make().pin


def test_the_private_key_is_not_in_the_representation() -> None:
    made = make()

    assert "PRIVATE" not in repr(made)


@pytest.mark.parametrize(
    "changes",
    [
        {"common_name": ""},
        {"common_name": "x" * 65},
        {"not_before": 2_000},
        {"not_before": -1},
        {"serial": 0},
        {"serial": SERIAL_MAX + 1},
    ],
)
def test_values_out_of_bounds_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        make(**changes)


def test_a_certificate_that_was_kept_reads_back_with_its_pin() -> None:
    made = make()

    assert read_certificate(cert_pem=made.cert_pem, key_pem=made.key_pem) == made


def test_a_certificate_with_anothers_key_is_refused() -> None:
    with pytest.raises(UsageError, match="do not belong together"):
        read_certificate(cert_pem=make().cert_pem, key_pem=make().key_pem)


@pytest.mark.parametrize(("which"), ["cert_pem", "key_pem"])
def test_a_damaged_file_is_refused_with_what_to_do(which: str) -> None:
    made = make()
    files = {"cert_pem": made.cert_pem, "key_pem": made.key_pem}

    with pytest.raises(UsageError, match="not readable PEM") as caught:
        read_certificate(**{**files, which: b"-----BEGIN garbage-----"})

    assert "backup" in caught.value.next_step


def test_both_sides_speak_tls_1_3_and_nothing_older() -> None:
    for context in (server_context(make()), client_context()):
        assert context.minimum_version == ssl.TLSVersion.TLSv1_3
        assert context.maximum_version == ssl.TLSVersion.TLSv1_3


def test_the_key_never_lies_in_the_clear_on_a_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    made, written = make(), []
    write_bytes = Path.write_bytes
    monkeypatch.setattr(
        Path, "write_bytes", lambda self, data: (written.append(data), write_bytes(self, data))[1]
    )
    before = set(Path(tempfile.gettempdir()).glob("parley-tls-*"))

    server_context(made)

    assert made.cert_pem in written
    assert not any(b"BEGIN PRIVATE KEY" in data for data in written)
    assert set(Path(tempfile.gettempdir()).glob("parley-tls-*")) <= before
