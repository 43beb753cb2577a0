"""Sending what is due: claimed in one transaction, sent outside any, marked in another."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import structlog

from app.domain.notifications import queries, rules, services
from app.domain.notifications.types import ClaimedMail, MailState, SendReport
from app.infra import db, mail

log = structlog.get_logger("mail")

ROUND: Final = 50
"""Letters of one round, so that other work of the worker gets its turn."""


def send_due(*, at: datetime, limit: int = ROUND) -> SendReport:
    """Send letters that are due, oldest first; stop at the first sign that the server is away.

    A letter leaves at least once: a worker that dies between the server's yes and our note sends it
    again after the lease, under the same Message-ID.
    """
    counts = dict.fromkeys(("sent", "skipped", "refused", "put_off"), 0)
    for _ in range(limit):
        claimed = db.transact(lambda: services.claim(at=at))
        if claimed is None:
            break
        outcome = _send(claimed, at=at)
        counts[outcome] += 1
        if outcome == "put_off":
            break
    return SendReport(**counts)


def _send(claimed: ClaimedMail, *, at: datetime) -> str:
    why = ""
    try:
        letter = _letter(claimed)
        if letter is None:
            with db.unit_of_work():
                services.mark_ended(
                    mail_id=claimed.mail_id, state=MailState.SKIPPED, why="no longer true"
                )
            return "skipped"
        db.db.session.remove()
        mail.mailer().send(letter, at=at)
    except mail.MailRefused as error:
        log.warning("mail_refused", mail_id=claimed.mail_id, why=str(error))
        with db.unit_of_work():
            services.mark_ended(mail_id=claimed.mail_id, state=MailState.REFUSED, why=str(error))
        return "refused"
    except mail.MailUnavailable as error:
        why = str(error)
    except Exception as error:
        log.exception("mail_failed", mail_id=claimed.mail_id)
        why = type(error).__name__
    if why:
        log.warning("mail_put_off", mail_id=claimed.mail_id, why=why)
        with db.unit_of_work():
            services.put_off(mail=claimed, why=why, at=at)
        return "put_off"
    with db.unit_of_work():
        services.mark_sent(mail_id=claimed.mail_id, at=at)
    return "sent"


def _letter(claimed: ClaimedMail) -> mail.Letter | None:
    story = queries.story(mail=claimed)
    contact = story.page.group.contact
    if not contact.email or not rules.is_still_true(kind=claimed.kind, story=story):
        return None
    words = rules.words(kind=claimed.kind, story=story)
    values = {"words": words, "name": contact.name, "number": story.page.group.number}
    return mail.Letter(
        key=claimed.key,
        recipient=contact.email,
        name=contact.name,
        subject=words.subject,
        text=mail.render("letter.txt", values=values),
        html=mail.render("letter.html", values=values),
    )
