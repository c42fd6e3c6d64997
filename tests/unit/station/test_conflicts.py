"""What a station does with a signer that contradicts itself: keep, freeze, tell, never crash."""

import copy
from dataclasses import replace

import pytest

from parley.core import items
from parley.core.entry import decode_entry
from parley.core.items import Held
from parley.core.merkle import cover
from parley.core.statement import Holding, sign_statement, signature_line
from parley.errors import ConflictError, NotFoundError
from parley.station.effects import NewEntry
from parley.station.export import Exporter
from parley.store.verify import verify_rows
from support.hand_peer import CHANNEL_NUMBER, HandPeer, RealStation, nothing_held
from support.verifying import check, word


def talking(*others):
    station = RealStation(peers=("ALFA", *others))
    peer = HandPeer(station)
    peer.connect()
    charter = peer.propose(*others)
    return station, peer, charter


def with_a_log(*others):
    """Let ALFA open its log with two texts and one statement over them; all is stored."""
    station, peer, charter = talking(*others)
    log = peer.open_log(charter)
    count = len(others) + 1
    peer.say(log, "one", others=count)
    peer.say(log, "two", others=count)
    peer.send(peer.run(log), peer.stmt(peer.statement(log), held=(None,) * count))
    peer.received()
    assert len(station.store.entries(log.id, 0, 10)) == 3
    return station, peer, charter, log


def other_history(log):
    """Return the same log with another text at its end."""
    forged = copy.deepcopy(log)
    forged.entries[-1] = replace(forged.entries[-1], fields={2: "something else"})
    return forged


def fork(station, peer, log, *, held=(None,)):
    """Let the peer sign another history of the same size, and show the whole note when asked."""
    signed = peer.statement(other_history(log), no=log.no)
    log.no += 1
    peer.send(peer.stmt(signed, held=held))
    assert any(isinstance(item, items.Need) for item in peer.received())
    peer.send(peer.note(signed))


def frozen(station, log):
    return station.engine.ledger.channels[log.id.channel].record.all[log.id].frozen


def own_log(station, charter):
    return station.engine.ledger.channels[charter.channel_id].record.own


def test_a_fork_is_kept_with_both_notes_over_a_restart():
    station, peer, _, log = with_a_log()

    fork(station, peer, log)
    station.restart()

    (conflict,) = station.engine.ledger.conflicts.values()
    assert (conflict.kind, conflict.log) == ("fork", log.id)
    assert len({note.text for note in conflict.notes}) == 2
    assert frozen(station, log)


def test_nothing_more_is_taken_into_a_forked_log_before_and_after_a_restart():
    station, peer, _, log = with_a_log()
    fork(station, peer, log)

    peer.say(log, "three")
    peer.send(peer.run(log, 3), peer.stmt(peer.statement(log)))
    station.restart()
    peer.connect()
    peer.send(peer.run(log, 3), peer.stmt(peer.statement(log)))

    assert len(station.store.entries(log.id, 0, 10)) == 3
    assert any(
        isinstance(item, items.Refuse) and item.code == items.REFUSE_FROZEN
        for item in peer.received()
    )


def test_every_member_is_told_of_a_fork_its_author_too_and_again_on_a_new_path():
    station, peer, _charter, log = with_a_log("CHARLIE")
    other = HandPeer(station, "CHARLIE", path=2)
    other.connect()
    other.received()

    fork(station, peer, log, held=(None, None))

    told = [item for item in other.received() if isinstance(item, items.Fork)]
    assert len(told) == 1
    assert any(isinstance(item, items.Fork) for item in peer.received())
    station.restart()
    other.connect()
    assert [item for item in other.received() if isinstance(item, items.Fork)] == told


def test_a_fork_told_by_another_member_is_believed_for_its_signatures():
    station, peer, _charter, log = with_a_log("CHARLIE")
    other = HandPeer(station, "CHARLIE", path=2)
    other.connect()
    one, two = peer.statement(log), peer.statement(other_history(log))

    other.send(items.Fork(first=peer.note(one), second=peer.note(two)))

    assert frozen(station, log)
    assert [alarm.kind for alarm in station.alarms("fork")] == ["fork"]


