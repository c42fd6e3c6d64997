"""The record: charters, logs, entries, nodes, statements, the case index and the papers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _key() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _name() -> sa.types.TypeEngine[str]:
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "charters",
        sa.Column("number", _key(), primary_key=True),
        sa.Column("channel", sa.LargeBinary(16), nullable=False, unique=True),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "origins",
        sa.Column("id", _key(), primary_key=True),
        sa.Column("channel", sa.LargeBinary(16), sa.ForeignKey("charters.channel"), nullable=False),
        sa.Column("party", sa.LargeBinary(16), nullable=False),
        sa.Column("inc", sa.LargeBinary(8), nullable=False),
        sa.UniqueConstraint("channel", "party", "inc", name="one_origin"),
    )
    op.create_table(
        "logs",
        sa.Column("number", _key(), primary_key=True),
        sa.Column("origin", _key(), sa.ForeignKey("origins.id"), nullable=False, unique=True),
        sa.Column("ordinal", _key(), nullable=False),
    )
    op.create_table(
        "entries",
        sa.Column("seq", _key(), primary_key=True, autoincrement=False),
        sa.Column("origin", _key(), sa.ForeignKey("logs.origin"), nullable=False),
        sa.Column("idx", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(32), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.UniqueConstraint("origin", "idx", name="one_entry_a_place"),
    )
    op.create_table(
        "nodes",
        sa.Column("origin", _key(), sa.ForeignKey("logs.origin"), nullable=False),
        sa.Column("level", _key(), nullable=False),
        sa.Column("pos", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("origin", "level", "pos"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "roots",
        sa.Column("origin", _key(), sa.ForeignKey("logs.origin"), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("origin", "size"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "statements",
        sa.Column("seq", _key(), primary_key=True, autoincrement=False),
        sa.Column("origin", _key(), nullable=False),
        sa.Column("no", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("key_number", _key(), nullable=False),
        sa.Column("signature", sa.LargeBinary(64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.UniqueConstraint("origin", "no", name="one_statement_a_number"),
        sa.ForeignKeyConstraint(["origin", "size"], ["roots.origin", "roots.size"]),
    )
    op.create_table(
        "case_index",
        sa.Column(
            "seq", _key(), sa.ForeignKey("entries.seq"), primary_key=True, autoincrement=False
        ),
        sa.Column("channel", sa.LargeBinary(16), sa.ForeignKey("charters.channel"), nullable=False),
        sa.Column("origin", _key(), nullable=False),
        sa.Column("idx", sa.BigInteger(), nullable=False),
        sa.Column("kind", _key(), nullable=False),
        sa.Column("flags", _key(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("case_origin", _key(), sa.ForeignKey("origins.id"), nullable=False),
        sa.Column("case_idx", sa.BigInteger(), nullable=False),
    )
    op.create_index("case_index_case", "case_index", ["case_origin", "case_idx"])
    op.create_index("case_index_channel", "case_index", ["channel"])
    op.create_table(
        "papers",
        sa.Column("number", _key(), primary_key=True),
        sa.Column("collection", _name(), nullable=False),
        sa.Column("key", _name(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.UniqueConstraint("collection", "key", name="one_paper_a_key"),
    )
