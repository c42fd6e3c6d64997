"""The desk: registers from views, keeping what was folded so that the next question is cheap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from parley.core.ids import ChannelId, Incarnation, PartyId
from parley.core.instants import Instant
from parley.desk.case_book import CaseBook
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
        self._statements: dict[ChannelId, Deliveries] = {}
        self._books: dict[ChannelId, CaseBook] = {}

    def registers(self, views: Sequence[ChannelView], moment: Instant) -> Registers:
        """Return all registers of these channels at one moment; good until the next call.

        Channels of the same parties may refer to each other; others are worlds of their own, so
        that what two parties share looks alike to both.
        """
        folds = {view.id: self._fold(view) for view in views}
        directory = Directory(views, {channel: fold.incs for channel, fold in folds.items()})
        worlds: dict[frozenset[PartyId], World] = {}
        for view in sorted(views, key=lambda one: one.id):
            world = worlds.setdefault(frozenset(view.charter.parties), World())
            world.channels.append(
                Channel(
                    view=view,
                    fold=folds[view.id],
                    deliveries=self._deliveries(view, folds[view.id].incs),
                    book=self._book(view, folds[view.id]),
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
                first = next(iter(self._folds))
                self._folds.pop(first)
                self._books.pop(first, None)
            kept = self._folds[view.id] = Fold()
        fold = kept if kept.goes_on_to(view) else Fold()
        fold.update(view)
        return fold

    def _book(self, view: ChannelView, fold: Fold) -> CaseBook:
        """Return the book that goes with a fold; one of the past has a book of its own."""
        if self._folds.get(view.id) is not fold:
            return CaseBook()
        return self._books.setdefault(view.id, CaseBook())

    def _deliveries(
        self, view: ChannelView, incs: Mapping[int, Sequence[Incarnation]]
    ) -> Deliveries:
        """Return what a channel's statements prove; those of the past are read apart."""
        kept = self._statements.get(view.id)
        if kept is None or not kept.goes_on_to(view, incs):
            made = Deliveries(view.id, view.charter.parties, incs)
            made.update(view.statements)
            if kept is None or len(view.statements) >= kept.count:
                self._statements[view.id] = made
            return made
        kept.update(view.statements)
        return kept


def registers(views: Sequence[ChannelView], moment: Instant) -> Registers:
    """Return all registers from nothing; see `Desk.registers`."""
    return Desk().registers(views, moment)
