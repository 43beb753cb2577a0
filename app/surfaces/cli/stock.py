"""``flask stock``: prove the ledger, publish its heads, export it, watch and rebuild its figures."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import click
from flask.cli import AppGroup

from app.domain.identity import queries as identity_queries
from app.domain.stock import flows as stock_flows
from app.domain.stock import ports as stock_ports
from app.domain.stock.errors import HeadsDiffer, LedgerBroken
from app.domain.stock.types import Fault, RebuildReport
from app.domain.upt import queries as upt_queries
from app.kernel import clock
from app.kernel.actor import Actor, system
from app.kernel.errors import NotAllowed, NotFound
from app.surfaces.cli import stock_papers
from app.surfaces.web import messages

commands = AppGroup("stock", help="Prove, publish, export and rebuild the stock ledger.")
heads = AppGroup("heads", help="Signed daily heads and the national root.")
commands.add_command(heads)


@commands.command("verify")
@click.option("--upt", "slug", help="Address part of one UPT, for example lapas-indramayu.")
@click.option("--since-close", is_flag=True, help="Begin at the last closed month.")
def verify(slug: str | None, since_close: bool) -> None:
    """Replay every entry and check chains, heads, months, balances, holds, and the papers that move
    goods: receipts of the till, counts, transfers, loans. Exit 1 on any fault."""
    upt_id = _upt_id(slug) if slug else None
    started = time.perf_counter()
    report = stock_flows.verify(upt_id=upt_id, since_close=since_close)
    seconds = time.perf_counter() - started
    click.echo(
        f"Diperiksa: {report.entries} entri dalam {report.chains} rantai, {report.balances} saldo,"
        f" {report.holds} penahanan; {seconds:.1f} detik."
    )
    click.echo(
        f"Dibandingkan: {report.heads} ujung harian yang diumumkan,"
        f" {report.periods} bulan yang ditutup."
    )
    _say_faults(report.faults)
    wrong = stock_papers.faults(upt_id=upt_id)
    for fault in wrong:
        click.echo(f"SALAH {fault}", err=True)
    if report.faults or wrong:
        raise SystemExit(1)
    click.echo("Buku stok utuh. Kasir, opname, kiriman, dan pameran cocok dengannya.")


@commands.command("export")
@click.option("--upt", "slug", required=True, help="Address part of the UPT.")
@click.option("--out", "path", type=click.Path(path_type=Path), help="File; the screen without it.")
def export(slug: str, path: Path | None) -> None:
    """Write a UPT's whole ledger as one file that docs/ledger/check_ledger.py checks offline."""
    lines = stock_flows.export_ledger(upt_id=_upt_id(slug), at=clock.now())
    if path is None:
        for line in lines:
            sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
        return
    partial = path.with_name(f".{path.name}.partial")
    count = 0
    try:
        with partial.open("wb") as stream:
            for line in lines:
                stream.write(line)
                count += 1
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    click.echo(f"{path}: {count} baris, {path.stat().st_size} bita.")


@heads.command("publish")
def publish() -> None:
    """Sign and publish today's heads; a repeat changes nothing."""
    try:
        root = stock_flows.publish_heads(at=clock.now())
    except HeadsDiffer as refusal:
        raise click.ClickException(messages.for_error(refusal)) from None
    if root is None:
        click.echo("Belum ada buku stok yang dimulai.")
        return
    click.echo(f"{root.day.isoformat()}: {root.heads} ujung, akar {root.merkle}")
    click.echo(f"Kunci {root.key}")


@heads.command("key")
def key() -> None:
    """Print the public key that signs daily heads and exports."""
    click.echo(stock_ports.signer().key)


