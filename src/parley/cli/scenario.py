"""`parley scenario`: histories as files, played over simulated stations and checked."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from parley.cli.command import Run, declare, new_app
from parley.cli.exits import DOES_NOT_HOLD, IN_PART
from parley.cli.output import Column, Result
from parley.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from parley.sim.scenario.claims import Verdict
    from parley.sim.scenario.loader import ScenarioFile
    from parley.sim.scenario.model import Scenario

app = new_app("Scenarios.")
group = new_app("Scenarios: histories as files, played over simulated stations and checked.")
app.add_typer(group, name="scenario")

_BYTES_MAX: Final = 4_000_000


def _shipped() -> dict[str, str]:
    folder = resources.files("parley.sim.scenario") / "files"
    return {
        each.name.removesuffix(".yaml"): each.read_text("utf-8")
        for each in folder.iterdir()
        if each.name.endswith(".yaml")
    }


def _read(name: str) -> ScenarioFile:
    """Return a scenario by the name of a file, or of one that is shipped.

    Raises:
        NotFoundError: there is neither.
        ScenarioError: it is no scenario.
    """
    from parley.sim.scenario.loader import read_scenario  # noqa: PLC0415 - brings the desk

    shipped = _shipped()
    if name in shipped:
        return read_scenario(shipped[name], f"{name}.yaml")
    path = Path(name)
    if not path.is_file():
        raise NotFoundError(
            f"there is no scenario {name}",
            next_step=f"Give a file, or one of: {', '.join(sorted(shipped))}.",
        )
    with path.open("rb") as file:
        raw = file.read(_BYTES_MAX + 1)
    try:
        return read_scenario(raw.decode("utf-8"), path.name)
    except UnicodeDecodeError:
        raise UsageError(f"{path.name} is not UTF-8 text") from None


@declare(
    group,
    "run",
    schema="scenario-run",
    examples=["parley scenario run demo-pier", "parley scenario run demo-pier --variant all"],
    exits=[5, 7, 14],
    at_station=False,
)
def run_scenario(
    run: Run,
    scenario: Annotated[str, typer.Argument(help="A file, or the name of a shipped scenario.")],
    *,
    variant: Annotated[
        str, typer.Option(help="Play this variant; `all` plays the history and every variant.")
    ] = "",
    seed: Annotated[
        int | None, typer.Option(min=0, help="Another order of arrival; nothing else may change.")
    ] = None,
) -> None:
    """Play a history through real station engines and check every claim of its file.

    Exit 0 only if all hold; 7 if one does not; 14 if none fails but some moves are not played,
    because the desk does not have them yet.
    """
    from parley.core.instants import rfc3339  # noqa: PLC0415 - brings the desk, as above
    from parley.sim.scenario.claims import check  # noqa: PLC0415
    from parley.sim.scenario.player import play  # noqa: PLC0415

    file = _read(scenario)
    items: list[dict[str, Any]] = []
    lines: list[str] = []
    missing: set[str] = set()
    for each in ["", *file.variants] if variant == "all" else [variant]:
        history = file.scenario(each)
        run.out.tell(f"{history.name}{f' / {each}' if each else ''} ({history.mark})")
        for note in _not_supported(history):
            run.out.warn(note)
        played = play(
            history,
            seed=seed,
            tell=lambda e: run.out.explain(f"  {rfc3339(e.at)}  {e.id}  {e.do}"),
        )
        missing |= set(played.not_played)
        verdicts = check(played, _verify)
        lines += [*([f"{each}:"] if each else []), *(one.line() for one in verdicts)]
        items += [_item(each, one) for one in verdicts]
    counts = {
        name: sum(item["status"] == name for item in items)
        for name in ("holds", "fails", "not played")
    }
    code = DOES_NOT_HOLD if counts["fails"] else IN_PART if missing or counts["not played"] else 0
    total = (
        f"{counts['holds']} claims hold, {counts['fails']} fail, "
        f"{counts['not played']} could not be checked; {len(missing)} events not played"
    )
    run.finish(
        Result(
            data={
                "items": items,
                "next_cursor": None,
                "holds": counts["holds"],
                "fails": counts["fails"],
                "not_checked": counts["not played"],
                "not_played": sorted(missing),
            },
            lines=[*lines, total],
            exit_code=code,
        )
    )


def _not_supported(history: Scenario) -> Sequence[str]:
    if history.witnesses:
        return [f"witnesses do not sign yet: {', '.join(history.witnesses)}"]
    return []


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


def _verify(bundle: bytes, cards: Sequence[bytes]) -> bool:
    from parley.cli.proofs import holds  # noqa: PLC0415 - needed where proofs are claimed

    with tempfile.TemporaryDirectory(prefix="parley-proof-") as folder:
        place = Path(folder)
        files = []
        for number, card in enumerate(cards):
            files.append(place / f"{number}.card")
            files[-1].write_bytes(card)
        (place / "bundle.parley").write_bytes(bundle)
        return holds(place / "bundle.parley", files)


@declare(
    group,
    "list",
    schema="scenario-list",
    examples=["parley scenario list"],
    at_station=False,
)
def list_scenarios(run: Run) -> None:
    """List the scenarios that are shipped, and their variants."""
    from parley.sim.scenario.loader import read_scenario  # noqa: PLC0415 - as above

    items = []
    for name, text in sorted(_shipped().items()):
        file = read_scenario(text, f"{name}.yaml")
        title = file.raw.get("title", {})
        items.append(
            {
                "name": name,
                "title": title.get(run.language, name) if isinstance(title, dict) else str(title),
                "variants": list(file.variants),
            }
        )
    run.finish(
        Result(
            data={"items": items, "next_cursor": None},
            columns=[
                Column(key="name", title="Scenario"),
                Column(key="title", title="Title"),
                Column(key="variants", title="Variants"),
            ],
            quiet=[str(item["name"]) for item in items],
        )
    )
