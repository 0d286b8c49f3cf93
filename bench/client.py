"""The load: keep-alive connections over plain sockets, in a process of its own, bounded in count and time.

A job comes as JSON on the standard input and its result goes as JSON to the standard output, so that
the client's work is never done by the process that measures. It talks to the loopback address only.
"""

from __future__ import annotations

import json
import re
import secrets
import selectors
import socket
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

HOST = "127.0.0.1"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def run(job: dict[str, Any]) -> dict[str, Any]:
    """Do a job in a new process and return its result."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.client"],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        timeout=job["seconds"] + 60,
    )
    if done.returncode:
        raise RuntimeError(f"the client failed:\n{done.stderr}")
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _main() -> None:
    job = json.load(sys.stdin)
    print(json.dumps(_read(job) if job["kind"] == "read" else _cycles(job)))


@dataclass(slots=True)
class Answer:
    """An answer to a request."""

    status: int
    head: bytes
    body: bytes


def _complete(received: bytes) -> Answer | None:
    """The answer, if all of it has arrived."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return None
    found = _LENGTH.search(received, 0, end + 2)
    length = int(found[1]) if found else 0
    if len(received) < end + 4 + length:
        return None
    return Answer(int(received[9:12]), received[:end], received[end + 4 :])


def summary(milliseconds: list[float]) -> dict[str, float]:
    """Median, 95th percentile and number."""
    ordered = sorted(milliseconds)
    return {
        "p50": statistics.median(ordered),
        "p95": ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))],
        "count": len(ordered),
    }


def _read(job: dict[str, Any]) -> dict[str, Any]:
    """GET the paths in turn over some connections, each with one request on its way."""
    cookie = f"Cookie: {job['cookie']}\r\n" if job.get("cookie") else ""
    requests = [
        f"GET {path} HTTP/1.1\r\nHost: {HOST}:{job['port']}\r\n{cookie}\r\n".encode() for path in job["paths"]
    ]
    chosen = selectors.DefaultSelector()
    began: dict[socket.socket, float] = {}
    buffers: dict[socket.socket, bytes] = {}
    sent = 0

    def send(connection: socket.socket) -> None:
        nonlocal sent
        buffers[connection] = b""
        began[connection] = time.perf_counter()
        connection.sendall(requests[sent % len(requests)])
        sent += 1

    start = time.perf_counter()
    for _ in range(job["connections"]):
        connection = socket.create_connection((HOST, job["port"]), timeout=30)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        chosen.register(connection, selectors.EVENT_READ)
        send(connection)
    times: list[float] = []
    size, waiting = 0, job["connections"]
    while waiting:
        ready = chosen.select(timeout=30)
        if not ready:
            raise TimeoutError("no answer in 30 seconds")
        for key, _ in ready:
            connection = key.fileobj  # type: ignore[assignment]  # only sockets are registered
            piece = connection.recv(262_144)
            if not piece:
                raise ConnectionError("the server closed the connection")
            buffers[connection] += piece
            answer = _complete(buffers[connection])
            if answer is None:
                continue
            now = time.perf_counter()
            times.append((now - began[connection]) * 1000)
            if answer.status != 200:
                raise RuntimeError(f"{answer.status} for one of {job['paths'][:3]}")
            size = len(answer.body)
            if now - start < job["seconds"] and sent < job["limit"]:
                send(connection)
            else:
                chosen.unregister(connection)
                connection.close()
                waiting -= 1
    seconds = time.perf_counter() - start
    return {"rate": len(times) / seconds, "bytes": size, **summary(times)}


@dataclass
class Person:
    """Somebody who is signed in: the cookie of the session, and the token of its forms."""

    cookie: str
    token: str


@dataclass
class Browser:
    """One keep-alive connection that sends forms as a browser does."""

    port: int
    connection: socket.socket = field(init=False)

    def __post_init__(self) -> None:
        self.connection = socket.create_connection((HOST, self.port), timeout=30)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, method: str, path: str, cookie: str = "", form: Any = None) -> Answer:
        body = urlencode(form or (), doseq=True).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: {HOST}:{self.port}\r\n"
        if cookie:
            head += f"Cookie: {cookie}\r\n"
        if form is not None:
            head += "Content-Type: application/x-www-form-urlencoded\r\n"
            head += f"Content-Length: {len(body)}\r\n"
        self.connection.sendall(head.encode() + b"\r\n" + body)
        received = b""
        while (answer := _complete(received)) is None:
            piece = self.connection.recv(262_144)
            if not piece:
                raise ConnectionError("the server closed the connection")
            received += piece
        return answer


