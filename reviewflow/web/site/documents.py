"""The documents of publications as readers download them."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Response, current_app, redirect, request
from flask.typing import ResponseReturnValue

from reviewflow.domain.errors import NotFound
from reviewflow.domain.symbols import parse_symbol
from reviewflow.gateways.citations import FILES, with_root
from reviewflow.gateways.lists import publication_address
from reviewflow.gateways.pages import FORMATS, document_address
from reviewflow.queries.public import StoredDocument
from reviewflow.web.site.answers import CACHE_CONTROL, reader

#: The bytes under such an address are the same for ever.
_IMMUTABLE = "public, max-age=31536000, immutable"
#: Browsers show a PDF by themselves; HTML of its own style would lose it under our policy.
_SHOWN = frozenset({"application/pdf", "image/png"})


def register(site: Blueprint) -> None:
    """Attach the documents: the address of a page, or a symbol's, and the ending of a file name."""
    endings = ",".join(FORMATS)
    site.add_url_rule("/publications/<path>.<ending>", "document", document)
    site.add_url_rule(f"/symbols/<path:symbol>.<any({endings}):ending>", "document_of_symbol", of_symbol)


def document(path: str, ending: str) -> ResponseReturnValue:
    """The stored bytes of a publication in one format, in one statement."""
    if ending in FILES:
        return _citation(path, ending)
    found = reader().document(path, ending)
    if found is None:
        raise NotFound()
    if found.body is None:
        return _moved(found, ending)
    response = Response(found.body, content_type=found.media_type)
    response.set_etag(found.sha256)
    response.headers["Cache-Control"] = _IMMUTABLE
    shown = "inline" if found.media_type in _SHOWN else "attachment"
    response.headers.set("Content-Disposition", shown, filename=found.filename)
    if found.media_type == "image/png":
        # The picture is made to be shown by other sites.
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    # The page is where a text is at home (RFC 6596): it also says what has become of it since.
    root = current_app.config["REVIEWFLOW_PUBLIC_URL"]
    response.headers["Link"] = f'<{root}{publication_address(path)}>; rel="canonical"'
    return cast(Response, response.make_conditional(request.environ))


def _citation(path: str, ending: str) -> Response:
    """A stored citation, with the address at which this site is found."""
    page = reader().page(f"{path}.{ending}")
    if page is None:
        raise NotFound()
    body = with_root(page.body, current_app.config["REVIEWFLOW_PUBLIC_URL"])
    response = Response(body, content_type=FILES[ending])
    response.add_etag()
    response.headers["Cache-Control"] = CACHE_CONTROL
    response.headers.set("Content-Disposition", "attachment", filename=f"{path}.{ending}")
    return cast(Response, response.make_conditional(request.environ))


def of_symbol(symbol: str, ending: str) -> ResponseReturnValue:
    """From a symbol that the text has ever had to the permanent address of its document."""
    parsed = parse_symbol(symbol)
    found = reader().document(str(parsed).upper(), ending) if parsed else None
    if found is None:
        raise NotFound()
    return _moved(found, ending)


def _moved(found: StoredDocument, ending: str) -> Response:
    """Symbols are never given twice, so the way from one to its document stays as it is."""
    response = cast(Response, redirect(document_address(found.path, ending), 301))
    response.headers["Cache-Control"] = CACHE_CONTROL
    return response
