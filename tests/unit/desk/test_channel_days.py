"""How a channel was held on earlier days: by one fold, the same as by folding each day anew."""

from __future__ import annotations

from dataclasses import replace

from parley.core.instants import Instant, rfc3339
from parley.desk.channel_days import states_at
from parley.desk.desk import registers
from parley.desk.record import as_of
from support.desk_talk import START, Pair

HOUR, DAY = 3600, 86_400
CAUSE = {"cause": {"en": "Storm damage"}}
SUSPEND = {**CAUSE, "until": "open", "what_stays": []}
MOMENTS = [START + day * DAY + 2 * HOUR for day in range(20)]


def folded_anew(pair, moment):
    then = registers(as_of([pair.line.view], Instant(moment)), Instant(moment))
    return {
        party: then.row("channels", "OPS", party).values["declared"] for party in ("ALFA", "BRAVO")
    }


def folded_once(pair):
    (channel,) = pair.registers(MOMENTS[-1]).channels
    return states_at(channel, 0, MOMENTS)


def test_every_day_stands_as_it_would_have_been_seen_on_it():
    pair = Pair()
    pair.say("BRAVO/OPS", START + 2 * DAY, "channel.suspend", SUSPEND)
    pair.say("BRAVO/OPS", START + 5 * DAY, "channel.resume", {})
    pair.say("ALFA/OPS", START + 7 * DAY, "channel.suspend", {**SUSPEND, "until": "2026-03-10"})
    pair.say("ALFA/OPS", START + 14 * DAY, "channel.terminate", {**CAUSE, "notice": "P2D"})
    pair.line.exchange(START + 14 * DAY + HOUR)

    found = folded_once(pair)

    assert found == [folded_anew(pair, moment) for moment in MOMENTS]
    assert [states["BRAVO"] for states in found[:7]] == ["open"] * 2 + ["suspended"] * 3 + [
        "open"
    ] * 2
    assert {states["ALFA"] for states in found} == {"open", "suspended", "ending", "ended"}


def test_a_channel_that_ended_is_open_again_from_the_day_on_which_all_had_renewed_it():
    pair = Pair()
    pair.line.charter = replace(pair.line.charter, ends_at=Instant(START + 5 * DAY))
    later = {"expiry": rfc3339(START + 90 * DAY)}
    case = pair.say("ALFA/OPS", START + 4 * DAY, "channel.renew", later)
    pair.say("BRAVO/OPS", START + 8 * DAY, "channel.renew", later, case=case)

    found = folded_once(pair)

    assert found == [folded_anew(pair, moment) for moment in MOMENTS]
    assert [states["ALFA"] for states in found] == ["open"] * 5 + ["expired"] * 3 + ["open"] * 12
