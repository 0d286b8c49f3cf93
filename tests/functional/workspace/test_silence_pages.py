"""Silence on the pages: proposed with an instant in every zone, accepted, told on home, broken."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

from tests.support.desk import Stage
from tests.support.scenes import act, item_page, plain, proposed
from tests.support.visitors import Visitor

Visit = Callable[[str], Visitor]
_UNTIL = re.compile(r'name="until" value="([^"]+)"')


def _chosen(page: str) -> str:
    found = _UNTIL.search(page)
    assert found, "the page offers no instant"
    return unescape(found[1])


def test_silence_is_proposed_accepted_and_broken_on_the_pages(stage: Stage, visit: Visit) -> None:
    key = proposed(stage)
    lead, other, expert = visit("washington-lead"), visit("astana-lead"), visit("astana-expert-1")
    form = lead.get(f"recommendations/{key}/acts/propose-silence").text
    assert "1 working day in every capital" in plain(form)
    for nothing in ("", "soon", "2009-10-15", "9999-12-31T23:59:59+00:00"):
        assert act(lead, key, "propose-silence", until=nothing).status_code == 422
    until = _chosen(form)
    assert act(lead, key, "propose-silence", until=until).status_code == 302
    assert "is proposed" in plain(item_page(other, key))
    assert "accept or refuse it for your group" in plain(other.get("").text)
    accepting = other.get(f"recommendations/{key}/acts/accept-silence").text
    assert _chosen(accepting) == until
    assert act(other, key, "accept-silence", until=until).status_code == 302
    page = plain(item_page(expert, key))
    assert ("The text is frozen." in page, "Washington / " in page) == (True, True)
    assert "object or suggest other words before" in plain(expert.get("").text)
    assert act(lead, key, "recall", reason="Wait.").status_code == 409
    assert act(expert, key, "position", stand="object", reason="No date.").status_code == 302
    page = plain(item_page(expert, key))
    assert ("Silence is broken." in page, "You broke silence on" in page) == (True, True)
