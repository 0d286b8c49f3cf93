"""How the public site answers: bytes with a validator, made anew only when something was published."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterable
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple, cast

from flask import Flask, Response, current_app, request
from werkzeug.http import parse_etags
from werkzeug.sansio.utils import host_is_trusted

from reviewflow.gateways import pages
from reviewflow.gateways.citations import with_root
from reviewflow.gateways.lists import publication_address
from reviewflow.queries import public
from reviewflow.web.compression import SMALLEST, compressed, is_asked

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Readers and proxies may show a page for a minute, and then must ask whether it is still true.
CACHE_CONTROL = "public, max-age=60, must-revalidate"
HTML = "text/html; charset=utf-8"

#: How many made pages a process remembers, and how large the largest of them may be.
_REMEMBERED = 256
_LARGEST = 256 * 1024
_PUBLICATION = "/publications/"


class Answer(NamedTuple):
    """A page as it is served; `canonical` is its one address, from the site's root, empty for a feed."""

    body: bytes
    etag: str
    content_type: str = HTML
    canonical: str = ""

    def link(self, root: str) -> list[tuple[str, str]]:
        """The header that says where this page is at home (RFC 6596), whichever host it was asked from.

        Pages are stored, and the public address is the installation's: so it stands outside of them.
        """
        return [("Link", f'<{root}{self.canonical}>; rel="canonical"')] if self.canonical else []


class Remembered:
    """Made pages of this process, by address, each with the value that it was made from.

    It never answers from memory alone: who asks brings the value that the database has now, and a page
    made from another one counts as unknown.
    """

    def __init__(self) -> None:
        self._answers: OrderedDict[str, tuple[object, Answer]] = OrderedDict()
        self._lock = Lock()

    def __contains__(self, address: str) -> bool:
        return address in self._answers

    def get(self, address: str, made_from: object) -> Answer | None:
        """The page of an address, if it was made from an equal value."""
        known = self._answers.get(address)
        return known[1] if known is not None and known[0] == made_from else None

    def keep(self, address: str, made_from: object, answer: Answer) -> None:
        """Remember a page that is not too large; the longest known one is forgotten for it."""
        if len(answer.body) > _LARGEST:
            return
        with self._lock:
            self._answers[address] = (made_from, answer)
            self._answers.move_to_end(address)
            while len(self._answers) > _REMEMBERED:
                self._answers.popitem(last=False)


