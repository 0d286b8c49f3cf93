"""What texts are about and what is attached to them, in words."""

from __future__ import annotations

from reviewflow.gateways.translations import marked as _

#: The dimensions, in the OSCE's order.
DIMENSIONS = {
    "politico-military": _("Politico-military dimension"),
    "economic-environmental": _("Economic and environmental dimension"),
    "human": _("Human dimension"),
    "cross-dimensional": _("Cross-dimensional"),
}
ADDRESSEES = {
    "kazakhstan": _("Government of Kazakhstan"),
    "united-states": _("Government of the United States"),
    "chairmanship": _("OSCE Chairmanship"),
    "participating-states": _("OSCE participating States"),
    "odihr": _("ODIHR"),
    "osce-institutions": _("OSCE institutions and field operations"),
}
COMMITMENTS = {
    "madrid-media": _("Madrid pledge on the media law (2007)"),
    "madrid-elections": _("Madrid pledge on the election law (2007)"),
    "madrid-parties": _("Madrid pledge on political parties (2007)"),
    "madrid-odihr": _("Madrid pledge on ODIHR (2007)"),
    "helsinki-1975": _("Helsinki Final Act (1975)"),
    "copenhagen-1990": _("Copenhagen Document (1990)"),
    "moscow-1991": _("Moscow Document (1991)"),
    "istanbul-1999": _("Istanbul Document (1999)"),
}
STATEMENT_KINDS = {
    "interpretative": _("Interpretative statement"),
    "reservation": _("Reservation"),
    "dissent": _("Dissent"),
}
#: Kinds of texts in words.
KINDS = {
    "recommendation": _("Recommendation"),
    "policy_brief": _("Policy brief"),
    "policy_paper": _("Policy paper"),
}
