"""A station of which only the keys are left goes on where its peers know that it was."""

from parley.errors import ConflictError
from parley.sim.verdict import check_brought_back, check_records, has_arrived

from .test_restores import conflicts, put_back, start, stopped, talk


def lost(*codes, heartbeat=None):
    """Return a world in which ALFA's whole store is gone, and ALFA runs again."""
    world, channel, _ = talk(*codes, heartbeat=heartbeat)
    old = world.stations["ALFA"].own_log(channel)
    put_back(world, "ALFA", 0, marks=False)
    start(world, "ALFA")
    world.run(world.steady + 30)
    return world, channel, old


def logs_of(station):
    return [row.log for row in station.disk.store.logs() if row.log.party == station.party]


def test_it_signs_nothing_and_says_what_to_do():
    world, channel, _ = lost("ALFA", "BRAVO")
    alfa = world.stations["ALFA"]
    assert stopped(world, "ALFA", channel) == "lost"
    assert not logs_of(alfa)
    for act in (
        lambda token: alfa.engine.accept_charter(token, channel, alfa.now(world.steady)),
        lambda token: alfa.engine.restore(token, channel, [], 5.0, alfa.now(world.steady)),
    ):
        token = alfa.token()
        act(token)
        world.run(world.steady + 1)
        assert isinstance(alfa.replies[token].error, ConflictError)
        assert "--from-peer" in alfa.replies[token].error.next_step
    token = world.say("ALFA", channel, "as if nothing had been")
    world.run(world.steady + 1)
    assert isinstance(alfa.replies[token].error, ConflictError)
    assert not logs_of(alfa)


def test_all_comes_back_and_it_goes_on_in_a_new_log_without_a_fork():
    world, channel, old = lost("ALFA", "BRAVO")
    alfa, bravo = world.stations["ALFA"], world.stations["BRAVO"]
    size = len(bravo.disk.store.entries(old, 0, 999))

    world.mend("ALFA")
    world.run(world.steady + 20)
    world.say("ALFA", channel, "back")
    world.say("BRAVO", channel, "welcome")
    assert world.run_until(lambda: has_arrived(world, channel, ["ALFA", "BRAVO"]), within=120)

    report = alfa.engine.traffic.newest.mending.reports[channel]
    assert (report.log, report.stored, report.brought, report.missing) == (old, 0, size, ())
    assert alfa.own_log(channel) != old
    assert len(alfa.disk.store.entries(old, 0, 999)) == size
    check_brought_back(world, {"ALFA"})
    check_records(world)
    assert conflicts(world) == []
    opening = alfa.disk.store.entry(alfa.own_log(channel), 0)
    assert old.inc in opening.raw


def test_of_several_lives_each_comes_back_and_the_oldest_is_the_first():
    world, channel, first = lost("ALFA", "BRAVO", "CHARLIE")
    alfa = world.stations["ALFA"]
    lives = [first]
    for _ in range(2):
        world.mend("ALFA")
        world.run(world.steady + 30)
        lives.append(alfa.own_log(channel))
        world.say("ALFA", channel, "a further life")
        world.run(world.steady + 10)
        put_back(world, "ALFA", 0, marks=False)
        start(world, "ALFA")
        world.run(world.steady + 30)
    world.mend("ALFA")
    world.run(world.steady + 30)

    lives.append(alfa.own_log(channel))
    state = alfa.engine.ledger.channels[channel]
    assert len(set(lives)) == 4
    assert [state.ordinals[log] for log in lives] == [1, 2, 3, 4]
    world.say("ALFA", channel, "the fourth")
    codes = ["ALFA", "BRAVO", "CHARLIE"]
    assert world.run_until(lambda: has_arrived(world, channel, codes), within=120)
    check_brought_back(world, {"ALFA"})
    check_records(world)
    assert conflicts(world) == []


def test_a_restart_before_the_mend_does_not_forget_that_it_is_lost():
    world, channel, old = lost("ALFA", "BRAVO")
    for path in world.paths.values():
        world.hang_up(path)
    put_back(world, "ALFA", len(world.stations["ALFA"].disk.journal), marks=False)
    world.restart("ALFA")
    assert stopped(world, "ALFA", channel) == "lost"
    start(world, "ALFA")
    world.run(world.steady + 10)
    world.mend("ALFA")
    world.run(world.steady + 20)
    assert stopped(world, "ALFA", channel) is None
    assert len(world.stations["ALFA"].disk.store.entries(old, 0, 999)) > 5


def test_what_the_marks_tell_and_nobody_holds_is_counted_as_lost():
    world, channel, _ = talk("ALFA", "BRAVO")
    alfa = world.stations["ALFA"]
    old = alfa.own_log(channel)
    for path in world.paths.values():
        path.cut = True
    for number in range(3):
        world.say("ALFA", channel, f"heard by nobody {number}")
        world.run(world.steady + 0.5)
    size = len(alfa.disk.store.entries(old, 0, 999))
    put_back(world, "ALFA", 0, marks=False)
    for path in world.paths.values():
        path.cut = False
    start(world, "ALFA")
    alfa.engine.traffic.newest._marked = {old: size}
    world.run(world.steady + 20)
    world.mend("ALFA")
    world.run(world.steady + 20)
    report = alfa.engine.traffic.newest.mending.reports[channel]
    assert report.gone == 3
