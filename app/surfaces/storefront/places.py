"""Looking up a village or postcode while an address is typed."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from app.domain.places import queries as places_queries
from app.surfaces.web import policy

blueprint = Blueprint("places", __name__, url_prefix="/tempat")


@blueprint.get("/cari")
@policy.public
def search() -> Response:
    """Return the places that the typed words may mean, as JSON."""
    found = places_queries.search(text=request.args.get("q", ""))
    response = jsonify(
        [
            {
                "code": place.village_code,
                "label": place.label,
                "postcode": place.postcode,
                "village": place.village,
                "district": place.district,
                "regency": place.regency,
                "province": place.province,
            }
            for place in found
        ]
    )
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response
