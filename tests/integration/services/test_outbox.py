"""The outbox: each mail goes once, waits longer after each failure, and is not sent too late."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from reviewflow.gateways import clock
from reviewflow.gateways.mail import Mail, sender
from reviewflow.services import notices, outbox
from reviewflow.services.transaction import transaction
from reviewflow.worker import look
from tests.support import scenes
from tests.support.desk import BEGIN, Stage

AT = datetime(2009, 10, 14, 14, 0, tzinfo=UTC)


def _put(recipient: str, hours: int = 1) -> None:
    with transaction() as work:
        outbox.put(work, recipient, "Тақырып", "Мәтін\n", work.now + timedelta(hours=hours))


def test_mail_goes_once_and_in_order(app: Flask) -> None:
    sent: list[str] = []
    with app.app_context(), clock.set_to(AT):
        for name in ("a@example.org", "b@example.org"):
            _put(name)
        assert outbox.send_due(lambda mail: sent.append(mail.recipient)) == 2
        assert outbox.send_due(lambda mail: sent.append(mail.recipient)) == 0
    assert sent == ["a@example.org", "b@example.org"]


def test_subject_is_cut_to_what_is_stored(app: Flask) -> None:
    with app.app_context():
        with transaction() as work:
            outbox.put(work, "a@example.org", "Ә" * 250, "Мәтін\n", work.now + timedelta(hours=1))
        assert [mail.subject for mail in outbox.waiting()] == ["Ә" * 200]


def test_mail_that_is_not_taken_waits_longer_each_time_and_is_the_same(app: Flask) -> None:
    tried: list[str] = []

    def refuse(mail: Mail) -> None:
        tried.append(mail.message_id)
        raise ConnectionRefusedError

    with app.app_context():
        with clock.set_to(AT):
            _put("a@example.org")
        for minutes, attempts in ((0, 1), (0.9, 1), (1, 2), (2.9, 2), (3, 3), (7, 4)):
            with clock.set_to(AT + timedelta(minutes=minutes)):
                assert outbox.send_due(refuse) == 0
                assert len(tried) == attempts
        with clock.set_to(AT + timedelta(hours=1, seconds=1)):
            assert outbox.send_due(refuse) == 0
    assert (len(tried), len(set(tried))) == (4, 1)


def test_two_workers_send_a_mail_once(app: Flask) -> None:
    sent: list[str] = []
    start = threading.Barrier(3)

    def work() -> None:
        start.wait()
        with app.app_context(), clock.set_to(AT):
            outbox.send_due(lambda mail: sent.append(mail.recipient))

    with app.app_context(), clock.set_to(AT):
        for number in range(5):
            _put(f"{number}@example.org")
    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sent) == [f"{number}@example.org" for number in range(5)]


class _Server(socketserver.ThreadingTCPServer):
    """A mail server that takes everything."""

    taken: list[bytes]


class _Session(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            if line.upper().startswith(b"DATA"):
                self.wfile.write(b"354 go on\r\n")
                read = iter(self.rfile.readline, b".\r\n")
                self.server.taken.append(b"".join(read))
            self.wfile.write(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 ok\r\n")


@pytest.fixture
def server() -> Iterator[_Server]:
    with _Server(("127.0.0.1", 0), _Session) as running:
        running.taken = []
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


def test_worker_mails_what_waits(app: Flask, server: _Server) -> None:
    stage = Stage(app)
    stage.at(0, notices.choose, stage.cast["astana-lead"].person_id, "at_once")
    scenes.proposed(stage)
    app.config["REVIEWFLOW_MAIL_FROM"] = "desk@example.org"
    for url, taken in (("", 0), (f"smtp://127.0.0.1:{server.server_address[1]}", 1)):
        app.config["REVIEWFLOW_SMTP_URL"] = url
        with clock.set_to(BEGIN + timedelta(hours=2)):
            assert [look(app), look(app), look(app)] == [taken, taken, 0]
        assert len(server.taken) == taken
    assert b"To: astana-lead@uskz.example.org" in server.taken[0]


def test_mail_reaches_a_server(server: _Server) -> None:
    send = sender(f"smtp://127.0.0.1:{server.server_address[1]}", "desk@example.org")
    send(Mail("<1@reviewflow>", "a@example.org", "Тақырып", "Мәтін\n", AT))
    (taken,) = server.taken
    head = taken.split(b"\r\n\r\n")[0].decode()
    for line in (
        "From: desk@example.org",
        "To: a@example.org",
        "Message-ID: <1@reviewflow>",
        "Date: Wed, 14 Oct 2009 14:00:00 +0000",
        "Auto-Submitted: auto-generated",
    ):
        assert line in head.split("\r\n")
