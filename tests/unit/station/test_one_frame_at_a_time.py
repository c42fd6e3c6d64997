"""Of much that waits for a fast path one frame is made and sent, and then everybody has a turn."""

from __future__ import annotations

import asyncio
import itertools

from parley.carriers.address import parse_address
from parley.carriers.loopback import loopback_pair
from parley.station.paths import Paths
from virtual_time import run_in_virtual_time


class Talker:
    """Has thirty frames to send, and notes when each is made."""

    def __init__(self):
        self.waiting = 30
        self.happened = []

    def path_up(self, *_args):
        """Take no note."""

    def path_down(self, *_args):
        """Take no note."""

    def frames_received(self, _number, _frames):
        """Take no note."""

    def next_frames(self, _number, *, limit=8):
        made = min(limit, self.waiting)
        self.waiting -= made
        self.happened += ["made"] * made
        return [b"frame"] * made

    def next_turn(self, _number):
        return None


def test_between_two_frames_others_have_their_turn():
    async def watch():
        ours, theirs = loopback_pair()
        user = Talker()

        async def work():
            while True:
                user.happened.append("turn")
                await asyncio.sleep(0)

        paths = Paths(user, certificate=None, log=lambda *_args, **_details: None)
        using = asyncio.create_task(
            paths._use(ours, None, "loopback:b", parse_address("loopback:b"))
        )
        working = asyncio.create_task(work())
        got = []
        while len(got) < 30:
            got += await theirs.receive()
            await asyncio.sleep(0)
        using.cancel()
        working.cancel()
        await asyncio.gather(using, working, return_exceptions=True)
        return user.happened

    happened = run_in_virtual_time(watch())

    assert happened.count("made") == 30
    assert ("made", "made") not in set(itertools.pairwise(happened))
