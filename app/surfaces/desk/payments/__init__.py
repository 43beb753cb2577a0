"""Money for the treasurer, one module for each matter."""

from app.surfaces.desk.payments import cards, proofs, statements
from app.surfaces.desk.payments.base import blueprint

blueprint.register_blueprint(cards.blueprint)
blueprint.register_blueprint(proofs.blueprint)
blueprint.register_blueprint(statements.blueprint)

__all__ = ["blueprint"]
