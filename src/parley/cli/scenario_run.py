"""Running a scenario file: found by name, played in one way or the other, checked, exported."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, Final

from parley.cli.command import write_file
from parley.cli.exits import DOES_NOT_HOLD, IN_PART
from parley.cli.proofs import holds
from parley.errors import NotFoundError, UsageError
from parley.sim.scenario.claims import Verdict, check
from parley.sim.scenario.loader import ScenarioFile, read_scenario
from parley.sim.scenario.model import Event, Scenario, ScenarioError
from parley.sim.scenario.player import Played, play
from parley.sim.scenario.sim_stage import SimStage
from parley.sim.scenario.stage import Stage

_BYTES_MAX: Final = 4_000_000
THROUGH: Final = ("sim", "tls")


def shipped() -> dict[str, str]:
    """Return the scenarios that come with the program, by name."""
    folder = resources.files("parley.sim.scenario") / "files"
    return {
        each.name.removesuffix(".yaml"): each.read_text("utf-8")
        for each in folder.iterdir()
        if each.name.endswith(".yaml")
    }


def read_file(name: str) -> ScenarioFile:
    """Return a scenario by the name of a file, or of one that is shipped.

    Raises:
        NotFoundError: there is neither.
        ScenarioError: it is no scenario.
    """
    path = Path(name)
    if name in shipped() and not path.is_file():
        return _shipped_file(name)
    return _file(path)


def _shipped_file(name: str) -> ScenarioFile:
    texts = shipped()
    if name not in texts:
        raise NotFoundError(
            f"there is no scenario {name}",
            next_step=f"Give a file, or one of: {', '.join(sorted(texts))}.",
        )
    return read_scenario(texts[name], f"{name}.yaml", _shipped_file)


def _file(path: Path) -> ScenarioFile:
    if not path.is_file():
        raise NotFoundError(
            f"there is no scenario {path}",
            next_step=f"Give a file, or one of: {', '.join(sorted(shipped()))}.",
        )

    def beside(name: str) -> ScenarioFile:
        neighbour = path.with_name(f"{name}.yaml")
        return _file(neighbour) if neighbour.is_file() else _shipped_file(name)

    try:
        with path.open("rb") as file:
            raw = file.read(_BYTES_MAX + 1)
    except OSError as problem:
        raise UsageError(f"{path} cannot be read: {problem.strerror}") from None
    if len(raw) > _BYTES_MAX:
        raise ScenarioError(path.name, None, f"longer than {_BYTES_MAX:,} bytes")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
        raise ScenarioError(path.name, line, "this is not UTF-8 text") from None
    return read_scenario(text, path.name, beside)


@contextmanager
def stage_of(scenario: Scenario, *, through: str, seed: int | None) -> Iterator[Stage]:
    """Make the stage that a scenario is played on, and let go of it at the end."""
    seed = scenario.seed if seed is None else seed
    if through == "sim":
        yield SimStage(scenario, seed=seed)
        return
    from parley.cli.scenario_live import LiveStage  # noqa: PLC0415 - brings the whole station

    with tempfile.TemporaryDirectory(prefix="parley-scenario-") as folder:
        stage = LiveStage(scenario, Path(folder), seed=seed)
        try:
            yield stage
        finally:
            stage.close()


@dataclass(slots=True, kw_only=True)
class Report:
    """What one or several histories left.

    Attributes:
        verdicts: with the name of the variant, empty for the history as it stands.
        not_played: events whose move the desk does not have.
    """

    verdicts: list[tuple[str, Verdict]] = field(default_factory=list)
    not_played: set[str] = field(default_factory=set)

    def count(self, status: str) -> int:
        """Return how many claims have this status."""
        return sum(one.status == status for _, one in self.verdicts)

    @property
    def exit_code(self) -> int:
        """Return 7 where a claim fails, 14 where something could not be played, else 0."""
        if self.count("fails"):
            return DOES_NOT_HOLD
        return IN_PART if self.not_played or self.count("not played") else 0

    def lines(self) -> list[str]:
        """Return one line per claim, and the total."""
        found: list[str] = []
        last = ""
        for variant, verdict in self.verdicts:
            if variant != last:
                found.append(f"{variant}:")
                last = variant
            found.append(verdict.line())
        if self.not_played:
            found.append(f"not played: {', '.join(sorted(self.not_played))}")
        found.append(
            f"{self.count('holds')} claims hold, {self.count('fails')} fail, "
            f"{self.count('not played')} could not be checked; "
            f"{len(self.not_played)} events not played"
        )
        return found

    def data(self) -> dict[str, Any]:
        """Return the same for programs."""
        return {
            "items": [_item(variant, verdict) for variant, verdict in self.verdicts],
            "next_cursor": None,
            "holds": self.count("holds"),
            "fails": self.count("fails"),
            "not_checked": self.count("not played"),
            "not_played": sorted(self.not_played),
        }


def run_one(
    report: Report,
    scenario: Scenario,
    *,
    through: str,
    seed: int | None,
    tell: Callable[[Event], None],
    export: Path | None = None,
) -> None:
    """Play one history, check it, and add what it left to a report.

    Raises:
        ScenarioError: a move is refused.
        UsageError: a file of `export` is there already or cannot be written.
    """
    with stage_of(scenario, through=through, seed=seed) as stage:
        run_on(report, scenario, stage, tell=tell, export=export)


def run_on(
    report: Report,
    scenario: Scenario,
    stage: Stage,
    *,
    tell: Callable[[Event], None],
    export: Path | None = None,
) -> None:
    """Play one history on a stage that somebody else lets go of; the rest as of `run_one`."""
    played = play(scenario, tell=tell, stage=stage)
    if export is not None:
        _export(played, export)
    verdicts = check(played, verify_bundle)
    report.not_played |= set(played.not_played)
    report.verdicts += [(scenario.variant, each) for each in verdicts]


def prepare_export(place: Path, scenarios: Sequence[Scenario], *, force: bool) -> None:
    """Make the folders of an export, before anything is played.

    Raises:
        UsageError: files are there already, or it cannot be written.
    """
    for scenario in scenarios:
        folder = place / scenario.variant
        names = [f"{code}.card" for code in (*scenario.parties, *scenario.witnesses)]
        names += [f"{channel.code}.parley" for channel in scenario.channels]
        there = next((folder / name for name in names if (folder / name).exists()), None)
        if there is not None and not force:
            raise UsageError(f"{there} is there already", next_step="give --force to replace it.")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise UsageError(f"{folder} cannot be made: {problem.strerror}") from None


def _export(played: Played, place: Path) -> None:
    """Write every party's card, and one bundle for each channel that was opened."""
    for code, card in played.stage.cards().items():
        write_file(place / f"{code}.card", card.raw, force=True)
    for channel in played.scenario.channels:
        if played.stage.is_open(channel.code):
            bundle = played.stage.channel_bundle(channel.code)
            write_file(place / f"{channel.code}.parley", bundle, force=True)


def verify_bundle(bundle: bytes, cards: Sequence[bytes]) -> bool:
    """Say whether the stand-alone verifier accepts a bundle, given these cards."""
    with tempfile.TemporaryDirectory(prefix="parley-proof-") as folder:
        place = Path(folder)
        files = []
        for number, card in enumerate(cards):
            files.append(place / f"{number}.card")
            files[-1].write_bytes(card)
        (place / "bundle.parley").write_bytes(bundle)
        return holds(place / "bundle.parley", files)


def _item(variant: str, verdict: Verdict) -> dict[str, Any]:
    return {
        "variant": variant,
        "claim": _plain(verdict.claim),
        "station": verdict.station or None,
        "status": verdict.status,
        "expected": _plain(verdict.expected),
        "found": _plain(verdict.found),
        "why": verdict.why,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(member) for member in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
