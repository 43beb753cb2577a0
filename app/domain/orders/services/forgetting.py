"""Taking a person's data off their orders; goods, sums and history stay."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import update

from app.domain.orders.models import OrderGroup
from app.infra import db

FORGOTTEN_NAME: Final = "Pembeli terhapus"


def forget_contacts(*, group_ids: Collection[int]) -> None:
    """Blank name, e-mail, telephone, note and address of orders; regency and province stay.

    The caller holds the account and has made sure that nothing is under way.
    """
    db.session().execute(
        update(OrderGroup)
        .where(OrderGroup.id.in_(sorted(group_ids)))
        .values(
            contact_name=FORGOTTEN_NAME,
            contact_email="",
            contact_phone="",
            note="",
            recipient=None,
            recipient_phone=None,
            street=None,
            village_code=None,
            village=None,
            district=None,
            postcode=None,
        )
    )
