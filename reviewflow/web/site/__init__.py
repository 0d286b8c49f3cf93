"""The public site: the published texts, their lists, feeds and maps, at the root."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Flask

from reviewflow.domain.permissions import Permission
from reviewflow.web.doors import allowed
from reviewflow.web.site import answers, commitments, documents, feeds, pages, security, verify

site = Blueprint("site", __name__)
# An import rule keeps everything but publications from it, so whatever is added is for everybody.
allowed(Permission.READ_PUBLIC)(site)
site.record_once(lambda state: answers.install(cast(Flask, state.app)))
pages.register(site)
commitments.register(site)
documents.register(site)
feeds.register(site)
security.register(site)
verify.register(site)
