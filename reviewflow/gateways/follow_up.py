"""Follow-up in the words and forms of the public pages."""

from __future__ import annotations

from datetime import date

from babel.dates import format_date

from reviewflow.domain.follow_up import Implementation, ResponseKind
from reviewflow.gateways.translations import marked as _

#: How addressees respond, in the order in which the choices are offered.
RESPONSES = {
    ResponseKind.SUPPORTED: _("Supported"),
    ResponseKind.ALREADY_UNDER_WAY: _("Already under way"),
    ResponseKind.UNDER_CONSIDERATION: _("Under consideration"),
    ResponseKind.NOTED: _("Noted"),
}
#: How far a text is implemented, the furthest first.
IMPLEMENTATIONS = {
    Implementation.FULLY: _("Fully implemented"),
    Implementation.MOSTLY: _("Mostly implemented"),
    Implementation.PARTIALLY: _("Partially implemented"),
    Implementation.NOT: _("Not implemented"),
    Implementation.NOT_ASSESSED: _("Not assessed"),
}


def plain_day(day: date) -> str:
    """`24 September 2009`, of a day that belongs to no zone."""
    return format_date(day, "d MMMM y", locale="en")


#: What templates know of this.
NAMES = {"RESPONSES": RESPONSES, "IMPLEMENTATIONS": IMPLEMENTATIONS}
