"""The strip of the last day: what a mark was stands beside it in words."""

from types import SimpleNamespace as Shape

from parley.console.pages.overview import STRIP_NAMES_MAX, strip_names


def tick(kind, at):
    return Shape(kind=kind, at=at, peer="BRAVO", entry=f"OPS/BRAVO/{at}")


def test_the_newest_urgent_entries_are_named_with_their_entry_and_no_more_than_fit():
    named = strip_names(
        [tick("flash", 9), tick("immediate", 8), *(tick("flash", n) for n in range(7))]
    )

    assert [(one["letter"], one["entry"]) for one in named[:2]] == [
        ("Z", "OPS/BRAVO/9"),
        ("O", "OPS/BRAVO/8"),
    ]
    assert len(named) == STRIP_NAMES_MAX
