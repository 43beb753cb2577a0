"""The desk's products: find, write, picture, preview, publish and withdraw."""

from __future__ import annotations

import re
from typing import Any, Final

from flask import Blueprint, g, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.catalog import queries as catalog_queries
from app.domain.catalog import services as catalog_services
from app.domain.catalog.commands import ImageWords, SaveImages, SaveProduct
from app.domain.catalog.errors import NotPublishable, ProductChanged, TooManyImages
from app.domain.catalog.types import (
    IMAGES_MAX,
    PERMISSION_EDIT,
    PERMISSION_PUBLISH,
    VARIANTS_MAX,
    ProductDraft,
    ProductState,
)
from app.domain.media import queries as media_queries
from app.domain.media import services as media_services
from app.domain.media.types import UPLOAD_BYTES_MAX
from app.domain.upt import queries as upt_queries
from app.infra import db
from app.kernel import clock, ids
from app.kernel.errors import Conflict, FieldError, Invalid, NotFound
from app.surfaces.desk import product_form
from app.surfaces.web import forms, pages, policy, session
from app.surfaces.web.filters import idr
from app.surfaces.web.forms import Form

blueprint = Blueprint("products", __name__)

_PICTURE_KEY: Final = re.compile(r"[a-z0-9]{16}")
ADD_ROW: Final = "tambah-varian"
STATE_CHOICES: Final = [
    (state.value, label) for state, (label, _) in product_form.STATE_LABELS.items()
]


@blueprint.get("/produk")
@policy.staff(PERMISSION_EDIT)
def index() -> str:
    """List the products of the UPT at hand; search and filter stay in the address."""
    upt_id = _upt_at_hand()
    text = request.args.get("q", "").strip()[:80]
    state = _state(request.args.get("status", ""))
    before, after = request.args.get("sebelum"), request.args.get("sesudah")
    page = catalog_queries.list_products(
        actor=session.current_actor(),
        upt_id=upt_id,
        text=text,
        state=state,
        cursor=before or after,
        is_back=before is not None,
    )
    covers = {row.cover_asset_id: row.cover_alt for row in page.items if row.cover_asset_id}
    return pages.render(
        "desk/products/index.html",
        page=page,
        images=media_queries.images(asset_ids=list(covers), alts=covers),
        prices={
            row.product_id: _price_text(row.price_idr_min, row.price_idr_max) for row in page.items
        },
        form=forms.blank(q=text, status=state.value if state else ""),
        is_narrowed=bool(text or state),
        states=product_form.STATE_LABELS,
        state_choices=STATE_CHOICES,
        kinds=product_form.KIND_LABELS,
        previous_href=page.before and _list_href(text, state, sebelum=page.before),
        next_href=page.after and _list_href(text, state, sesudah=page.after),
    )


def _list_href(text: str, state: ProductState | None, **cursor: Any) -> str:
    kept: dict[str, Any] = {"q": text or None, "status": state.value if state else None}
    return url_for(".index", **kept, **cursor)


def _price_text(low_idr: int | None, high_idr: int | None) -> str:
    if low_idr is None or high_idr is None:
        return "belum diisi"
    return idr(low_idr) if low_idr == high_idr else f"{idr(low_idr)} – {idr(high_idr)}"


def _state(text: str) -> ProductState | None:
    return ProductState(text) if text in set(ProductState) else None


def _upt_at_hand() -> int:
    upt_id = session.current_upt_id(PERMISSION_EDIT)
    if upt_id is None:
        raise NotFound
    _show_upt(upt_id)
    return upt_id


def _show_upt(upt_id: int) -> None:
    brief = upt_queries.briefs(upt_ids=[upt_id]).get(upt_id)
    g.upt_label = brief.short_name if brief else None


@blueprint.route("/produk/baru", methods=["GET", "POST"])
@policy.staff(PERMISSION_EDIT)
def create() -> Response | str:
    """Start a product as a draft."""
    upt_id = _upt_at_hand()
    if request.method == "GET":
        return _create_page(forms.blank(kind="ready"), (), spare=1)
    fields = product_form.read(request.form)
    if ADD_ROW in fields:
        return _create_page(forms.typed(fields), fields, spare=1)
    command, form = forms.bind(SaveProduct, fields)
    if command is not None:
        try:
            product_id = db.transact(
                lambda: catalog_services.create_product(
                    actor=session.current_actor(), upt_id=upt_id, command=command, at=clock.now()
                )
            )
        except Invalid as refusal:
            form = form.with_errors(refusal)
        else:
            pages.notify("success", "catalog.created")
            return redirect(url_for(".edit", product_id=product_id, _anchor="gambar"), code=303)
    return make_response(_create_page(form, fields, spare=0), 422)


