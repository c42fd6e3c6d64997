"""`parley attachment`: files that came with entries; nothing here opens one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from parley.cli.cards import Force
from parley.cli.command import Run, declare, new_app, write_file
from parley.cli.output import Result
from parley.cli.reach import entry_path, reach
from parley.core.texts import visible
from parley.errors import NotFoundError, UsageError

app = new_app("Files of entries.")
attachment_app = new_app("Files of entries.")
app.add_typer(attachment_app, name="attachment")


@declare(
    attachment_app,
    "save",
    schema="attachment-save",
    examples=[
        "parley attachment save OPS/BRAVO/12",
        "parley attachment save OPS/BRAVO/12 --name chart.pdf --out /tmp/chart.pdf",
    ],
    exits=[5, 6, 10, 11],
)
def save(
    run: Run,
    entry: Annotated[str, typer.Argument(help="CHANNEL/PARTY/INDEX.")],
    *,
    name: Annotated[str, typer.Option(help="Which of its files, where it has several.")] = "",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="File to write; its own name if left out.")
    ] = None,
    force: Force = False,
) -> None:
    """Save a file of an entry once it is whole; what is in it is its author's, and not checked.

    Its digest has been compared with the one that the entry names. Open it only if you trust its
    author, on a machine that may be lost.
    """
    with reach(run, offline=True) as door:
        file = _chosen(door.get(entry_path(entry))["attachments"], entry, name)
        content = door.get_bytes(f"/attachments/{file['digest']}", entry=entry)
    target = out or Path(str(file["name"]))
    write_file(target, content, force=force)
    data = {"entry": entry, "name": file["name"], "type": file["type"], "bytes": len(content)}
    warnings = []
    if file["state"] == "type":
        warnings.append(f"{visible(file['name'])} is not what its type says: {file['type']}")
    run.finish(
        Result(
            data=data | {"file": str(target)},
            lines=[] if str(target) == "-" else [f"{target}  {len(content)} bytes, digest agrees"],
            quiet=[] if str(target) == "-" else [str(target)],
            warnings=warnings,
        )
    )


def _chosen(files: list[Mapping[str, Any]], entry: str, name: str) -> Mapping[str, Any]:
    found = [file for file in files if name in ("", file["name"])]
    if not found:
        what = f"named {name!r}" if name else "at all"
        raise NotFoundError(f"{entry} has no file {what}", next_step=f"parley show {entry}")
    if len(found) > 1:
        names = ", ".join(visible(str(file["name"])) for file in found)
        raise UsageError(f"{entry} has several files", next_step=f"give --name: {names}.")
    return found[0]