def sign_in(port: int, email: str, password: str, home: str) -> Person:
    """Sign somebody in through the form."""
    browser = Browser(port)
    page = browser.ask("GET", "/desk/sign-in")
    form = {"email": email, "password": password, "csrf_token": _token(page)}
    answer = browser.ask("POST", "/desk/sign-in", _cookie(page), form)
    if answer.status != 302:
        raise RuntimeError(f"nobody signed in: {answer.status}")
    cookie = _cookie(answer)
    page = browser.ask("GET", home, cookie)
    return Person(_cookie(page) or cookie, _token(page))


def open_form(port: int, path: str) -> tuple[str, str]:
    """The cookies and the token of a page's form, for who has not signed in."""
    page = Browser(port).ask("GET", path)
    return _cookie(page), _token(page)


def _token(page: Answer) -> str:
    found = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', page.body)
    if found is None:
        raise RuntimeError(f"a page of status {page.status} has no form")
    return found[1].decode()


def _cookie(answer: Answer) -> str:
    """All cookies that an answer sets, as a browser gives them back."""
    found = re.findall(rb"\r\nset-cookie: *([^;\r]+)", answer.head, re.IGNORECASE)
    return b"; ".join(found).decode()


def _cycles(job: dict[str, Any]) -> dict[str, Any]:
    """Whole review cycles: each client takes one item after the other through every step.

    A step is {name, who, path, form}; `{key}` in its path is the item, learnt from where the first step's
    answer leads. Signing in is done before the clock starts.
    """
    people = {
        name: sign_in(job["port"], email, job["password"], job["home"])
        for name, email in job["people"].items()
    }
    times: dict[str, list[float]] = {step["name"]: [] for step in job["steps"]}
    failures: list[str] = []
    left = threading.Semaphore(job["limit"])
    # Opened before the clock starts.
    browsers = [Browser(job["port"]) for _ in range(job["clients"])]
    cookies = [{name: person.cookie for name, person in people.items()} for _ in browsers]
    start = time.perf_counter()
    done = [0] * job["clients"]

    def work(number: int) -> None:
        try:
            while time.perf_counter() - start < job["seconds"] and left.acquire(blocking=False):
                _one_cycle(job, people, browsers[number], cookies[number], times)
                done[number] += 1
        except Exception as error:
            failures.append(f"{type(error).__name__}: {error}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(job["clients"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - start
    if failures:
        raise RuntimeError(failures[0])
    return {
        "rate": sum(done) / seconds,
        "cycles": sum(done),
        "steps": {name: summary(found) for name, found in times.items()},
        "all": summary([value for found in times.values() for value in found]),
    }


def _one_cycle(
    job: dict[str, Any],
    people: dict[str, Person],
    browser: Browser,
    cookies: dict[str, str],
    times: dict[str, list[float]],
) -> None:
    key = ""
    for step in job["steps"]:
        who = step["who"]
        form = {
            name: value.format(number=secrets.token_hex(4)) if name == "title" else value
            for name, value in step["form"].items()
        }
        form["csrf_token"] = people[who].token
        began = time.perf_counter()
        answer = browser.ask("POST", step["path"].format(key=key), cookies[who], form)
        times[step["name"]].append((time.perf_counter() - began) * 1000)
        if answer.status not in (302, 303):
            raise RuntimeError(f"{step['name']} was answered with {answer.status}: {answer.body[:2000]!r}")
        # What the answer wants to say on the next page is in the cookie; nobody looks at that page here.
        if not key:
            found = re.search(
                rb"\r\nlocation: *[^\r]*/recommendations/([^/\r?]+)", answer.head, re.IGNORECASE
            )
            if found is None:
                raise RuntimeError(f"{step['name']} did not lead to an item")
            key = found[1].decode()


if __name__ == "__main__":
    _main()