def test_a_fork_told_with_a_signature_of_somebody_else_changes_nothing():
    station, peer, _charter, log = with_a_log("CHARLIE")
    other = HandPeer(station, "CHARLIE", path=2)
    other.connect()
    one, two = peer.statement(log), peer.statement(other_history(log))
    stolen = items.Note(text=two.statement.text(), lines=peer.note(one).lines)

    other.send(items.Fork(first=peer.note(one), second=stolen))

    assert not frozen(station, log)
    assert station.engine.ledger.conflicts == {}


def test_two_notes_that_go_together_are_no_fork():
    station, peer, _charter, log = with_a_log("CHARLIE")
    other = HandPeer(station, "CHARLIE", path=2)
    other.connect()

    other.send(
        items.Fork(first=peer.note(peer.statement(log, 2)), second=peer.note(peer.statement(log)))
    )

    assert not frozen(station, log)


def test_a_forked_log_goes_on_in_a_new_one_that_names_both_notes_and_in_no_other():
    station, peer, charter, log = with_a_log()
    fork(station, peer, log)
    (conflict,) = station.engine.ledger.conflicts.values()
    notes = ["\n".join([note.text, *note.lines]) + "\n" for note in conflict.notes]

    silent = peer.open_log(charter, inc=2)
    peer.send(peer.run(silent), peer.stmt(peer.statement(silent)))
    frank = peer.open_log(charter, inc=3, _19=notes)
    peer.send(peer.run(frank), peer.stmt(peer.statement(frank)))

    assert len(station.store.entries(silent.id, 0, 10)) == 0
    assert len(station.store.entries(frank.id, 0, 10)) == 1


def stopped(station, charter):
    return station.engine.ledger.channels[charter.channel_id].stopped


def restore(station, charter, *peers):
    """Have our log mended by these peers; return the engine's answer, None while it waits."""
    token = station.sim.token()
    station.engine.restore(token, charter.channel_id, peers, 60.0, station.now)
    station.settle()
    return station.sim.replies.get(token)


def longer_note(station, log, size=90, root=bytes(32)):
    """Return a note with our signature over more than this store holds."""
    mine = station.store.last_statement(log).signed.statement
    said = replace(mine, size=size, no=mine.no + 5, root=root)
    identity = station.sim.identity
    signed = sign_statement(said, key_number=identity.key_number, signer=identity.signer)
    line = signature_line(
        said.party, identity.key_number, identity.signer.public_key, signed.signature
    )
    return items.Note(text=said.text(), lines=(line,))


def test_a_fork_of_our_own_log_stops_us_and_the_mend_names_both_notes():
    station, peer, charter, _log = with_a_log()
    old = own_log(station, charter).log
    mine = station.store.last_statement(old).signed
    thief = HandPeer(station)
    thief.identity = station.sim.identity
    forged = replace(mine, statement=replace(mine.statement, root=bytes(32)))
    forged = replace(forged, signature=thief.identity.signer.sign(forged.statement.text().encode()))

    peer.send(items.Fork(first=thief.note(mine), second=thief.note(forged)))

    assert own_log(station, charter).log == old
    station.restart()
    assert stopped(station, charter)
    restore(station, charter)
    new = own_log(station, charter).log
    assert new != old
    opening = decode_entry(station.store.entry(new, 0).raw, others=1)
    assert [note.split("\n")[0] for note in opening.fields[19]] == [old.origin] * 2
    station.restart()
    assert own_log(station, charter).log == new


def test_a_note_passed_on_for_its_cosignature_is_no_answer_to_what_a_peer_holds_of_our_log():
    station, peer, charter, _log = with_a_log()
    old = own_log(station, charter).log
    older = station.store.last_statement(old).signed.statement
    note = longer_note(station, old, size=older.size, root=older.root)
    peer.send(longer_note(station, old))
    assert stopped(station, charter)
    assert restore(station, charter, peer.party) is None

    peer.send(items.Note(text=note.text, lines=(*note.lines, "\u2014 w.example AAAAAAAA")))
    assert own_log(station, charter).log == old, "it holds perhaps more, and has not said so yet"
    peer.send(note)
    assert own_log(station, charter).log != old


