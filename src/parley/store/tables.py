"""The tables of a station's record, as SQLAlchemy Core sees them.

What makes a second history impossible to store is in the schema itself: one entry a place, one
statement a number, one root a size. The log is the truth; `case_index` is derived from it.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

# SQLite makes a column the row's own key only under the exact name INTEGER.
_Key = BigInteger().with_variant(Integer, "sqlite")
# For other numbers too: SQLite's INTEGER holds any that the wire can carry, PostgreSQL's would not.
_Number = _Key
# Keys stand in the order of their bytes in every store, whatever language a database is set to.
_Name = Text().with_variant(Text(collation="C"), "postgresql")

charters = Table(
    "charters",
    metadata,
    Column("number", _Key, primary_key=True),
    Column("channel", LargeBinary(16), nullable=False, unique=True),
    Column("raw", LargeBinary, nullable=False),
)

# Every log anybody ever named; a reference may name one that is not known here.
origins = Table(
    "origins",
    metadata,
    Column("id", _Key, primary_key=True),
    Column("channel", LargeBinary(16), ForeignKey("charters.channel"), nullable=False),
    Column("party", LargeBinary(16), nullable=False),
    Column("inc", LargeBinary(8), nullable=False),
    UniqueConstraint("channel", "party", "inc", name="one_origin"),
)

logs = Table(
    "logs",
    metadata,
    Column("number", _Key, primary_key=True),
    Column("origin", _Key, ForeignKey("origins.id"), nullable=False, unique=True),
    Column("ordinal", _Number, nullable=False),
)

# `seq` is the record's running number, shared with `statements`. `raw` stands last, so that a
# scan of leaves does not walk the overflow pages of long entries.
entries = Table(
    "entries",
    metadata,
    Column("seq", _Key, primary_key=True, autoincrement=False),
    Column("origin", _Key, ForeignKey("logs.origin"), nullable=False),
    Column("idx", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("leaf", LargeBinary(32), nullable=False),
    Column("raw", LargeBinary, nullable=False),
    UniqueConstraint("origin", "idx", name="one_entry_a_place"),
)

nodes = Table(
    "nodes",
    metadata,
    Column("origin", _Key, ForeignKey("logs.origin"), nullable=False),
    Column("level", _Number, nullable=False),
    Column("pos", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    PrimaryKeyConstraint("origin", "level", "pos"),
    sqlite_with_rowid=False,
)

# One root for each size that was ever signed: two statements of one size and different roots
# cannot both be rows.
roots = Table(
    "roots",
    metadata,
    Column("origin", _Key, ForeignKey("logs.origin"), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary(32), nullable=False),
    PrimaryKeyConstraint("origin", "size"),
    sqlite_with_rowid=False,
)

statements = Table(
    "statements",
    metadata,
    Column("seq", _Key, primary_key=True, autoincrement=False),
    Column("origin", _Key, nullable=False),
    Column("no", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("key_number", _Number, nullable=False),
    Column("signature", LargeBinary(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("lines", Text, nullable=False),
    UniqueConstraint("origin", "no", name="one_statement_a_number"),
    ForeignKeyConstraint(["origin", "size"], ["roots.origin", "roots.size"]),
)

case_index = Table(
    "case_index",
    metadata,
    Column("seq", _Key, ForeignKey("entries.seq"), primary_key=True, autoincrement=False),
    Column("channel", LargeBinary(16), ForeignKey("charters.channel"), nullable=False),
    Column("origin", _Key, nullable=False),
    Column("idx", BigInteger, nullable=False),
    Column("kind", _Number, nullable=False),
    Column("flags", _Number, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("case_origin", _Key, ForeignKey("origins.id"), nullable=False),
    Column("case_idx", BigInteger, nullable=False),
    Index("case_index_case", "case_origin", "case_idx"),
    Index("case_index_channel", "channel"),
)

papers = Table(
    "papers",
    metadata,
    Column("number", _Key, primary_key=True),
    Column("collection", _Name, nullable=False),
    Column("key", _Name, nullable=False),
    Column("value", LargeBinary, nullable=False),
    UniqueConstraint("collection", "key", name="one_paper_a_key"),
)

__all__ = [
    "case_index",
    "charters",
    "entries",
    "logs",
    "metadata",
    "nodes",
    "origins",
    "papers",
    "roots",
    "statements",
]
