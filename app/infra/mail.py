"""E-mail: one letter in two forms, sent over SMTP or laid into a folder.

A letter carries a key of ours from which its Message-ID is made: a letter that is sent again after a
lost answer is the same letter to every program that reads it. Nothing here waits for ever: each step
of the talk with a server has a time limit, and so has the whole of it.
"""

from __future__ import annotations

import hashlib
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Final, Protocol

from flask import Flask, current_app
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

_EXTENSION: Final = "karyabina.mail"

STEP_S: Final = 10.0
"""Longest silence of a server within one step."""

WHOLE_S: Final = 30.0
"""Longest talk about one letter, however busy the server looks."""

SENDER_NAME: Final = "Karyabina"


class MailRefused(Exception):
    """The server, or the shape of the address, says no for good."""


class MailUnavailable(Exception):
    """No answer, or a no that may be a yes later."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One e-mail.

    Attributes:
        key: Our own name of it, unique and permanent.
        recipient: Address of the reader.
        name: How the reader is called; may be empty.
    """

    key: str
    recipient: str
    name: str
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class StoredLetter:
    """A letter of the local outbox."""

    letter_id: str
    sent_at: datetime
    recipient: str
    subject: str
    text: str
    html: str


class Mailer(Protocol):
    """Whatever takes our letters."""

    def send(self, letter: Letter, /, *, at: datetime) -> None:
        """Hand over one letter.

        Raises:
            MailRefused: Trying again is of no use.
            MailUnavailable: Trying again later may help.
        """


def message_of(letter: Letter, *, sender: str, at: datetime) -> EmailMessage:
    """Return the letter as a message of two alternative parts.

    Raises:
        MailRefused: The address cannot stand in a header.
    """
    message = EmailMessage(policy=policy.SMTP)
    try:
        message["To"] = Address(display_name=_one_line(letter.name), addr_spec=letter.recipient)
    except (ValueError, IndexError) as error:
        raise MailRefused("address") from error
    message["From"] = Address(display_name=SENDER_NAME, addr_spec=sender)
    message["Subject"] = _one_line(letter.subject)
    message["Date"] = format_datetime(at.astimezone(UTC))
    message["Message-ID"] = f"<{_digest(letter.key)}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = "id"
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    return message


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:40]


