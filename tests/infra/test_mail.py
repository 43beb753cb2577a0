"""E-mail against a real SMTP server of our own: what arrives, and what happens when it is rude."""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email import policy
from email.parser import BytesParser
from pathlib import Path

import pytest

from app.infra.mail import Letter, MailRefused, MailUnavailable, Outbox, SmtpMailer, message_of

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
LETTER = Letter(
    key="order_placed:group:1",
    recipient="pembeli@contoh.example",
    name="Siti Contoh, “Ibu”",
    subject="Pesanan KB-1: bayar Rp185.000 – segera",
    text="Halo.\n.baris bertitik\nRp185.000 – “kutip”\n" + "panjang " * 40,
    html="<p>Halo – <b>Rp185.000</b></p>",
)


class SmtpServer(socketserver.ThreadingTCPServer):
    """Speaks enough SMTP; may answer a command with what a test wants."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(
        self, answers: dict[str, str], greeting: str = "220 siap", pause_s: float = 0
    ) -> None:
        super().__init__(("127.0.0.1", 0), SmtpTalk)
        self.answers = answers
        self.greeting = greeting
        self.pause_s = pause_s
        self.received: list[tuple[str, str, bytes]] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class SmtpTalk(socketserver.StreamRequestHandler):
    """One connection."""

    server: SmtpServer

    def say(self, line: str) -> None:
        for sign in f"{line}\r\n":
            time.sleep(self.server.pause_s)
            self.wfile.write(sign.encode())
            self.wfile.flush()

    def handle(self) -> None:
        sender = reader = ""
        try:
            if not self.server.greeting:
                time.sleep(2)
                return
            self.say(self.server.greeting)
            while raw := self.rfile.readline():
                line = raw.decode().strip()
                word = line.split(":")[0].split(" ")[0].upper()
                if word in self.server.answers:
                    self.say(self.server.answers[word])
                    continue
                if word == "MAIL":
                    sender = line[line.index("<") + 1 : line.index(">")]
                elif word == "RCPT":
                    reader = line[line.index("<") + 1 : line.index(">")]
                elif word == "DATA":
                    self.say("354 silakan")
                    body = b""
                    while (part := self.rfile.readline()) != b".\r\n":
                        body += part.removeprefix(b".")
                    self.server.received.append((sender, reader, body))
                elif word == "QUIT":
                    self.say("221 sampai jumpa")
                    return
                self.say("250 baik")
        except OSError:
            pass


@contextmanager
def smtp(greeting: str = "220 siap", pause_s: float = 0, **answers: str) -> Iterator[SmtpServer]:
    with SmtpServer(answers, greeting, pause_s) as server:
        threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()
        yield server
        server.shutdown()


def mailer(
    port: int, *, step_s: float = 2, whole_s: float = 5, security: str = "none"
) -> SmtpMailer:
    return SmtpMailer(
        host="127.0.0.1", port=port, sender="toko@karyabina.example",
        security=security, step_s=step_s, whole_s=whole_s,
    )  # fmt: skip


def test_a_letter_arrives_whole_in_two_forms_under_our_own_id() -> None:
    with smtp() as server:
        mailer(server.port).send(LETTER, at=AT)
        mailer(server.port).send(LETTER, at=AT)
    (sender, reader, raw), again = server.received
    message = BytesParser(policy=policy.default).parsebytes(raw)
    assert (sender, reader) == ("toko@karyabina.example", "pembeli@contoh.example")
    assert str(message["From"]) == "Karyabina <toko@karyabina.example>"
    assert message["To"].addresses[0].display_name == LETTER.name
    assert message["Subject"] == LETTER.subject
    assert message["Date"].datetime == AT
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@karyabina.example>")
    assert raw.split(b"Message-ID: ")[1].split()[0] == again[2].split(b"Message-ID: ")[1].split()[0]
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().replace("\r\n", "\n").strip() == LETTER.text.strip()
    assert html.get_content().strip() == LETTER.html
    assert max(len(line) for line in raw.splitlines()) <= 998


def test_newlines_in_a_name_make_no_header() -> None:
    letter = Letter("k", "a@b.example", "A\nBcc: x@b.example", "S\r\nBcc: y@b.example", "t", "h")
    message = message_of(letter, sender="toko@karyabina.example", at=AT)
    assert message["Bcc"] is None
    assert message["Subject"] == "S Bcc: y@b.example"
    for wrong in ("", "a", "a@b\r\nBcc: x@y.example"):
        with pytest.raises(MailRefused):
            message_of(Letter("k", wrong, "", "s", "t", "h"), sender="a@b.example", at=AT)


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"RCPT": "550 tidak dikenal"}, MailRefused),
        ({"RCPT": "450 nanti"}, MailUnavailable),
        ({"MAIL": "451 nanti"}, MailUnavailable),
        ({"DATA": "554 ditolak"}, MailRefused),
        ({"EHLO": "500 apa", "HELO": "421 tutup"}, MailUnavailable),
        ({"greeting": "554 tidak melayani"}, MailUnavailable),
    ],
)
def test_a_no_is_for_good_or_for_now(answers: dict[str, str], error: type[Exception]) -> None:
    with smtp(**answers) as server, pytest.raises(error) as found:  # type: ignore[arg-type]  # strings all
        mailer(server.port).send(LETTER, at=AT)
    assert "pembeli" not in str(found.value)
    assert server.received == []


def test_a_silent_and_a_dripping_server_are_left_in_time() -> None:
    for server_of, limits in (
        (smtp(greeting=""), {"step_s": 0.2}),
        (smtp(pause_s=0.05), {"step_s": 5.0, "whole_s": 0.3}),
    ):
        with server_of as server:
            started = time.monotonic()
            with pytest.raises(MailUnavailable):
                mailer(server.port, **limits).send(LETTER, at=AT)
            assert time.monotonic() - started < 1.5
    with pytest.raises(MailUnavailable):
        mailer(server.port, step_s=0.5).send(LETTER, at=AT)


def test_no_password_travels_over_a_line_that_cannot_be_closed() -> None:
    with smtp() as server, pytest.raises(MailUnavailable):
        mailer(server.port, security="starttls").send(LETTER, at=AT)
    assert server.received == []


def test_the_outbox_keeps_a_letter_once_and_forgets_it(tmp_path: Path) -> None:
    box = Outbox(tmp_path / "outbox", sender="toko@karyabina.example")
    assert box.newest() == ()
    box.send(LETTER, at=AT)
    box.send(LETTER, at=AT)
    (stored,) = box.newest()
    assert box.find(stored.letter_id) == stored
    assert stored.subject == LETTER.subject
    assert stored.html.strip() == LETTER.html
    assert stored.sent_at == AT
    for strange in ("", "../../etc/passwd", "z" * 39, "z" * 40):
        assert box.find(strange) is None
    box.forget(LETTER.key)
    box.forget(LETTER.key)
    assert box.newest() == ()