def test_a_new_log_of_ours_is_not_dated_before_the_last_word_of_the_old_one():
    station, peer, charter, _log = with_a_log()
    old = own_log(station, charter).log
    last = station.store.last_statement(old).signed.statement
    station.sim.wall_offset -= 5_000
    ahead = Holding(party=station.sim.party, inc=old.inc, size=90, root=bytes(32))
    log = peer.open_log(charter, inc=2)
    peer.write(log, 3, {16: 1, 17: old.inc})

    peer.send(peer.run(log), peer.stmt(peer.statement(log, holds=[ahead]), held=(Held(90),)))
    peer.send(longer_note(station, old))

    assert stopped(station, charter)
    restore(station, charter)
    new = own_log(station, charter).log
    assert new != old
    assert decode_entry(station.store.entry(new, 0).raw, others=1).time >= last.time
    assert station.store.last_statement(new).signed.statement.time >= last.time


def test_what_was_written_into_an_ended_log_and_not_signed_is_refused_and_leaves_nothing():
    station, peer, charter, _ = with_a_log()
    old = own_log(station, charter)
    size = old.signed
    sealed = peer.secrets.seal(items.encode_item(longer_note(station, old.log)))
    # While a commit is under way an entry is written, with a paper in the same transaction.
    station.engine.store_papers(1, [("settings", "x", b"{}")], station.now)
    paper = ("settings", "y", b"{}")
    station.engine.append(2, charter.channel_id, [_text("lost")], station.now, papers=[paper])

    peer.deliver(sealed)

    assert stopped(station, charter)
    assert isinstance(station.sim.replies[2].error, ConflictError)
    assert station.sim.replies[1].error is None
    assert station.store.paper("settings", "y") is None
    assert len(station.store.entries(old.log, 0, 99)) == size
    assert verify_rows(station.store).wrong is None


def test_a_peer_that_forgot_our_present_log_is_sent_it_from_its_beginning():
    station, peer, charter, log = with_a_log()
    own = own_log(station, charter)
    peer.write(log, 3, {16: 1, 17: own.log.inc})
    root = own.tree.root_at(own.signed)
    held = Holding(party=station.sim.party, inc=own.log.inc, size=own.signed, root=root)
    signed = peer.statement(log, holds=[held])
    peer.send(peer.run(log, 3), peer.stmt(signed, held=(Held(own.signed),)))
    peer.received()

    # Restored from a backup, it has another log, and means an older one of ours.
    fresh = peer.open_log(charter, inc=2)
    peer.write(fresh, 3, {16: 1, 17: bytes(8)})
    older = nothing_held(station.sim.party, bytes(8))
    peer.send(peer.run(fresh), peer.stmt(peer.statement(fresh, holds=[older]), held=(Held(0),)))

    runs = [item for item in peer.received() if isinstance(item, items.Run)]
    assert 0 in [run.first for run in runs]


def test_a_rollback_freezes_the_log_and_keeps_both_notes():
    station, peer, _charter, log = with_a_log()

    peer.send(peer.stmt(peer.statement(log, 2)))

    (conflict,) = station.engine.ledger.conflicts.values()
    assert conflict.kind == "rollback"
    station.restart()
    assert frozen(station, log)


def exported(station, peer, log):
    cards = {card.party: [card] for card in (peer.identity.card, station.sim.identity.card)}
    raw = Exporter(station.store, cards).conflict(log.id.channel, log.id.party)
    trust = [f"{card.fingerprint.hex()}" for (card,) in cards.values()]
    return check(raw, trust)


def test_a_kept_fork_is_proved_to_a_stranger_after_a_restart():
    station, peer, _, log = with_a_log()
    fork(station, peer, log)
    station.restart()

    assert word(exported(station, peer, log)) == "two histories signed with ALFA's key"


def test_a_kept_rollback_is_proved_to_a_stranger():
    station, peer, _, log = with_a_log()
    peer.send(peer.stmt(peer.statement(log, 2)))

    assert word(exported(station, peer, log)).startswith("rollback")


def test_nothing_is_exported_against_a_party_that_kept_to_its_word():
    station, peer, _, log = with_a_log()

    with pytest.raises(NotFoundError):
        exported(station, peer, log)


