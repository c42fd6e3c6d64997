"""A page for each procedure, from its declaration."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import import_module
from pkgutil import iter_modules

from parley.desk import procedures, profiles
from parley.desk.actors import Actor, By, actor_words
from parley.desk.catalogue import COMMON_FIELDS, PROCEDURES
from parley.desk.procedure import ClockRule, Field, Go, Move, Procedure, State
from reference import drawing
from reference.fields import choices_in, type_words
from reference.markdown import code, page, seconds, section, table

FIELD_DUE = 5
OPENS = {"yes": "opens a case", "may": "opens a case, or continues one", "no": ""}


def pages() -> dict[str, str]:
    """Return every page about procedures, by its path in the reference."""
    found = {f"procedures/{name}.md": _page(each) for name, each in PROCEDURES.items()}
    found["procedures/README.md"] = _index()
    found["profiles.md"] = _profiles()
    return found


def _index() -> str:
    rows = [
        [
            f"[{each.code}]({name}.md)",
            code(name),
            each.words["en"],
            each.words["zh"],
            code(each.register),
            code(each.prefix),
            _purpose(each),
        ]
        for name, each in PROCEDURES.items()
    ]
    return page(
        "Procedures",
        "Each is a declaration in `src/parley/desk/procedures`; rules, forms, commands and these pages"
        " follow from it. `parley case new NAME.MOVE` writes any of them; `parley schema NAME.MOVE` prints the"
        " JSON Schema of a move's fields.",
        table(["no.", "name", "English", "Chinese", "register", "cases", "what for"], rows),
        section(
            "Fields that every move may carry",
            _fields(COMMON_FIELDS.values()),
            _choices(COMMON_FIELDS.values()),
        ),
    )


def _purpose(procedure: Procedure) -> str:
    """Return the first line of the module that declares it: what it is for."""
    for found in iter_modules(procedures.__path__, f"{procedures.__name__}."):
        module = import_module(found.name)
        if procedure in vars(module).values():
            return (module.__doc__ or "").strip().split("\n\n")[0]
    raise LookupError(procedure.name)


def _page(procedure: Procedure) -> str:
    facts = [f"Number {procedure.code}, version {procedure.version}."]
    if procedure.prefix:
        facts.append(
            f"A case is named like `{procedure.prefix}-ALFA-31`, after the entry that opened it."
        )
    if procedure.register:
        facts.append(f"Its register is `{procedure.register}`.")
    return page(
        f"{procedure.words['en'][0].upper()}{procedure.words['en'][1:]} ({procedure.words['zh']})",
        _purpose(procedure),
        " ".join(facts),
        section("States", drawing.of_cases(procedure), _states(procedure.states)),
        section(
            "The channel, as one party declares it",
            drawing.of_standings(procedure),
            _states(procedure.standings),
        ),
        section("Moves", _moves(procedure), *(_move(move) for move in procedure.moves)),
        section("Clocks", _clocks(procedure)),
        section(
            "Words to choose from", _choices(f for move in procedure.moves for f in move.fields)
        ),
        section(
            "Columns of the register",
            table(
                ["column", "English", "Chinese"],
                [[code(c.name), c.words["en"], c.words["zh"]] for c in procedure.columns],
            ),
        ),
    )


def _states(states: Sequence[State]) -> str:
    rows = []
    for state in states:
        kind = "derived: worked out from the record" if state.derived else ""
        rows.append(
            [
                code(state.name),
                state.words["en"],
                state.words["zh"],
                "final" if state.final else kind,
            ]
        )
    return table(["state", "English", "Chinese", ""], rows)


def _moves(procedure: Procedure) -> str:
    rows = [
        [
            code(move.full_name),
            str(move.kind),
            move.words["en"],
            move.words["zh"],
            actor_words(move.by)["en"],
            _when(move),
        ]
        for move in procedure.moves
    ]
    return table(["move", "kind", "English", "Chinese", "who may", "when"], rows)


def _when(move: Move) -> str:
    said = [OPENS[move.opens]] if OPENS[move.opens] else []
    said += _steps(move, move.go, "in")
    said += _steps(move, move.crossed, "having crossed, in")
    if move.keeps:
        said.append("changes nothing in " + ", ".join(code(state) for state in move.keeps))
    if move.on == ("*",):
        said.append("about any case")
    elif move.on:
        said.append("about a case of " + ", ".join(code(name) for name in move.on))
    if move.standing:
        said.append(f"the channel, for its author: {drawing.makes_standing(move)}")
    return "; ".join(said)


def _steps(move: Move, gos: Sequence[Go], how: str) -> list[str]:
    """Return the steps in words, those of one outcome and one party together."""
    together: dict[tuple[str, Actor], list[str]] = {}
    for go in gos:
        by = move.by if go.by is None else go.by
        together.setdefault((go.after, by), []).append(code(go.before))
    said = []
    for (after, by), befores in together.items():
        who = "" if by == move.by else f", by {actor_words(by)['en']}"
        then = f"then {code(after)}"
        if move.by is By.EACH and move.done:
            then += f", and {code(move.done)} when every party has made it"
        said.append(f"{how} {', '.join(befores)}{who}: {then}")
    return said


def _move(move: Move) -> str:
    needs = ", ".join(code(name) for name in move.needs)
    return section(
        f"{move.full_name}: {move.words['en']}",
        f"Must also carry {needs}." if needs and move.fields else "",
        _fields(move.fields),
        f"No fields of its own; it must carry {needs}." if needs and not move.fields else "",
        level=3,
    )


def _fields(fields: Iterable[Field]) -> str:
    rows = [
        [
            code(field.name),
            str(field.number),
            field.words["en"],
            field.words["zh"],
            type_words(field.type),
            "needed" if field.required else "",
        ]
        for field in fields
    ]
    return table(["field", "number", "English", "Chinese", "what it takes", ""], rows)


def _choices(fields: Iterable[Field]) -> str:
    rows: list[list[str]] = []
    seen: dict[object, str] = {}
    for field in fields:
        for choice in choices_in(field.type):
            if seen.setdefault(choice, field.name) != field.name or any(
                row[0] == code(field.name) and row[1] == code(choice.codes[0]) for row in rows
            ):
                continue
            rows += [
                [code(field.name), code(each), english, chinese]
                for each, english, chinese in choice.choices
            ]
    return table(["field", "code", "English", "Chinese"], rows)


def _clocks(procedure: Procedure) -> str:
    default = profiles.load(profiles.DEFAULT)
    rows = []
    for clock in procedure.clocks:
        length = default.clock(clock.name)
        rows.append(
            [
                code(clock.name),
                clock.words["en"],
                clock.words["zh"],
                ", ".join(code(move) for move in clock.starts),
                ", ".join(code(state) for state in clock.runs_in),
                "the writer" if clock.writer_owes else "the other party",
                code(_due_field(procedure, clock)),
                "none known" if length is None else seconds(length),
                "a person's acknowledgement" if clock.person else "an entry of the party that owes",
            ]
        )
    head = ["clock", "English", "Chinese", "started by", "runs in", "who owes", "set by field"]
    return table([*head, "else", "answered by"], rows)


def _due_field(procedure: Procedure, clock: ClockRule) -> str:
    """Return the field in which the author sets the due time; empty where there is none."""
    if clock.due_field:
        return clock.due_field
    moves = [procedure.move(name) for name in clock.starts]
    fields = [field for move in moves if move is not None for field in move.fields]
    return next((field.name for field in fields if field.number == FIELD_DUE), "")


def _met(datum: profiles.Datum) -> str:
    """Return what meets a day of every year, as a sentence."""
    rule = datum.met
    if rule is None:
        return ""
    named = "".join(f", {name} `{value}`" for name, value in rule.named.items())
    who = "by each party" if rule.who == "each" else "by one party for all"
    before, after = rule.before // 86_400, rule.after // 86_400
    return (
        f". Met {who} with {' or '.join(f'`{move}`' for move in rule.by)}{named}, from {before} days before;"
        f" in time through {after} day{'' if after == 1 else 's'} from its beginning in UTC"
        f" ({rule.sure}: {rule.source})"
    )


def _profiles() -> str:
    parts = []
    for name in profiles.names():
        profile = profiles.load(name)
        title = profile.title.get("en", name)
        rows = [
            [
                datum.item,
                datum.kind,
                (datum.value or "not known") + _met(datum),
                datum.counted_from,
                datum.sure,
                datum.source,
                code(datum.clock),
            ]
            for datum in profile.data
        ]
        owed = (
            "An answer within its own clocks is owed."
            if profile.owed
            else "An answer is asked for, not owed."
        )
        head = ["about", "kind", "value", "counted from", "sure", "source", "clock"]
        lines = [
            f"The line `{name}`: "
            + (f"{len(line.course)} points" if line.course else "course not known")
            + f" ({line.sure}: {line.source})."
            for name, line in profile.lines.items()
        ]
        parts.append(
            section(
                f"{name}: {title}", profile.title.get("zh", ""), owed, table(head, rows), *lines
            )
        )
    return page(
        "Profiles of agreements",
        "What instruments say of clocks and figures, with the source. *Sure*: A was read in a public text, B is"
        " general knowledge, ? is not known, proposal is ours. Where a value is not known the desk starts no clock.",
        *parts,
    )
