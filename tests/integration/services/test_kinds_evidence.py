"""The evidence of a brief: its pack holds its parts, and verifies only with their very bytes."""

from __future__ import annotations

import io
import zipfile

import pytest
from flask import Flask
from sqlalchemy import select

from reviewflow.domain.faults import Fault
from reviewflow.gateways import packs
from reviewflow.persistence.db import db
from reviewflow.persistence.models.publication import PublicationDocument
from reviewflow.services import documents, evidence, publication
from tests.factories.task_forces import make_task_force
from tests.integration.services.test_kinds import approve, approved, draft
from tests.support.packs import SECRET, Taken


def test_pack_of_a_brief_proves_its_parts(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        _, digest = approved(cast, "One")
        key = draft(cast, "Brief", digest)
        approve(cast, key)
        publication.publish(cast["coordinator"], key, 1)
        documents.make_missing()
        assert evidence.make_due(SECRET) == 1
        body = db.session.scalars(
            select(PublicationDocument.body).where(PublicationDocument.format == documents.EVIDENCE)
        ).one()
        markdown = db.session.scalars(
            select(PublicationDocument.body).where(PublicationDocument.format == "md")
        ).one()
    assert f"Digest (SHA-256): {digest}" in markdown.decode()
    packs.check(body)
    with zipfile.ZipFile(io.BytesIO(body)) as pack:
        files = {name: pack.read(name) for name in pack.namelist()}
    del files[f"parts/{digest}.json"]
    with pytest.raises(Fault) as fault:
        packs.check(packs.pack(files))
    assert fault.value.code == "file_missing"
    # Whoever holds the key and forges a part is found out by the digest that was agreed to.
    for forged in (b'{"kind": "recommendation"}', Taken(body).files[f"parts/{digest}.json"] + b" "):
        taken = Taken(body)
        taken.files[f"parts/{digest}.json"] = forged
        taken.reindex()
        taken.sign()
        with pytest.raises(Fault) as fault:
            packs.check(taken.body())
        assert (fault.value.code, fault.value.where) == ("part_differs", digest)
    taken = Taken(body)
    taken.files[f"parts/{'0' * 64}.json"] = b"{}"
    taken.reindex()
    taken.sign()
    with pytest.raises(Fault) as fault:
        packs.check(taken.body())
    assert (fault.value.code, fault.value.where) == ("part_differs", "0" * 64)