def test_a_number_used_twice_is_a_breach_that_neither_halts_nor_freezes():
    station, peer, _charter, log = with_a_log()
    peer.send(peer.stmt(peer.statement(log)), peer.stmt(peer.statement(log)))

    # An older number again, with another time: the record holds one statement a number.
    peer.send(peer.stmt(peer.statement(log, no=1, time=peer.time + 7)))
    peer.say(log, "three")
    peer.send(peer.run(log, 3), peer.stmt(peer.statement(log, time=peer.time + 9)))

    assert station.engine.halted is None
    assert [found.kind for found in station.engine.ledger.conflicts.values()] == ["breach"]
    assert len(station.store.entries(log.id, 0, 10)) == 4
    assert verify_rows(station.store).wrong is None


def test_a_time_that_goes_down_between_late_statements_is_a_breach():
    station, peer, _charter, log = with_a_log()
    late = peer.statement(log, time=peer.time + 50)
    peer.send(peer.stmt(peer.statement(log, time=peer.time + 20)))
    assert station.alarms("breach") == []

    peer.send(peer.stmt(late))

    assert len(station.alarms("breach")) == 1
    assert verify_rows(station.store).wrong is None


def test_a_statement_that_holds_another_history_of_ours_is_kept_as_a_contradiction():
    station, peer, charter, log = with_a_log()
    own = own_log(station, charter)
    inc = own.log.inc
    peer.write(log, 3, {16: 1, 17: inc})
    peer.send(peer.run(log, 3), peer.stmt(peer.statement(log), held=(None,)))
    lie = Holding(party=station.sim.party, inc=inc, size=1, root=bytes(32))
    signed = peer.statement(log, holds=[lie])

    peer.send(peer.stmt(signed, held=(Held(1),)))
    peer.send(peer.note(signed))

    (conflict,) = station.engine.ledger.conflicts.values()
    assert conflict.kind == "contradiction"
    assert not frozen(station, log)
    # A word about us without our signature stops nothing.
    station.pass_time(10)
    assert not stopped(station, charter)
    assert own_log(station, charter).log.inc == inc


def test_a_signed_history_to_which_its_entries_do_not_lead_is_kept_as_hearsay():
    station, peer, _charter, log = with_a_log()
    peer.say(log, "three")
    signed = peer.statement(other_history(log))

    peer.send(peer.run(log, 3), peer.stmt(signed), peer.note(signed))

    (conflict,) = station.engine.ledger.conflicts.values()
    assert conflict.kind == "contradiction"
    assert not frozen(station, log)


def test_a_log_only_spoken_of_takes_no_ordinal_from_one_that_is_proved():
    station, peer, charter, _log = with_a_log()
    unproved = peer.open_log(charter, inc=2)
    peer.send(peer.run(unproved))
    second = peer.open_log(charter, inc=3)
    peer.send(peer.run(second), peer.stmt(peer.statement(second)))
    station.restart()
    peer.connect()

    third = peer.open_log(charter, inc=4)
    peer.send(peer.run(third), peer.stmt(peer.statement(third)))

    ordinals = [row.ordinal for row in station.store.logs() if row.log.party == peer.party]
    assert station.engine.halted is None
    assert ordinals == [1, 2, 3]


def test_what_we_have_seen_does_not_go_down_for_a_log_that_is_only_spoken_of():
    station, peer, charter, _log = with_a_log()
    peer.send(peer.run(peer.open_log(charter, inc=2)))
    own = own_log(station, charter)

    station.sim.append(charter.channel_id, [_text("after")], station.steady)
    station.settle()

    seen = [
        decode_entry(row.raw, others=1).seen[0] for row in station.store.entries(own.log, 0, 10)
    ]
    assert seen == sorted(seen)
    assert seen[-1] == 3


def test_an_entry_nested_too_deep_to_be_read_again_is_refused():
    station, peer, _charter, log = with_a_log()
    deep: object = 1
    for _ in range(7):
        deep = [deep]
    peer.write(log, 1, {40: deep})

    peer.send_raw(items.encode_item(peer.run(log, 3)))

    assert [alarm.kind for alarm in station.alarms("malformed")] == ["malformed"]
    station.restart()