class SmtpMailer:
    """Sends over SMTP, one connection for each letter."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        sender: str,
        user: str = "",
        password: str = "",
        security: str = "starttls",
        step_s: float = STEP_S,
        whole_s: float = WHOLE_S,
    ) -> None:
        """Use a server.

        Args:
            security: ``starttls``, ``tls`` or ``none``; with the first two the certificate is checked.
            step_s: Longest silence within one step.
            whole_s: Longest talk about one letter.
        """
        self._host, self._port, self._sender = host, port, sender
        self._user, self._password, self._security = user, password, security
        self._step_s, self._whole_s = step_s, whole_s

    def send(self, letter: Letter, /, *, at: datetime) -> None:
        """Hand the letter to the server; see ``Mailer.send``."""
        message = message_of(letter, sender=self._sender, at=at)
        try:
            with self._line() as line:
                if self._security == "starttls":
                    line.starttls(context=ssl.create_default_context())
                if self._user:
                    line.login(self._user, self._password)
                line.send_message(message, self._sender, [letter.recipient])
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise _trouble(max(codes, default=400)) from error
        except smtplib.SMTPAuthenticationError as error:
            raise MailUnavailable(f"login {error.smtp_code}") from error
        except smtplib.SMTPResponseException as error:
            raise _trouble(error.smtp_code) from error
        except smtplib.SMTPNotSupportedError as error:
            raise MailUnavailable("the server lacks what we ask for") from error
        except (OSError, smtplib.SMTPException) as error:
            raise MailUnavailable(type(error).__name__) from error

    @contextmanager
    def _line(self) -> Iterator[smtplib.SMTP]:
        """Open the line, and cut it when the whole talk takes too long."""
        if self._security == "tls":
            context = ssl.create_default_context()
            line: smtplib.SMTP = smtplib.SMTP_SSL(timeout=self._step_s, context=context)
        else:
            line = smtplib.SMTP(timeout=self._step_s)
        line._host = self._host  # type: ignore[attr-defined]  # what the certificate is checked against
        limit = threading.Timer(self._whole_s, _cut, [line])
        limit.daemon = True
        limit.start()
        try:
            code, _ = line.connect(self._host, self._port)
            if code != 220:
                raise MailUnavailable(f"greeting {code}")
            yield line
            with suppress(OSError, smtplib.SMTPException):
                line.quit()
        finally:
            limit.cancel()
            line.close()


def _cut(line: smtplib.SMTP) -> None:
    found = line.sock
    if found is not None:
        with suppress(OSError):
            found.shutdown(socket.SHUT_RDWR)


def _trouble(code: int) -> MailRefused | MailUnavailable:
    return MailRefused(f"answer {code}") if code >= 500 else MailUnavailable(f"answer {code}")


class Outbox:
    """Keeps letters as files of a folder, for the demo and for tests; nothing leaves the machine."""

    def __init__(self, folder: Path, *, sender: str) -> None:
        """Use a folder, made when the first letter comes."""
        self._folder = folder
        self._sender = sender

    def send(self, letter: Letter, /, *, at: datetime) -> None:
        """Lay the letter into the folder; the same letter again is the same file."""
        message = message_of(letter, sender=self._sender, at=at)
        self._folder.mkdir(parents=True, exist_ok=True)
        target = self._folder / f"{_digest(letter.key)}.eml"
        partial = target.with_suffix(f".{threading.get_ident()}.partial")
        partial.write_bytes(message.as_bytes())
        partial.replace(target)

    def newest(self, *, limit: int = 100) -> tuple[StoredLetter, ...]:
        """Return the newest letters, newest first."""
        files = sorted(
            self._folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns, reverse=True
        )
        return tuple(self._read(path) for path in files[:limit])

    def find(self, letter_id: str) -> StoredLetter | None:
        """Return one letter, or None."""
        if len(letter_id) != 40 or not letter_id.isalnum():
            return None
        path = self._folder / f"{letter_id}.eml"
        return self._read(path) if path.is_file() else None

    def forget(self, key: str) -> None:
        """Throw a letter away by our key."""
        (self._folder / f"{_digest(key)}.eml").unlink(missing_ok=True)

    def _read(self, path: Path) -> StoredLetter:
        message = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
        text, html = message.get_body(("plain",)), message.get_body(("html",))
        return StoredLetter(
            letter_id=path.stem,
            sent_at=message["Date"].datetime,
            recipient=str(message["To"]),
            subject=str(message["Subject"]),
            text=text.get_content() if text else "",
            html=html.get_content() if html else "",
        )


@dataclass(frozen=True, slots=True)
class PostOffice:
    """The mailer of this installation and the templates of its letters."""

    mailer: Mailer
    templates: Environment


def mailer() -> Mailer:
    """Return what takes the letters of the present application."""
    return _office().mailer


def outbox() -> Outbox | None:
    """Return the local outbox, or None where letters really leave."""
    found = _office().mailer
    return found if isinstance(found, Outbox) else None


def render(template: str, *, values: Mapping[str, Any]) -> str:
    """Return a letter's part from a template of ``templates/emails``."""
    return _office().templates.get_template(template).render(values)


def _office() -> PostOffice:
    found = current_app.extensions[_EXTENSION]
    assert isinstance(found, PostOffice)
    return found


def init_app(app: Flask, *, templates: Path, mailer: Mailer) -> None:
    """Attach the mailer and the templates; an undefined name in a template is an error."""
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    app.extensions[_EXTENSION] = PostOffice(mailer, environment)
