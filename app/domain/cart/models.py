"""Tables of carts; a cart belongs to a cookie or to an account, never to both."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, BigId, UtcDateTime


class Cart(Base):
    """One basket."""

    __tablename__ = "cart"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        UniqueConstraint("user_id"),
        CheckConstraint("(token_hash IS NULL) <> (user_id IS NULL)", name="has_one_owner"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token_hash: Mapped[str | None] = mapped_column(String(64))
    user_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CartLineRow(Base):
    """Pieces of one variant in one cart."""

    __tablename__ = "cart_line"
    __table_args__ = (
        UniqueConstraint("cart_id", "variant_id"),
        CheckConstraint("quantity BETWEEN 1 AND 999", name="quantity_in_range"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    cart_id: Mapped[int] = mapped_column(BigId, ForeignKey("cart.id"))
    variant_id: Mapped[int] = mapped_column(BigId, ForeignKey("variant.id"))
    quantity: Mapped[int]
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