def test_hashes_laid_over_an_opening_are_passed_over():
    station, peer, charter = talking()
    log = peer.open_log(charter)
    for text in ("one", "two", "three", "four"):
        peer.say(log, text)
    hashes = tuple(log.tree(4).nodes_covering(0, 4))
    nodes = items.Nodes(channel=CHANNEL_NUMBER, party=0, first=0, hashes=hashes)

    peer.send(peer.run(log, 0, 1), nodes, peer.run(log, 4), peer.stmt(peer.statement(log)))
    peer.send(peer.run(log))

    assert station.engine.halted is None
    assert len(station.store.entries(log.id, 0, 10)) in (0, 5)


def test_a_statement_dated_before_an_entry_that_it_covers_is_flagged_and_kept():
    station, peer, _charter, log = with_a_log()
    peer.time += 100
    peer.say(log, "three")

    peer.send(peer.run(log, 3), peer.stmt(peer.statement(log, time=peer.time - 60)))

    assert len(station.alarms("clock")) == 1
    assert len(station.store.entries(log.id, 0, 10)) == 4


def _text(text):
    return NewEntry(kind=1, fields={2: text})


def test_two_true_notes_of_ours_that_go_together_do_not_stop_us():
    station, peer, charter, _ = with_a_log()
    own = own_log(station, charter).log
    station.engine.append(9, charter.channel_id, [_text("one more")], station.now)
    station.settle()
    thief = HandPeer(station)
    thief.identity = station.sim.identity
    rows = [row.signed for row in station.store.statements(own, 0, 99)]
    assert len(rows) > 1

    peer.send(items.Fork(first=thief.note(rows[0]), second=thief.note(rows[-1])))
    peer.send(thief.note(rows[0]), thief.note(rows[-1]))

    assert not stopped(station, charter)
    assert station.engine.ledger.conflicts == {}


def test_notes_in_our_name_that_our_key_did_not_sign_do_not_stop_us():
    station, peer, charter, _ = with_a_log()
    own = own_log(station, charter).log
    mine = longer_note(station, own)
    peer_line = peer.note(peer.statement(peer.open_log(charter, inc=2))).lines[0]
    broken = mine.lines[0][:-8] + "AAAAAAA="

    for line in (peer_line, broken):
        peer.send(items.Note(text=mine.text, lines=(line,)))
        forged = items.Note(text=mine.text, lines=(line,))
        peer.send(items.Fork(first=forged, second=forged))

    assert not stopped(station, charter)
    assert station.engine.ledger.conflicts == {}


def test_a_word_that_there_is_more_of_our_log_holds_us_up_once_and_not_for_long():
    station, peer, charter, _ = with_a_log()
    own = own_log(station, charter).log
    log = peer.open_log(charter, inc=2)
    peer.write(log, 3, {16: 1, 17: own.inc})
    lie = Holding(party=station.sim.party, inc=own.inc, size=90, root=bytes(32))
    claim = peer.stmt(peer.statement(log, holds=[lie]), held=(Held(90),))

    peer.send(peer.run(log), claim)
    asked = [one for one in peer.received() if isinstance(one, items.Need)]
    station.engine.append(7, charter.channel_id, [_text("waits")], station.now)
    station.settle()
    assert [(one.party, one.what) for one in asked] == [(1, items.NEED_NOTE)]
    assert 7 not in station.sim.replies
    station.pass_time(6)

    assert station.sim.replies[7].error is None
    assert [alarm.kind for alarm in station.alarms("contradiction")] == ["contradiction"]
    peer.send(claim)
    station.engine.append(8, charter.channel_id, [_text("does not wait")], station.now)
    station.settle()
    assert station.sim.replies[8].error is None
    assert not stopped(station, charter)


def test_entries_in_our_name_that_nobody_asked_for_are_passed_over():
    station, peer, charter, log = with_a_log()
    own = own_log(station, charter)
    size = own.signed

    peer.send(
        peer.run(log, 1, party=1), items.Nodes(channel=7, party=1, first=1, hashes=(bytes(32),))
    )
    station.engine.append(9, charter.channel_id, [_text("ours")], station.now)
    station.settle()

    assert own_log(station, charter).signed == size + 1
    assert verify_rows(station.store).wrong is None


# --- two sizes: hearsay until inner nodes show it ---


