"""A reader asks /verify for a file: with scripts it stays on their machine, without it is sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import House
from tests.support.packs import SECRET, make_packs, stored_pack
from tests.support.scenes import published

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [True, False])
def test_pack_is_looked_up_from_the_page_of_its_text(house: House, scripts: bool, tmp_path: Path) -> None:
    published(house.stage)
    with house.stage.app.app_context():
        make_packs(SECRET)
        (tmp_path / "pack.zip").write_bytes(stored_pack())
    (tmp_path / "letter.txt").write_text("Dear reader")
    reader = house.reader(scripts=scripts)
    sent: list[str] = []
    reader.page.on("request", lambda request: sent.append(request.method))
    reader.go("/publications")
    reader.page.get_by_role("link", name="A public timetable").click()
    reader.link("how that goes").click()
    for file, answer in (
        ("pack.zip", "Yes, unchanged to the last byte"),
        ("letter.txt", "No: nothing with this digest was published here"),
    ):
        reader.page.get_by_label("Document or evidence pack").set_input_files(tmp_path / file)
        reader.page.get_by_label("Document or evidence pack").press("Tab")
        reader.page.keyboard.press("Enter")
        expect(reader.page.get_by_role("heading", name=answer)).to_be_visible()
        if scripts:
            reader.look(phone=True)
    assert ("POST" in sent) is not scripts
    with reader.expecting(422):
        reader.page.get_by_label("SHA-256").fill("no digest")
        reader.page.get_by_label("SHA-256").press("Enter")
        expect(reader.page.get_by_text("This is no SHA-256")).to_be_visible()
    expect(reader.page.get_by_label("SHA-256")).to_have_value("no digest")
