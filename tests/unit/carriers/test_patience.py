from __future__ import annotations

from parley.carriers.patience import LONG_S, SHORT_S, TRIES_S, HandshakePatience


def tries(patience: HandshakePatience, count: int) -> list[float]:
    return [patience.next_s() for _ in range(count)]


def test_an_outage_begins_with_short_tries_whatever_came_before() -> None:
    patience = HandshakePatience()
    tries(patience, 7)  # the long one would be next

    patience.came_through(0.05)

    assert tries(patience, 2) == [SHORT_S, SHORT_S]


def test_a_line_that_comes_back_is_lost_for_four_seconds_at_most_in_the_first_fifteen() -> None:
    patience = HandshakePatience()
    elapsed = 0.0
    while elapsed < 15.0:
        took = patience.next_s()
        assert took <= 4.0
        elapsed += took


def test_a_slow_line_gets_its_long_turn_in_every_round() -> None:
    patience = HandshakePatience()

    rounds = tries(patience, 2 * len(TRIES_S))

    assert rounds.count(LONG_S) == 2


def test_no_try_is_shorter_than_three_times_the_last_handshake() -> None:
    patience = HandshakePatience()
    patience.came_through(1.5)
    assert tries(patience, 2) == [4.5, 4.5]

    patience.came_through(60.0)

    assert tries(patience, 2) == [LONG_S, LONG_S]