def longer(peer, log, *texts, others):
    """Return the log as it goes on with these texts."""
    made = copy.deepcopy(log)
    for text in texts:
        peer.say(made, text, others=others)
    return made


def told_of_two_sizes(*, agrees):
    """Let CHARLIE tell of two statements of ALFA of which this station holds neither's entries."""
    station, peer, charter = talking("CHARLIE")
    log = peer.open_log(charter)
    peer.send(peer.run(log), peer.stmt(peer.statement(log), held=(None, None)))
    peer.say(log, "one", others=2)
    peer.say(log, "two", others=2)
    small = peer.statement(log)
    branch = log if agrees else other_history(log)
    branch = longer(peer, branch, "three", "four", others=2)
    branch.no = log.no
    large = peer.statement(branch)
    other = HandPeer(station, "CHARLIE", path=2)
    other.connect()
    other.received()
    other.send(items.Fork(first=peer.note(small), second=peer.note(large)))
    return station, peer, other, log, branch


def hashes(other, branch, needs):
    """Answer questions for hashes from one of the two histories."""
    for need in needs:
        ((first, end),) = need.ranges
        nodes = tuple(branch.tree().nodes_covering(first, end))
        other.send(items.Nodes(channel=need.channel, party=need.party, first=first, hashes=nodes))


def asked_for_hashes(other):
    found = [item for item in other.received() if isinstance(item, items.Need)]
    return [need for need in found if need.what == items.NEED_LEAVES]


def test_two_sizes_are_hearsay_until_the_inner_nodes_that_were_asked_for_show_the_fork():
    station, peer, other, log, branch = told_of_two_sizes(agrees=False)
    assert not frozen(station, log)
    needs = asked_for_hashes(other)
    assert [need.ranges for need in needs] == [((0, 3),), ((3, 5),)]

    hashes(other, branch, needs)

    assert frozen(station, log)
    (conflict,) = station.engine.ledger.conflicts.values()
    assert conflict.kind == "fork"
    station.restart()
    cards = {peer.identity.card.party: [peer.identity.card]}
    raw = Exporter(station.store, cards).conflict(log.id.channel, log.id.party)
    proved = check(raw, [peer.identity.card.fingerprint.hex()])
    assert (proved.code, word(proved)) == (0, "two histories signed with ALFA's key")
    # Whoever was told so can show it to the next one.
    other.connect()
    other.received()
    other.send(*needs)
    given = [item for item in other.received() if isinstance(item, items.Nodes)]
    assert [item.first for item in given] == [0, 3]
    assert given[0].hashes == tuple(branch.tree().nodes_covering(0, 3))


@pytest.mark.parametrize("what", ["agree", "made up", "half", "of another length"])
def test_whoever_says_so_and_cannot_show_it_frames_nobody(what):
    station, _peer, other, log, branch = told_of_two_sizes(agrees=what == "agree")
    needs = asked_for_hashes(other)
    if what == "made up":
        for need in needs:
            ((first, end),) = need.ranges
            false = tuple(bytes(32) for _ in cover(first, end))
            other.send(
                items.Nodes(channel=need.channel, party=need.party, first=first, hashes=false)
            )
    elif what == "of another length":
        for need in needs:
            first = need.ranges[0][0]
            other.send(
                items.Nodes(
                    channel=need.channel, party=need.party, first=first, hashes=(bytes(32),) * 9
                )
            )
    else:
        hashes(other, branch, needs[:1] if what == "half" else needs)

    assert not frozen(station, log)
    assert station.engine.ledger.conflicts == {}
    assert not station.alarms("fork")


def test_who_is_doubted_can_neither_replace_a_true_doubt_nor_spoil_it():
    station, peer, other, log, branch = told_of_two_sizes(agrees=False)
    needs = asked_for_hashes(other)
    peer.connect()
    peer.received()
    # The signer, or whoever stands by it, tells of two statements that do go together.
    low = peer.note(peer.statement(log, 1))
    for _ in range(3):
        peer.send(items.Fork(first=low, second=peer.note(peer.statement(log))))
        hashes(peer, other_history(log), needs[:1])

    hashes(other, branch, needs)

    assert frozen(station, log)
    assert [one.kind for one in station.engine.ledger.conflicts.values()] == ["fork"]
