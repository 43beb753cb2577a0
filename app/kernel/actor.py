"""Who acts, and with which powers where; built by surfaces, passed to services and queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from app.kernel.errors import NotAllowed, NotFound


class ActorKind(StrEnum):
    """The kinds of actor that the audit trail tells apart."""

    ANONYMOUS = "anonymous"
    USER = "user"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a permission is held: the whole nation, or a set of UPT.

    Attributes:
        is_national: Held everywhere, and for things that belong to no UPT.
        upt_ids: UPT where it is held; empty when national.
    """

    is_national: bool = False
    upt_ids: frozenset[int] = frozenset()

    def covers(self, upt_id: int) -> bool:
        """Say whether the permission is held for this UPT."""
        return self.is_national or upt_id in self.upt_ids


NOWHERE: Final = Reach()


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or the system, with the powers in force at this moment.

    Attributes:
        kind: Anonymous visitor, signed-in user or the system itself.
        user_id: Row id of the user; None for anonymous and system.
        label: Name for the audit trail, for example ``system:jobs``.
        powers: Permission name to the reach in which it is held.
    """

    kind: ActorKind
    user_id: int | None = None
    label: str = ""
    powers: Mapping[str, Reach] = field(default_factory=lambda: MappingProxyType({}))

    def reach(self, permission: str) -> Reach:
        """Return where the permission is held."""
        if self.kind is ActorKind.SYSTEM:
            return Reach(is_national=True)
        return self.powers.get(permission, NOWHERE)

    def holds(self, permission: str) -> bool:
        """Say whether the permission is held anywhere."""
        reach = self.reach(permission)
        return reach.is_national or bool(reach.upt_ids)

    def may(self, permission: str, *, upt_id: int) -> bool:
        """Say whether the permission is held for this UPT."""
        return self.reach(permission).covers(upt_id)

    def ensure(self, permission: str, *, upt_id: int) -> None:
        """Refuse unless the permission is held for this UPT.

        A UPT in which the actor holds nothing at all does not exist for them.

        Raises:
            NotFound: The actor has no power of any kind in this UPT.
            NotAllowed: The actor works there but lacks this permission.
        """
        if self.may(permission, upt_id=upt_id):
            return
        if any(reach.covers(upt_id) for reach in self.powers.values()):
            raise NotAllowed(permission)
        raise NotFound

    def ensure_national(self, permission: str) -> None:
        """Refuse unless the permission is held for the whole nation.

        Raises:
            NotAllowed: It is not.
        """
        if not self.reach(permission).is_national:
            raise NotAllowed(permission)


ANONYMOUS: Final = Actor(kind=ActorKind.ANONYMOUS, label="visitor")


def system(label: str) -> Actor:
    """Return the actor for unattended work, for example ``system("jobs")``."""
    return Actor(kind=ActorKind.SYSTEM, label=f"system:{label}")