@commands.command("watch")
@click.option("--whole", is_flag=True, help="Replay everything instead of new entries only.")
def watch(whole: bool) -> None:
    """Compare figures with the ledger now, as the worker does; exit 1 on any difference."""
    at = clock.now()
    if whole:
        reports = [stock_flows.check_whole(at=at)]
    else:
        reports = [stock_flows.check_news(at=at), stock_flows.check_quiet(at=at)]
    upts, entries = sum(one.upts for one in reports), sum(one.entries for one in reports)
    differences = sum(one.differences for one in reports)
    click.echo(f"Dibandingkan: {upts} UPT, {entries} entri; {differences} selisih.")
    if differences:
        raise SystemExit(1)


@commands.command("rebuild")
@click.option("--upt", "slug", required=True, help="Address part of the UPT.")
@click.option("--dry-run", is_flag=True, help="Only show the differences (the default).")
@click.option("--approve", "reason", help="Repair, for this reason; it goes into the audit trail.")
@click.option(
    "--by", "email", help="Account that answers for it: stock.close there, or audit.view."
)
def rebuild(slug: str, dry_run: bool, reason: str | None, email: str | None) -> None:
    """Compute balances, holds and head from the ledger; show what differs, or repair it."""
    if reason is not None and (dry_run or not email or not reason.strip()):
        raise click.UsageError("--approve butuh alasan dan --by, dan tidak bersama --dry-run.")
    actor = _person(email) if reason is not None and email else system("ledger-rebuild")
    started = time.perf_counter()
    try:
        report = stock_flows.rebuild(
            actor=actor,
            upt_id=_upt_id(slug),
            reason=(reason or "").strip(),
            is_dry=reason is None,
            at=clock.now(),
        )
    except LedgerBroken as refusal:
        _say_faults(refusal.faults)
        raise click.ClickException(messages.for_error(refusal)) from None
    except (NotAllowed, NotFound):
        raise click.ClickException(
            f"{email} tidak berhak: perlu stock.close di UPT ini atau audit.view."
        ) from None
    _say_rebuild(report, seconds=time.perf_counter() - started)
    if report.count and not report.was_repaired:
        raise SystemExit(1)


def _say_rebuild(report: RebuildReport, *, seconds: float) -> None:
    click.echo(
        f"Dihitung ulang: {report.entries} entri, {report.balances} saldo,"
        f" {report.holds} penahanan; {seconds:.1f} detik."
    )
    for difference in report.differences:
        click.echo(
            f"BEDA {difference.subject}: menurut catatan {difference.ledger_figure or '-'},"
            f" tersimpan {difference.stored_figure or '-'}"
        )
    if report.count > len(report.differences):
        click.echo(f"… dan {report.count - len(report.differences)} lagi")
    if not report.count:
        click.echo("Tidak ada selisih.")
    elif report.was_repaired:
        click.echo(f"{report.count} selisih diperbaiki dan dicatat di jejak audit.")
    else:
        click.echo(f"{report.count} selisih. Tidak ada yang diubah; lihat --approve.")


def _person(email: str) -> Actor:
    found = identity_queries.find_actor(email=email, at=clock.now())
    if found is None:
        raise click.ClickException(f"{email}: tidak ada akun aktif dengan alamat ini.")
    return found


def _upt_id(slug: str) -> int:
    upt_id = upt_queries.find_id_by_slug(slug=slug)
    if upt_id is None:
        raise click.ClickException(f"{slug}: tidak ada UPT dengan alamat ini.")
    return upt_id


def _say_faults(faults: Iterable[Fault]) -> None:
    told = tuple(faults)
    names = _names({fault.upt_id for fault in told}, clock.now().date())
    for fault in told:
        where = names.get(fault.upt_id, f"UPT {fault.upt_id}")
        number = "" if fault.sequence is None else f" #{fault.sequence}"
        click.echo(f"SALAH {where}{number} [{fault.code}] {fault.what}", err=True)


def _names(upt_ids: set[int], today: date) -> dict[int, str]:
    found = upt_queries.records(upt_ids=upt_ids - {stock_flows.NATION}, on=today)
    names = {upt_id: record.slug for upt_id, record in found.items()}
    return {**names, stock_flows.NATION: "nasional"}