def _create_page(form: Form, fields: Any, *, spare: int) -> str:
    return pages.render(
        "desk/products/create.html", form=form, **_choices(form, fields, spare=spare)
    )


def _choices(form: Form, fields: Any, *, spare: int) -> dict[str, Any]:
    return {
        "rows": product_form.rows(form, fields, spare=spare),
        "errors": product_form.named_errors(form),
        "categories": product_form.category_options(catalog_queries.list_categories()),
        "kinds": product_form.KINDS,
        "add_row": ADD_ROW,
        "variants_max": VARIANTS_MAX,
    }


@blueprint.route("/produk/<int:product_id>", methods=["GET", "POST"])
@policy.staff(PERMISSION_EDIT)
def edit(product_id: int) -> Response | str:
    """Change a product; what was typed is never lost, also when somebody else was quicker."""
    draft = catalog_queries.get_product(actor=session.current_actor(), product_id=product_id)
    if request.method == "GET":
        return _edit_page(draft)
    fields = product_form.read(request.form)
    if ADD_ROW in fields:
        return _edit_page(draft, forms.typed(fields), fields, spare=1)
    expected_version = fields.get("expected_version", type=int)
    command, form = forms.bind(SaveProduct, fields)
    if command is None or expected_version is None:
        return make_response(_edit_page(draft, form, fields), 422)
    try:
        db.transact(
            lambda: catalog_services.update_product(
                actor=session.current_actor(),
                product_id=product_id,
                command=command,
                expected_version=expected_version,
                at=clock.now(),
            )
        )
    except ProductChanged as conflict:
        return make_response(_conflict_page(conflict.current, form, fields), 409)
    except NotPublishable as refusal:
        wrong = Invalid(*product_form.missing_errors(refusal.missing, command))
        return make_response(_edit_page(draft, form.with_errors(wrong), fields), 409)
    except Invalid as refusal:
        return make_response(_edit_page(draft, form.with_errors(refusal), fields), 422)
    is_public = draft.state is ProductState.PUBLISHED
    pages.notify("success", "catalog.saved_public" if is_public else "catalog.saved")
    return redirect(url_for(".edit", product_id=product_id), code=303)


def _conflict_page(current: ProductDraft, form: Form, fields: Any) -> str:
    fields = fields.copy()
    fields["expected_version"] = str(current.version)
    return _edit_page(
        current,
        forms.typed(fields).with_error("", "catalog.product_changed"),
        fields,
        differences=product_form.differences(form, current),
    )


def _edit_page(
    draft: ProductDraft,
    form: Form | None = None,
    fields: Any = None,
    *,
    spare: int = 0,
    differences: tuple[product_form.Difference, ...] = (),
    picture_form: Form | None = None,
) -> str:
    _show_upt(draft.upt_id)
    if form is None:
        fields = product_form.initial(draft)
        form = forms.blank(**fields)
    alts = {image.asset_id: image.alt for image in draft.images}
    return pages.render(
        "desk/products/edit.html",
        draft=draft,
        form=form,
        differences=differences,
        missing=product_form.missing_links(draft.missing),
        state=product_form.STATE_LABELS[draft.state],
        is_public=draft.state is ProductState.PUBLISHED,
        may_publish=session.current_actor().may(PERMISSION_PUBLISH, upt_id=draft.upt_id),
        images=media_queries.images(asset_ids=list(alts), alts=alts),
        asset_states=media_queries.asset_states(asset_ids=list(alts)),
        picture_form=picture_form or forms.blank(),
        picture_errors=product_form.named_errors(picture_form or forms.blank()),
        picture_key=ids.public_id(),
        images_max=IMAGES_MAX,
        megabytes_max=UPLOAD_BYTES_MAX // 1024 // 1024,
        **_choices(form, fields, spare=spare),
    )


@blueprint.post("/produk/<int:product_id>/gambar")
@policy.staff(PERMISSION_EDIT)
def add_picture(product_id: int) -> Response:
    """Take in one picture with its words; the file is judged outside any transaction."""
    actor = session.current_actor()
    with db.unit_of_work():
        draft = catalog_queries.get_product(actor=actor, product_id=product_id)
    words, form = forms.bind(ImageWords, request.form)
    upload = request.files.get("picture")
    key = request.form.get("picture_key", "")
    key = key if _PICTURE_KEY.fullmatch(key) else ids.public_id()
    errors: tuple[FieldError, ...] = ()
    try:
        content = upload.read(UPLOAD_BYTES_MAX + 1) if upload else b""
        picture = media_services.check_upload(content=content)
    except Invalid as refusal:
        errors = refusal.errors
    if errors or words is None:
        return _picture_refused(draft, form.plus_errors(errors))

    def work() -> None:
        at = clock.now()
        asset_id = media_services.store_checked(
            actor=actor, upt_id=draft.upt_id, picture=picture, public_id=key, at=at
        )
        catalog_services.add_image(
            actor=actor, product_id=product_id, asset_id=asset_id, alt=words.alt, at=at
        )

    try:
        db.transact(work)
    except TooManyImages as refusal:
        return _picture_refused(
            draft, form.with_error("picture", refusal.code, limit=refusal.limit)
        )
    pages.notify("success", "catalog.image_added")
    return redirect(url_for(".edit", product_id=product_id, _anchor="gambar"), code=303)


