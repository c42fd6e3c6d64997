"""All places that a text names, and what is left of the text without them."""

from __future__ import annotations

from parley.desk.published.bands import find_bands
from parley.desk.published.letters import blank
from parley.desk.published.model import Shape, Unread
from parley.desk.published.positions import find_positions
from parley.desk.published.shapes import find_shapes


def find_places(text: str, plain: str) -> tuple[list[Shape], list[Unread], str]:
    """Return places, what looks like one and is none, and the letters left.

    Args:
        text: the text as written.
        plain: the same in plain letters, what was read already blanked.
    """
    bands, no_bands, used = find_bands(text, plain)
    plain = blank(plain, used)
    spots, lost = find_positions(text, plain)
    shapes, no_shapes, around = find_shapes(text, plain, spots)
    spans = [each.span for each in spots] + [each.span for each in lost]
    return [*bands, *shapes], [*no_bands, *lost, *no_shapes], blank(plain, spans + around)
