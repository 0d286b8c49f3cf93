"""The public site: the published texts, their lists, feeds and maps, at the root."""

from __future__ import annotations

from flask import Blueprint

from reviewflow.web.site import feeds, pages

site = Blueprint("site", __name__)
pages.register(site)
feeds.register(site)