def _picture_refused(draft: ProductDraft, form: Form) -> Response:
    return make_response(_edit_page(draft, picture_form=form), 422)


@blueprint.post("/produk/<int:product_id>/gambar/susun")
@policy.staff(PERMISSION_EDIT)
def arrange_pictures(product_id: int) -> Response:
    """Save the words of all pictures, and move or remove the one whose button was pressed."""
    actor = session.current_actor()
    draft = catalog_queries.get_product(actor=actor, product_id=product_id)
    order = [image.image_id for image in draft.images]
    alts = {
        image_id: request.form[f"alts.{image_id}"]
        for image_id in order
        if f"alts.{image_id}" in request.form
    }
    gone = request.form.get("lepas", type=int)
    if gone is None:
        _move(order, request.form.get("naik", type=int), -1)
        _move(order, request.form.get("turun", type=int), 1)
    else:
        alts.pop(gone, None)

    def work() -> None:
        at = clock.now()
        command = SaveImages.parse({"image_ids": tuple(order), "alts": alts})
        catalog_services.save_images(actor=actor, product_id=product_id, command=command, at=at)
        if gone is not None:
            catalog_services.remove_image(actor=actor, product_id=product_id, image_id=gone, at=at)

    try:
        db.transact(work)
    except Invalid as refusal:
        return _picture_refused(draft, forms.typed(request.form).with_errors(refusal))
    except NotPublishable:
        form = forms.typed(request.form).with_error("", "catalog.missing_picture")
        return make_response(_edit_page(draft, picture_form=form), 409)
    pages.notify("success", "catalog.images_saved" if gone is None else "catalog.image_removed")
    return redirect(url_for(".edit", product_id=product_id, _anchor="gambar"), code=303)


def _move(order: list[int], image_id: int | None, step: int) -> None:
    if image_id not in order:
        return
    place = order.index(image_id)
    other = place + step
    if 0 <= other < len(order):
        order[place], order[other] = order[other], order[place]


@blueprint.get("/produk/<int:product_id>/pratinjau")
@policy.staff(PERMISSION_EDIT)
def preview(product_id: int) -> str:
    """Show a product as buyers would see it, before they can."""
    draft = catalog_queries.get_product(actor=session.current_actor(), product_id=product_id)
    _show_upt(draft.upt_id)
    alts = {image.asset_id: image.alt for image in draft.images}
    images = media_queries.images(asset_ids=list(alts), alts=alts)
    variants = [variant for variant in draft.variants if variant.is_active]
    prices = [variant.price_idr for variant in variants if variant.price_idr is not None]
    return pages.render(
        "desk/products/preview.html",
        draft=draft,
        variants=variants,
        images=[images[asset_id] for asset_id in alts if asset_id in images],
        price_text=_price_text(min(prices, default=None), max(prices, default=None)),
        kind_label=product_form.KIND_LABELS[draft.kind],
        upt=upt_queries.briefs(upt_ids=[draft.upt_id])[draft.upt_id],
    )


@blueprint.post("/produk/<int:product_id>/terbitkan")
@policy.staff(PERMISSION_PUBLISH)
def publish(product_id: int) -> Response:
    """Show a product in the shop, or say what it lacks."""
    return _change_state(product_id, catalog_services.publish, done="catalog.published")


@blueprint.post("/produk/<int:product_id>/tarik")
@policy.staff(PERMISSION_PUBLISH)
def withdraw(product_id: int) -> Response:
    """Take a product out of the shop."""
    return _change_state(product_id, catalog_services.withdraw, done="catalog.withdrawn")


def _change_state(product_id: int, change: Any, *, done: str) -> Response:
    actor = session.current_actor()
    try:
        db.transact(lambda: change(actor=actor, product_id=product_id, at=clock.now()))
    except Conflict as refusal:
        draft = catalog_queries.get_product(actor=actor, product_id=product_id)
        form = forms.blank(**product_form.initial(draft))
        fields = product_form.initial(draft)
        page = _edit_page(draft, form.with_error("", refusal.code), fields)
        return make_response(page, 409)
    pages.notify("success", done)
    return redirect(url_for(".edit", product_id=product_id), code=303)
