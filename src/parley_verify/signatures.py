"""Which signatures count: `cryptography` where it is installed, plain Python elsewhere."""

from __future__ import annotations

from parley_verify.ed25519 import is_acceptable, verify_plainly


class Signatures:
    """Checks signatures, and says with what.

    Attributes:
        has_ed25519_library: whether Ed25519 is checked by the library.
        has_mldsa: whether ML-DSA-65 can be checked at all.
    """

    def __init__(self, *, plain: bool = False) -> None:
        """Look for the library, unless `plain` asks to do without."""
        self.has_ed25519_library = not plain and _library_has("ed25519")
        self.has_mldsa = not plain and _library_has("mldsa")

    def ed25519(self, key: bytes, signature: bytes, message: bytes) -> bool:
        """Say whether an Ed25519 signature is acceptable and verifies."""
        if not is_acceptable(key, signature):
            return False
        if not self.has_ed25519_library:
            return verify_plainly(key, signature, message)
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415

        try:
            ed25519.Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    def mldsa65(self, key: bytes, signature: bytes, message: bytes, context: bytes) -> bool | None:
        """Say whether a pure ML-DSA-65 signature verifies; None where it cannot be checked."""
        if not self.has_mldsa:
            return None
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
        from cryptography.hazmat.primitives.asymmetric import mldsa  # noqa: PLC0415

        try:
            mldsa.MLDSA65PublicKey.from_public_bytes(key).verify(signature, message, context)
        except (InvalidSignature, ValueError):
            return False
        return True


def _library_has(module: str) -> bool:
    try:
        if module == "mldsa":
            from cryptography.hazmat.primitives.asymmetric import mldsa  # noqa: F401, PLC0415
        else:
            from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: F401, PLC0415
    except Exception:  # noqa: BLE001  a broken installation is one without the library
        return False
    return True
