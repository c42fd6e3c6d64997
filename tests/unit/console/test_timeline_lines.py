"""Lines of the timeline: silence is seen, and one silence is one line."""

from types import SimpleNamespace as Shape

from parley.console.pages.timeline import lines


def silence(start, end, *, is_open=False):
    return Shape(from_at=start, to_at=end, is_open=is_open)


def view(**silences):
    return Shape(
        entries=[Shape(party="ALFA", times=Shape(received_at=50))],
        lanes=[Shape(party=party, silences=found) for party, found in silences.items()],
    )


def test_parties_silent_in_just_the_same_time_stand_in_one_line():
    shown = lines(view(ALFA=[silence(10, 50)], BRAVO=[silence(10, 50)]))

    assert [(line.at, line.together) for line in shown] == [(10, ["ALFA", "BRAVO"]), (50, ())]


def test_silences_that_differ_in_anything_stand_apart_and_none_is_lost():
    shown = lines(
        view(
            ALFA=[silence(10, 50), silence(50, 90)],
            BRAVO=[silence(10, 90), silence(50, 90, is_open=True)],
        )
    )

    told = [
        (line.party, line.silence.from_at, line.silence.to_at) for line in shown if line.silence
    ]
    assert sorted(told) == [
        ("ALFA", 10, 50),
        ("ALFA", 50, 90),
        ("BRAVO", 10, 90),
        ("BRAVO", 50, 90),
    ]
    assert not any(line.together for line in shown)
