"""What this verifier takes on, and the bounds of the protocol it enforces."""

from __future__ import annotations

FILE_BYTES_MAX = 64 * 1024 * 1024
"""A bundle of all the leaves below with ordinary fields; more is refused as not checked."""

VALUES_MAX = 6_000_000
"""CBOR values in a file: 65,536 leaves with 40 fields each; keeps memory under 1 GB."""

CARDS_MAX, CHARTERS_MAX, NOTES_MAX, LEAVES_MAX = 64, 64, 1_024, 65_536
PARTS_MAX, NODES_MAX, CLAIMS_MAX, TOKENS_MAX = 1_024, 65_536, 256, 256

LAPSE_TRIES_MAX = 4
"""Later statements tried for one lapse, the newest first; a claim names one."""

PARTS_PER_LOG_MAX = 8
"""One part serves every size it reaches; several are needed for the branches of a fork only."""

NOTE_BYTES_MAX = 262_144
"""15 `holds` lines with 64 gaps each and 16 signature lines with seals stay below it."""

NOTE_SIGNATURES_MAX = 16
GAPS_MAX = 64
CARD_BYTES_MAX = 32_768
COUNT_MAX = 2**53 - 1
FIELD_NUMBER_MAX = 65_535
FIELDS_MAX = 64
DEPTH_BODY, DEPTH_BUNDLE = 8, 16
CLOCK_MIN_SECONDS = 60
"""A shorter `due` starts no clock."""

SKEW_SECONDS = 120
"""Claims of time further off than this are listed."""
