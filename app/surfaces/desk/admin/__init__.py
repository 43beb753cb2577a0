"""What national staff manage: units, regional offices, the register, people and their roles."""

from app.surfaces.desk.admin import kanwil, people, register, units
from app.surfaces.desk.admin.base import blueprint

__all__ = ["blueprint", "kanwil", "people", "register", "units"]
