"""A buyer's own corner: orders placed under the account, name and telephone, password, devices."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.identity import queries as identity_queries
from app.domain.identity import services as identity_services
from app.domain.identity.commands import ChangePassword, UpdateProfile
from app.domain.identity.errors import WrongPassword
from app.domain.identity.types import SignedIn
from app.domain.media import queries as media_queries
from app.domain.media.types import ImageRecord
from app.domain.orders import queries as order_queries
from app.domain.orders.types import BuyerOrderRow
from app.domain.upt import queries as upt_queries
from app.infra import db
from app.kernel import clock
from app.kernel.errors import Invalid, NotFound
from app.surfaces.web import forms, order_words, pages, policy, session

blueprint = Blueprint("account", __name__, url_prefix="/akun")


@dataclass(frozen=True, slots=True)
class OrderCard:
    """One of the buyer's orders in the list."""

    row: BuyerOrderRow
    label: str
    tone: str
    upt_names: str
    images: tuple[ImageRecord, ...]


@blueprint.get("")
@policy.buyer
def orders() -> str:
    """List the orders placed under this account, newest first."""
    page = order_queries.list_for_buyer(
        user_id=_signed_in().user.user_id, cursor=request.args.get("sesudah")
    )
    upts = upt_queries.briefs(upt_ids={upt_id for row in page.items for upt_id in row.upt_ids})
    covers = {asset_id: "" for row in page.items for asset_id in row.cover_asset_ids}
    images = media_queries.images(asset_ids=tuple(covers), alts=covers) if covers else {}
    cards = page.map(
        lambda row: OrderCard(
            row=row,
            label=order_words.BUYER_LABELS[row.state],
            tone=order_words.TONES[row.state],
            upt_names=", ".join(upts[upt_id].short_name for upt_id in row.upt_ids),
            images=tuple(images[key] for key in row.cover_asset_ids if key in images)[:4],
        )
    )
    is_first = "sesudah" not in request.args
    return pages.render("storefront/account/orders.html", orders=cards, is_first=is_first)


@blueprint.get("/profil")
@policy.buyer
def profile() -> Response:
    """Show name, telephone, password and devices."""
    return _profile_page(_profile_form(), forms.blank())


@blueprint.post("/profil")
@policy.buyer
def change_profile() -> Response:
    """Change name and telephone."""
    command, form = forms.bind(UpdateProfile, request.form)
    if command is None:
        return _profile_page(form, forms.blank(), status=422)
    user_id = _signed_in().user.user_id
    db.transact(
        lambda: identity_services.update_profile(user_id=user_id, command=command, at=clock.now())
    )
    pages.notify("success", "account.profile_saved")
    return redirect(url_for("storefront.account.profile"), code=303)


@blueprint.post("/sandi")
@policy.buyer
def change_password() -> Response:
    """Change the password; every other device is signed out."""
    command, form = forms.bind(ChangePassword, request.form)
    if command is None:
        return _profile_page(_profile_form(), form, status=422)
    found = _signed_in()
    try:
        db.transact(
            lambda: identity_services.change_password(
                user_id=found.user.user_id,
                session_id=found.session_id,
                command=command,
                at=clock.now(),
            )
        )
    except WrongPassword as error:
        wrong = form.with_error("current_password", error.code)
        return _profile_page(_profile_form(), wrong, status=422)
    except Invalid as error:
        return _profile_page(_profile_form(), form.with_errors(error), status=422)
    pages.notify("success", "account.password_changed")
    return redirect(url_for("storefront.account.profile"), code=303)


@blueprint.post("/perangkat")
@policy.buyer
def end_other_sessions() -> Response:
    """Sign out everywhere else."""
    found = _signed_in()
    db.transact(
        lambda: identity_services.end_other_sessions(
            user_id=found.user.user_id, session_id=found.session_id, at=clock.now()
        )
    )
    pages.notify("success", "account.other_sessions_ended")
    return redirect(url_for("storefront.account.profile"), code=303)


def _signed_in() -> SignedIn:
    found = session.signed_in()
    if found is None:
        raise NotFound
    return found


def _profile_form() -> forms.Form:
    row = identity_queries.find_profile(user_id=_signed_in().user.user_id)
    if row is None:
        raise NotFound
    return forms.blank(name=row.user.name, phone=row.phone)


def _profile_page(
    profile_form: forms.Form, password_form: forms.Form, *, status: int = 200
) -> Response:
    found = _signed_in()
    page = pages.render(
        "storefront/account/profile.html",
        form=profile_form,
        password_form=password_form,
        email=found.user.email,
        own_session_id=found.session_id,
        sessions=identity_queries.list_sessions(user_id=found.user.user_id, at=clock.now()),
    )
    return make_response(page, status)
