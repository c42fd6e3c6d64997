"""Every bound of the protocol, with its unit and the reason for it (specification: `limits.md`)."""

FRAME_BYTES_MAX = 65_535
"""One frame, header and tag included: its length must fit two bytes on a stream carrier."""

FRAME_OVERHEAD_BYTES = 22
"""6 bytes of header and 16 of AEAD tag."""

ENTRY_BYTES_MAX = 65_536
"""One encoded entry; longer matter travels as `part` entries."""

OBJECT_BYTES_MAX = 65_536
"""One object cut into symbols because it does not fit the path's frame."""

TEXT_BYTES_MAX = 65_536
"""Inflated text; inflating stops here whatever the compressed form promises."""

DEPTH_ENTRY = 8
"""Nesting of an entry, charter or card body taken by itself; the outermost array counts 1."""

DEPTH_ITEM = 12
"""Nesting of an item in a frame: an entry lies four levels down in a RUN."""

DEPTH_BUNDLE = 16
"""Nesting of a bundle: a `ref` inside an opened field lies at level 10."""

FIELDS_PER_ENTRY_MAX = 64
"""Fields of one entry; each has a salted commitment, so that it can be withheld alone."""

FIELD_NUMBER_MAX = 65_535
"""Field numbers enter the salt as 32 bits; the wire keeps them to 16."""

COUNT_MAX = 2**53 - 1
"""Sizes, indexes and times: exact in every language a rival may choose."""

PARTIES_MIN = 2
"""Parties of a channel: nobody talks to themselves."""

PARTIES_MAX = 16
"""Parties of a channel: every statement says what is held of each of the others."""

GAPS_MAX = 64
"""Ranges of `missing` in one holding; with more, hold a smaller size instead."""

CHANNELS_PER_LINK_MAX = 1_024
"""Channels two stations share; each has statements and a queue of its own."""

OPEN_OBJECTS_PER_LINK_MAX = 8
"""Objects of one peer whose symbols are gathered at the same time."""

EPOCH_AHEAD_MAX = 2**40
"""Epoch numbers this far ahead of the clock, in seconds, are no honest station's: who believed
one could never be reached again."""

RETAINED_EPOCHS_MAX = 256
"""Receiving keys of one peer kept at most: they open what was sealed before the newest."""

ITEMS_PER_FRAME_MAX = 4_096
"""Items of one frame: bounded work for each."""

NOTE_SIGNATURES_MAX = 16
"""Signature lines of a statement: its author, and witnesses."""

FORK_NOTE_BYTES_MAX = 24_000
"""Text of each of the two notes in a FORK: both must fit one frame, with their lines."""

FORK_LINE_BYTES_MAX = 8_192
"""Signature line of each of these notes; a seal is some 4,500 bytes in base64."""

REPLAY_WINDOW_FRAMES = 1_024
"""How far frames may overtake each other before the later one is refused."""

GENERATION_FRAMES_MAX = 2**20
"""Frames under one generation of a frame key, well under the 24-bit counter."""

KEYING_CHECKS_PER_SECOND = 20
"""Public-key work done for unauthenticated keying frames, per path."""

SKEW_SECONDS = 120
"""Claims of time further off than this are flagged, never refused."""

CLOCK_MIN_SECONDS = 60
"""A `due` shorter than this starts no clock."""

BUNDLE_CARDS_MAX = 64
"""Cards of one bundle: several for each of 16 parties."""

BUNDLE_NOTES_MAX = 1_024
"""Statements of one bundle."""

BUNDLE_LEAVES_MAX = 65_536
"""Entries and leaf hashes of one bundle."""

BUNDLE_BYTES_MAX = 64 * 1024 * 1024
"""One bundle file: it is read into memory whole."""

CARD_BYTES_MAX = 32_768
"""One card: eight keys of each kind with post-quantum halves fit."""

INCARNATIONS_MAX = 256
"""Logs of one party on one channel: one is begun after a loss, not every day."""

UNSIGNED_BYTES_MAX = 32 * 1024 * 1024
"""Bytes of entries of one peer, on all channels, whose statement is still under way. A station
signs at least every 4 MiB, so that what is honest never comes near."""

UNSIGNED_ENTRIES_MAX = 8_192
"""Entries of one peer log kept in memory while their statement is still under way."""

ATTACHMENT_BYTES_MAX = 10 * 1024 * 1024
"""Content of one file that travels with an entry."""

ATTACHMENTS_BYTES_MAX = 50 * 1024 * 1024
"""Content of all files of one entry."""

PART_BYTES = 32_768
"""Bytes of a file in one `part` entry; on a slow line no more than this is sent in vain."""
