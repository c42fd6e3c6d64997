"""Who wrote last: asked once for every move that may be open, so it must not read the order anew."""

from __future__ import annotations

from support.desk_talk import Line, Talk


class Counted(list):
    """An order that counts how often it is read from its end."""

    reads = 0

    def __reversed__(self):
        self.reads += 1
        return super().__reversed__()


def test_the_newest_entry_of_each_party_is_known_also_of_one_that_only_opened_its_log(monkeypatch):
    line = Line("ALFA", "BRAVO")
    talk = Talk(line)
    talk.say(line, "ALFA", 100, "message.send", {"subject": {"en": "one"}})
    last = talk.say(line, "ALFA", 200, "message.send", {"subject": {"en": "two"}})
    channel = talk.registers(300).channel(line.view.id)
    order = Counted(channel.fold.order)
    monkeypatch.setattr(type(channel.fold), "order", property(lambda _: order))

    found = [channel.last_by_party for _ in range(3)]

    assert found[0][0].place == last
    assert found[0][1].place.index == 0
    assert order.reads == 1
