"""The desk: registers from views, keeping what was folded so that the next question is cheap."""

from __future__ import annotations

from collections.abc import Sequence

from parley.core.ids import ChannelId, PartyId
from parley.core.instants import Instant
from parley.desk.deliveries import Deliveries
from parley.desk.derived import Channel, World
from parley.desk.fold import Fold
from parley.desk.naming import Directory
from parley.desk.record import ChannelView
from parley.desk.registers import Registers

FOLDS_MAX = 2_048
"""Channels whose folds are kept; twice the channels a link may carry."""


class Desk:
    """Computes registers; keeps folds between calls, and answers from its arguments alone."""

    def __init__(self) -> None:
        self._folds: dict[ChannelId, Fold] = {}
        self._statements: dict[ChannelId, tuple[object, int, int, Deliveries]] = {}

    def registers(self, views: Sequence[ChannelView], moment: Instant) -> Registers:
        """Return all registers of these channels at one moment; good until the next call.

        Channels of the same parties may refer to each other; others are worlds of their own, so
        that what two parties share looks alike to both.
        """
        directory = Directory(views)
        worlds: dict[frozenset[PartyId], World] = {}
        for view in sorted(views, key=lambda one: one.id):
            world = worlds.setdefault(frozenset(view.charter.parties), World())
            world.channels.append(
                Channel(
                    view=view,
                    fold=self._fold(view),
                    deliveries=self._deliveries(view),
                    directory=directory,
                    moment=int(moment),
                    world=world,
                )
            )
        return Registers(tuple(worlds.values()), directory, moment)

    def _fold(self, view: ChannelView) -> Fold:
        """Return the cases of a channel; a view of the past is folded apart, from nothing."""
        kept = self._folds.get(view.id)
        if kept is None:
            if len(self._folds) >= FOLDS_MAX:
                self._folds.pop(next(iter(self._folds)))
            kept = self._folds[view.id] = Fold()
        fold = kept if kept.goes_on_to(view) else Fold()
        fold.update(view)
        return fold

    def _deliveries(self, view: ChannelView) -> Deliveries:
        kept = self._statements.get(view.id)
        counts = (len(view.statements), len(view.entries))
        if kept is not None and kept[0] is view.statements and kept[1:3] == counts:
            return kept[3]
        made = Deliveries(view)
        if kept is None or counts >= kept[1:3]:
            self._statements[view.id] = (view.statements, *counts, made)
        return made


def registers(views: Sequence[ChannelView], moment: Instant) -> Registers:
    """Return all registers from nothing; see `Desk.registers`."""
    return Desk().registers(views, moment)
