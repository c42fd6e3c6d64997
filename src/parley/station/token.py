"""Station keys that lie in a PKCS#11 token: it makes them and signs with them (decision 0081).

No file and no memory of ours ever holds such a key. The library that talks to tokens is an extra
(`requirements/pkcs11.txt`) and loaded only where a station has one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final, NoReturn

from parley.core.keys import ED25519_KEY_BYTES, is_acceptable_key, verify_ed25519
from parley.errors import SignatureError, TokenAwayError, UsageError

KEY_ID_BYTES: Final = 16
PIN_CHARACTERS_MAX: Final = 255
_CURVE: Final = bytes.fromhex("06032b6570")
"""The object identifier 1.3.101.112 in DER: edwards25519 (RFC 8410)."""

_POINT_HEAD: Final = bytes((0x04, ED25519_KEY_BYTES))
"""An OCTET STRING in DER, which is how most tokens write a public point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a token is: the library of its maker, and the label the token was given."""

    module: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenKey:
    """One key in a token.

    Attributes:
        pin: of the token's user.
        id: 16 bytes by which the token finds it.
        public: 32-byte Ed25519 public key.
    """

    place: Place
    pin: str = field(repr=False)
    id: bytes
    public: bytes


class TokenSigner:
    """Signs with a key that never leaves its token; a session that broke is opened again."""

    def __init__(self, key: TokenKey) -> None:
        """Open the token.

        Raises:
            TokenAwayError: it is not there, does not take the PIN, or does not have the key.
        """
        self._key = key
        self._lock = Lock()
        self._refused: TokenAwayError | None = None
        self.public_key = key.public
        self._handle = self._open()

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature over `message`.

        Raises:
            TokenAwayError: the token is gone, or signs for another key.
        """
        with self._lock:
            try:
                signature = self._sign(message)
            except TokenAwayError:
                with suppress(Exception):  # of a session that is over, whatever closing it says
                    self._handle.session.close()
                # Pulled out and put back, or restarted: the handle is of a session that is over.
                self._handle = self._open()
                signature = self._sign(message)
        try:
            verify_ed25519(self.public_key, signature, message)
        except SignatureError:
            _away(self._key.place, "it signs with another key than the one on the card")
        return signature

    def _sign(self, message: bytes) -> bytes:
        from pkcs11 import Mechanism  # noqa: PLC0415 - an extra

        with _told(self._key.place):
            return bytes(self._handle.sign(message, mechanism=Mechanism.EDDSA))

    def _open(self) -> Any:
        place = self._key.place
        if self._refused is not None:
            raise self._refused  # a token that is asked again and again locks itself
        with _told(place):
            from pkcs11 import ObjectClass  # noqa: PLC0415 - an extra

            try:
                session = _session(place, self._key.pin)
            except _refusals() as problem:
                self._refused = _pin_wrong(place)
                raise self._refused from problem
            return session.get_key(object_class=ObjectClass.PRIVATE_KEY, id=self._key.id)


def make_key(place: Place, pin: str, *, key_id: bytes, name: str) -> TokenKey:
    """Let the token make a key that cannot be taken out of it.

    Args:
        place: the token.
        pin: of its user.
        key_id: 16 random bytes.
        name: shown by the token's own tools.

    Raises:
        TokenAwayError: the token is not there, or does not make Ed25519 keys.
    """
    with _told(place):
        from pkcs11 import Attribute, KeyType, Mechanism  # noqa: PLC0415 - an extra

        with _session(place, pin, writes=True) as session:
            curve = {Attribute.EC_PARAMS: _CURVE}
            parameters = session.create_domain_parameters(KeyType.EC_EDWARDS, curve, local=True)
            public, private = parameters.generate_keypair(
                mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
                store=True,
                id=key_id,
                label=name,
                private_template={Attribute.EXTRACTABLE: False, Attribute.SENSITIVE: True},
            )
            point = _point(bytes(public[Attribute.EC_POINT]))
            can_leave = private[Attribute.EXTRACTABLE] or not private[Attribute.SENSITIVE]
    if not is_acceptable_key(point):
        _away(place, "the key it made is no Ed25519 key")
    if can_leave:
        _away(place, "it makes keys that can be taken out of it")
    return TokenKey(place=place, pin=pin, id=key_id, public=point)


def public_keys(place: Place) -> Collection[bytes]:
    """Return the Ed25519 public keys that the token shows to whoever asks, without its PIN.

    Raises:
        TokenAwayError: the token is not there.
    """
    with _told(place):
        from pkcs11 import Attribute, KeyType, ObjectClass  # noqa: PLC0415 - an extra

        wanted = {
            Attribute.CLASS: ObjectClass.PUBLIC_KEY,
            Attribute.KEY_TYPE: KeyType.EC_EDWARDS,
        }
        with _token(place).open() as session:
            found = list(session.get_objects(wanted))
            return [_point(bytes(each[Attribute.EC_POINT])) for each in found]


def _point(raw: bytes) -> bytes:
    return raw.removeprefix(_POINT_HEAD) if len(raw) > ED25519_KEY_BYTES else raw


def _token(place: Place) -> Any:
    from pkcs11 import lib  # noqa: PLC0415 - an extra

    module = lib(place.module)
    # The list of slots is asked for afresh: a token may have been put in since.
    tokens = [slot.get_token() for slot in module.get_slots(token_present=True)]
    named = [token for token in tokens if token.label == place.label]
    if len(named) != 1:
        others = ", ".join(sorted(repr(token.label) for token in tokens if token.label))
        _away(place, f"{len(named)} tokens have that label; there are: {others or 'none'}")
    return named[0]


def _session(place: Place, pin: str, *, writes: bool = False) -> Any:
    from pkcs11.exceptions import UserAlreadyLoggedIn  # noqa: PLC0415 - an extra

    token = _token(place)
    try:
        return token.open(rw=writes, user_pin=pin)
    except UserAlreadyLoggedIn:
        # The PIN counts for the whole process; a second session needs none.
        return token.open(rw=writes)


@contextmanager
def _told(place: Place) -> Iterator[None]:
    """Turn what the library says into words that say what to do."""
    try:
        import pkcs11.exceptions as known  # noqa: PLC0415 - an extra
    except ImportError:
        raise UsageError(
            "keys in a token need the library python-pkcs11, which is not installed here",
            next_step="Install what requirements/pkcs11.txt names.",
        ) from None
    try:
        yield
    except known.PinLocked:
        _away(place, "its PIN is locked after too many wrong ones")
    except _refusals() as problem:
        raise _pin_wrong(place) from problem
    except known.NoSuchKey:
        _away(place, "the station's key is not in it")
    except known.MechanismInvalid:
        _away(place, "it does not know Ed25519 (CKM_EDDSA)")
    except known.PKCS11Error as problem:
        _away(place, str(problem) or type(problem).__name__)


def _refusals() -> tuple[type[Exception], ...]:
    import pkcs11.exceptions as known  # noqa: PLC0415 - an extra

    return (known.PinIncorrect, known.PinInvalid, known.PinLenRange)


def _pin_wrong(place: Place) -> TokenAwayError:
    why = "the PIN is wrong; a token locks after a few wrong ones"
    return TokenAwayError(module=place.module, label=place.label, why=why)


def _away(place: Place, why: str) -> NoReturn:
    raise TokenAwayError(module=place.module, label=place.label, why=why)
