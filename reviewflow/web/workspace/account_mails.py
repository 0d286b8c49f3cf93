"""What the owner of an account is mailed when what lets them in has changed, so that a thief is noticed."""

from __future__ import annotations

from flask import current_app, request, url_for

from reviewflow.web.devices import device_name
from reviewflow.web.language import gettext as _


def changed(what: str) -> tuple[str, str]:
    """Subject and text of the mail; `what` is a sentence without words that somebody chose.

    Who did it may not be the owner, so nothing that was typed stands in it.
    """
    return _("Your account has changed"), _(
        "%(what)s It was done in this browser: %(browser)s."
        "\n\nIf it was you, there is nothing to do."
        "\n\nIf it was not you, somebody else is in your account. Choose another password at once:\n%(link)s"
        "\n\nThat signs every browser out and ends all tokens, and you say which passkeys are yours.\n",
        what=what,
        browser=device_name(request.user_agent.string) or _("unknown"),
        link=current_app.config["REVIEWFLOW_PUBLIC_URL"] + url_for("resets.forgotten"),
    )
