"""What a buyer gives about an address, and to be forgotten."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from app.domain.buyers.types import LABEL_MAX
from app.domain.identity.commands import PersonName, Phone, TypedPassword
from app.kernel.commands import Command, Text


class SaveAddress(Command):
    """An address to be kept; the place is chosen from the list of villages."""

    label: Annotated[Text, StringConstraints(min_length=1, max_length=LABEL_MAX)]
    recipient: PersonName
    phone: Phone = ""
    street: Annotated[Text, StringConstraints(min_length=1, max_length=300)]
    village_code: Annotated[Text, StringConstraints(min_length=1, max_length=13)]
    postcode: Annotated[Text, StringConstraints(pattern=r"^[1-9][0-9]{4}$")]


class EraseAccount(Command):
    """The password makes sure that it is the person who asks."""

    password: TypedPassword
