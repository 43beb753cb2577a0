"""How a file moves on: chunk by chunk, stopped, gone on with, refused by the books, cleaned away."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.imports import flows, handlers, queries, services
from app.domain.imports.errors import ImportNotReady, ImportStopped
from app.domain.imports.models import ImportContent, ImportRow
from app.domain.imports.rules import content
from app.domain.imports.services import posting
from app.domain.imports.types import KEEP_CONTENT_DAYS, KEEP_STAGED_DAYS, FileState, Mode, RowState
from app.infra import db, jobs
from app.kernel.errors import NotFound, Unavailable
from tests.factories import ledger, lists
from tests.factories.ledger import SYSTEM, Shelf

pytestmark = pytest.mark.usefixtures("app")
FIVE = lists.csv("kode;jumlah", *(f"TIRAI-01;{number}" for number in range(1, 6)))


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    monkeypatch.setattr(content, "CHUNK_ROWS", 2)
    return lists.make_goods(["TIRAI-01"])


def confirmed(shelf: Shelf, *, is_whole: bool = False, text: bytes = FIVE) -> int:
    file = lists.check(shelf.upt_id, text, Mode.RECEIPTS)
    lists.confirm(file.file_id, is_whole=is_whole)
    return file.file_id


def post(file_id: int) -> None:
    flows.post_file(file_id=file_id, at=lists.AT)


def break_after(monkeypatch: pytest.MonkeyPatch, chunks: int, error: BaseException) -> None:
    """Let the posting of a chunk fail after some have succeeded."""
    real, done = posting._receive, []

    def receive(*arguments: object, **more: object) -> None:
        real(*arguments, **more)  # type: ignore[arg-type]  # passed through
        if len(done) == chunks:
            raise error
        done.append(1)

    monkeypatch.setattr(posting, "_receive", receive)


class Killed(BaseException):
    """Stands for a worker that is gone at once."""


def test_a_killed_worker_leaves_whole_chunks_and_the_next_goes_on(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_id = confirmed(shelf)
    with monkeypatch.context() as patch:
        break_after(patch, 1, Killed())
        with pytest.raises(Killed):
            post(file_id)
    file = lists.get(file_id)
    assert (file.state, file.rows_posted, file.percent, lists.entries()) == (
        FileState.RUNNING, 2, 40, 2,
    )  # fmt: skip
    post(file_id)
    file = lists.get(file_id)
    assert (file.state, file.rows_posted, file.percent, lists.entries()) == (
        FileState.DONE, 5, 100, 5,
    )  # fmt: skip
    post(file_id)
    assert lists.entries() == 5


def test_all_or_none_leaves_nothing_when_it_is_killed_or_refused(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_id = confirmed(shelf, is_whole=True)
    with monkeypatch.context() as patch:
        break_after(patch, 2, Killed())
        with pytest.raises(Killed):
            post(file_id)
    assert (lists.entries(), lists.get(file_id).rows_posted) == (0, 0)
    with monkeypatch.context() as patch:
        break_after(patch, 2, NotFound())
        post(file_id)
    file = lists.get(file_id)
    assert (lists.entries(), file.state, file.stop_code) == (
        0, FileState.CANCELLED, "resource.not_found",
    )  # fmt: skip
    again = confirmed(shelf, is_whole=True)
    post(again)
    assert (lists.entries(), lists.states(again)) == (5, [RowState.POSTED] * 5)


def test_a_lot_that_got_other_dates_meanwhile_stops_the_file(shelf: Shelf) -> None:
    text = lists.csv("kode;jumlah;lot;baik_sampai", "TIRAI-01;1;L1;2027-01-01", "TIRAI-01;2;L2;")
    file_id = confirmed(shelf, text=text, is_whole=True)
    ledger.receive(shelf.upt_id, shelf.variant_id, 9, lot_code="L1")
    post(file_id)
    file = lists.get(file_id)
    assert (file.state, file.stop_code, lists.entries()) == (
        FileState.CANCELLED, "stock.lot_mismatch", 1,
    )  # fmt: skip


def test_a_stop_takes_hold_between_chunks_and_the_rest_follows_later(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_id = confirmed(shelf)
    real = flows._post_chunk

    def stop_after_one(*arguments: object) -> bool:
        went = real(*arguments)  # type: ignore[arg-type]  # passed through
        db.transact(lambda: services.cancel(actor=SYSTEM, file_id=file_id, at=lists.AT))
        return went

    with monkeypatch.context() as patch:
        patch.setattr(flows, "_post_chunk", stop_after_one)
        post(file_id)
    file = lists.get(file_id)
    assert (file.state, file.rows_posted, file.stop_code) == (FileState.HALTED, 2, "")
    with pytest.raises(ImportNotReady):
        db.transact(lambda: services.cancel(actor=SYSTEM, file_id=file_id, at=lists.AT))
    other = lists.check(shelf.upt_id, FIVE, Mode.RECEIPTS)
    earlier = queries.find_earlier(file=other)
    assert earlier is not None
    assert (earlier.file_id, earlier.state) == (file_id, FileState.HALTED)
    for _ in range(2):
        db.transact(lambda: services.go_on(actor=SYSTEM, file_id=file_id, at=lists.AT))
    post(file_id)
    assert (lists.get(file_id).state, lists.entries()) == (FileState.DONE, 5)


def test_a_stop_before_the_worker_comes_posts_nothing(shelf: Shelf) -> None:
    file_id = confirmed(shelf)
    db.transact(lambda: services.begin(file_id=file_id, at=lists.AT))
    db.transact(lambda: services.cancel(actor=SYSTEM, file_id=file_id, at=lists.AT))
    assert jobs.drain(at=lists.AT) == 2
    assert (lists.get(file_id).state, lists.entries()) == (FileState.CANCELLED, 0)


def test_a_second_worker_at_the_same_rows_steps_back(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_id = confirmed(shelf)
    file = db.transact(lambda: services.begin(file_id=file_id, at=lists.AT))
    assert file is not None
    seen = queries.rows_to_post(file=file)
    db.transact(lambda: services.post_chunk(file_id=file_id, rows=seen[:2], at=lists.AT))
    with pytest.raises(ImportStopped):
        db.transact(lambda: services.post_chunk(file_id=file_id, rows=seen[:2], at=lists.AT))
    monkeypatch.setattr(queries, "rows_to_post", lambda **_: seen)
    with pytest.raises(Unavailable):
        post(file_id)
    assert (lists.get(file_id).state, lists.entries()) == (FileState.RUNNING, 2)


def test_what_came_to_nothing_is_cleaned_away_and_what_was_posted_stays(shelf: Shelf) -> None:
    done = lists.bring_in(shelf.upt_id, FIVE, Mode.RECEIPTS)
    left = lists.check(shelf.upt_id, lists.csv("kode;jumlah", "X;1"), Mode.RECEIPTS)

    def kept() -> dict[str, set[int]]:
        db.read_session().rollback()
        return {
            model.__tablename__: set(db.read_session().scalars(sa.select(model.file_id)))
            for model in (ImportRow, ImportContent)
        }

    both = {done.file_id, left.file_id}
    handlers.clean(lists.AT + timedelta(days=KEEP_STAGED_DAYS))
    assert kept() == {"import_row": both, "import_content": both}
    handlers.clean(lists.AT + timedelta(days=KEEP_STAGED_DAYS, seconds=1))
    assert kept() == {"import_row": {done.file_id}, "import_content": {done.file_id}}
    assert (lists.get(left.file_id).state, lists.get(left.file_id).has_rows) == (
        FileState.CANCELLED, False,
    )  # fmt: skip
    handlers.clean(lists.AT + timedelta(days=KEEP_CONTENT_DAYS, seconds=1))
    assert kept() == {"import_row": {done.file_id}, "import_content": set()}
    with pytest.raises(NotFound):
        queries.get_content(file_id=done.file_id)
    assert lists.get(done.file_id).state is FileState.DONE


def test_looking_and_posting_cost_no_more_statements_for_many_rows(shelf: Shelf) -> None:
    seen: list[str] = []

    def note(*arguments: object) -> None:
        seen.append(str(arguments[2]))

    def cost(rows: int, mark: str) -> tuple[int, int]:
        text = lists.csv("kode;jumlah;lot", *(f"TIRAI-01;1;{mark}{n}" for n in range(rows)))
        seen.clear()
        file = lists.check(shelf.upt_id, text, Mode.RECEIPTS)
        looked = len(seen)
        lists.confirm(file.file_id)
        seen.clear()
        post(file.file_id)
        return looked, len(seen)

    ledger.receive(shelf.upt_id, shelf.variant_id, 1)
    sa.event.listen(db.db.engine, "before_cursor_execute", note)
    try:
        content.CHUNK_ROWS = 1_000
        few, many = cost(2, "A"), cost(900, "B")
    finally:
        sa.event.remove(db.db.engine, "before_cursor_execute", note)
    assert many[0] <= few[0]
    assert many[1] <= few[1] + 2