class Front:
    """Answers visits to what is there already, before the application starts its work for a visit.

    A published page is stored bytes, and nothing about the visitor changes them: opening a session,
    finding out who is signed in and matching routes would take longer than reading the page. Only a
    plain GET or HEAD of a stored page, or of a list made from the present state, is answered here.
    All else goes on to the application: what is unknown, and what has yet to be made.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._next: WSGIApplication = app.wsgi_app
        self._reader: public.Reader | None = None
        self._headers: list[tuple[str, str]] = []
        self._hosts: set[str] = set()
        self.remembered = Remembered()

    @property
    def reader(self) -> public.Reader:
        """The way to the database, opened by the first visit, after a server has started its processes."""
        if self._reader is None:
            with self._app.app_context():
                self._reader = public.Reader()
        return self._reader

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer, or go on."""
        method = environ["REQUEST_METHOD"]
        if (method == "GET" or method == "HEAD") and self._is_trusted(environ.get("HTTP_HOST", "")):
            answer = self._find(environ["PATH_INFO"], environ.get("QUERY_STRING", ""))
            if answer is not None:
                return self._send(answer, environ, start_response, method)
        return self._next(environ, start_response)

    def stored(self, name: str, page: public.Page) -> Answer:
        """A stored page as it is served: its addresses within other sites begin with this one's."""
        body = with_root(page.body, self._app.config["REVIEWFLOW_PUBLIC_URL"])
        return Answer(body, page.etag, canonical=publication_address(name))

    def _is_trusted(self, host: str) -> bool:
        """Whether the application would answer to this host; the few that it does are remembered."""
        if host in self._hosts:
            return True
        trusted = self._app.config.get("TRUSTED_HOSTS")
        if trusted is not None and not host_is_trusted(host, trusted):
            return False
        if len(self._hosts) < 100:
            self._hosts.add(host)
        return True

    def _find(self, path: str, query: str) -> Answer | None:
        if path.startswith(_PUBLICATION):
            # WSGI hands paths over as Latin-1 of their bytes; what is no UTF-8 is no page either.
            name = path[len(_PUBLICATION) :].encode("latin-1").decode("utf-8", "replace")
            if "." in name:
                # A document: no page's path has a dot.
                return None
            page = self.reader.page(name)
            if page is None or not page.etag:
                return None
            return self.stored(name, page)
        address = f"{path}?{query}" if query else path
        if address not in self.remembered:
            return None
        return self.remembered.get(address, self.reader.task_forces())

    def _send(
        self, answer: Answer, environ: WSGIEnvironment, start_response: StartResponse, method: str
    ) -> Iterable[bytes]:
        if not self._headers:
            self._headers = _common_headers(self._app)
        smaller = len(answer.body) >= SMALLEST and is_asked(environ.get("HTTP_ACCEPT_ENCODING", ""))
        # Weak: in two encodings, it is the same page in other bytes (RFC 9110, 8.8.1).
        etag = f'W/"{answer.etag}"' if smaller else f'"{answer.etag}"'
        headers = [*self._headers, ("ETag", etag), ("Cache-Control", CACHE_CONTROL)]
        headers.append(("Vary", "Accept-Encoding"))
        headers += answer.link(self._app.config["REVIEWFLOW_PUBLIC_URL"])
        asked = environ.get("HTTP_IF_NONE_MATCH")
        if asked is not None and parse_etags(asked).contains_weak(answer.etag):
            start_response("304 NOT MODIFIED", headers)
            return ()
        body = answer.body
        if smaller:
            body = compressed(self._app).of(answer.etag, body)
            headers.append(("Content-Encoding", "gzip"))
        headers.append(("Content-Type", answer.content_type))
        headers.append(("Content-Length", str(len(body))))
        start_response("200 OK", headers)
        return () if method == "HEAD" else (body,)


def _common_headers(app: Flask) -> list[tuple[str, str]]:
    """What the application adds to every answer, asked from itself, so that it is said in one place."""
    with app.test_request_context("/publications/"):
        response = app.process_response(app.response_class())
    own = {"content-type", "content-length", "set-cookie", "vary", "etag", "cache-control"}
    return [(name, value) for name, value in response.headers if name.lower() not in own]


def install(app: Flask) -> None:
    """Put the front before an application."""
    front = Front(app)
    app.wsgi_app = front  # type: ignore[method-assign]  # Flask's documented place for it
    app.extensions["reviewflow_public_front"] = front
    # The members' pages know nothing of the public site, and share one file of refusals with it.
    app.extensions["reviewflow_public_refusal"] = refusal


def _front() -> Front:
    return cast(Front, current_app.extensions["reviewflow_public_front"])


def reader() -> public.Reader:
    """The reads of the public site."""
    return _front().reader


def stored(path: str, page: public.Page) -> Response:
    """A stored page, as the front would have answered with it."""
    return respond(_front().stored(path, page))


def refusal(title: str, message: str) -> bytes | None:
    """What happened, as a page of the site; None where there is no task force to show it."""
    everybody = reader().task_forces()
    return pages.missing_page(everybody[0], title, message) if everybody else None


def made(address: str, made_from: object, make: Callable[[], bytes], content_type: str = HTML) -> Response:
    """The page of an address, made now unless it is remembered from an equal `made_from`."""
    remembered = _front().remembered
    answer = remembered.get(address, made_from)
    if answer is None:
        body = make()
        canonical = address if content_type == HTML else ""
        answer = Answer(body, hashlib.sha256(body).hexdigest()[:32], content_type, canonical)
        remembered.keep(address, made_from, answer)
    return respond(answer)


def respond(answer: Answer) -> Response:
    """The bytes with their ETag, or 304 for who has them already."""
    response = Response(answer.body, content_type=answer.content_type)
    response.set_etag(answer.etag)
    response.headers["Cache-Control"] = CACHE_CONTROL
    response.headers.extend(answer.link(current_app.config["REVIEWFLOW_PUBLIC_URL"]))
    return cast(Response, response.make_conditional(request.environ))
