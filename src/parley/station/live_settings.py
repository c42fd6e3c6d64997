"""Settings that an administrator may change while the station runs.

What is changed here stands in the station's papers, with its audit row in one transaction, above
the file and below the environment. What keeps a station safe, and what is read only at start,
cannot be changed here (decision 0092).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from parley.core.instants import Instant, dtg
from parley.errors import ConflictError, NotAllowedError, NotFoundError, UsageError
from parley.station.actors import Actor
from parley.station.cabinet import Act, Cabinet
from parley.station.config import Config
from parley.station.desk_views import SettingView
from parley.station.papers import Fields, change
from parley.station.settings import BY_KEY, Setting, problem_of

_PAPER: Final = "changed"
_AIMS: Final = {
    "Z": "aims.flash_s",
    "O": "aims.immediate_s",
    "P": "aims.priority_s",
    "R": "aims.routine_s",
}
_CLAIMS: Final = {"Z": "alarm.claim_flash_s", "O": "alarm.claim_immediate_s"}


class LiveSettings:
    """Reads settings as they stand now, and changes those that may be."""

    def __init__(self, config: Config, cabinet: Cabinet, *, now: Callable[[], Instant]) -> None:
        self._config = config
        self._cabinet = cabinet
        self._now = now
        self._changed: Fields | None = None

    def _all(self) -> Fields:
        if self._changed is None:
            self._changed = self._cabinet.get("settings", _PAPER) or {}
        return self._changed

    def seconds(self, key: str) -> int:
        """Return a whole number that may have been changed."""
        value = self._value(BY_KEY[key])
        assert isinstance(value, int)
        return value

    def _value(self, setting: Setting) -> object:
        row = self._all().get(setting.key)
        if row is None or self._is_outside(setting.key):
            return self._config.values[setting.key]
        # A bound may have become narrower since it was changed.
        fits = not problem_of(setting, row["value"])
        return row["value"] if fits else self._config.values[setting.key]

    def _is_outside(self, key: str) -> bool:
        return self._config.origins[key].startswith(("environment ", "flag"))

    def aims(self) -> dict[str, int]:
        """Return in how many seconds each precedence should be handled, by its letter."""
        return {letter: self.seconds(key) for letter, key in _AIMS.items()}

    def claim_s(self, precedence: str | None) -> int:
        """Return how many seconds a claim of an alarm is good."""
        return self.seconds(_CLAIMS.get(precedence or "", "alarm.claim_other_s"))

    def all(self) -> list[SettingView]:
        """Return every setting with where its value comes from."""
        return [self._view(BY_KEY[key]) for key in sorted(self._config.values)]

    def _view(self, setting: Setting) -> SettingView:
        value = self._value(setting)
        source = self._config.origins[setting.key]
        row = self._all().get(setting.key)
        if row is not None and value == row["value"] and not self._is_outside(setting.key):
            source = f"changed by {row['by']} {dtg(Instant(row['at']))}; before: {source}"
        effect = "live" if setting.live else "file" if setting.safety else "restart"
        return SettingView(
            key=setting.key,
            value=_plain(value),
            default=_plain(setting.default),
            source=source,
            help=setting.help,
            unit=setting.unit,
            effect=effect,
        )

    async def change(self, actor: Actor, key: str, text: str) -> SettingView:
        """Change a setting at once; an empty text goes back to what file and default say.

        Raises:
            NotFoundError: there is no such setting.
            NotAllowedError: no administrator, or it cannot be changed while the station runs.
            ConflictError: the environment sets it.
            UsageError: the value is out of bounds.
        """
        actor.require("administer")
        setting = BY_KEY.get(key)
        if setting is None:
            raise NotFoundError(f"there is no setting {key[:80]}")
        if not setting.live:
            raise NotAllowedError(
                f"{key} cannot be changed while the station runs",
                next_step="Change it in parley.toml and start the station anew.",
            )
        if self._is_outside(key):
            raise ConflictError(
                f"{key} is set by {self._config.origins[key]}",
                next_step="Change it there and start the station anew.",
            )
        changed = dict(self._all())
        before, value = self._value(setting), setting.parse(text.strip())
        if text.strip():
            if wrong := problem_of(setting, value):
                raise UsageError(f"{key} {wrong}")
            changed[key] = {"value": value, "by": actor.officer, "at": self._now()}
        else:
            changed.pop(key, None)
            value = self._config.values[key]  # type: ignore[assignment]
        act = Act(actor=actor, act="change setting", subject=key, detail=f"{before} -> {value}")
        await self._cabinet.store([change("settings", _PAPER, changed)], act)
        self._changed = changed
        return self._view(setting)


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
