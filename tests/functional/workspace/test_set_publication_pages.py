"""Setting the time of a publication, as the coordinator sees it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from reviewflow.gateways import clock
from reviewflow.services import publication
from tests.support.desk import BEGIN, Stage
from tests.support.scenes import act, approved, can_do, item_page, plain
from tests.support.visitors import Visitor

Visit = Callable[[str], Visitor]


def test_coordinator_sets_the_time_on_their_own_clock(stage: Stage, visit: Visit) -> None:
    key = approved(stage)
    with clock.set_to(BEGIN + timedelta(days=2)):
        coordinator, lead = visit("coordinator"), visit("astana-lead")
        page = coordinator.get(f"recommendations/{key}/acts/schedule").text
        assert "On your clock" in plain(page)
        assert act(coordinator, key, "schedule", moment="2009-10-20T09:00").status_code == 302
        said = plain(item_page(lead, key))
        # The coordinator lives in Vienna, where it is nine when it is three in Washington.
        assert "Published on 20 Oct 2009, 03:00 Washington / 13:00 Astana" in said
        assert "Attach a statement" not in said
        refused = plain(lead.get(f"recommendations/{key}/statements/new").text)
        assert "A time is set for its publication" in refused
        offered = can_do(item_page(coordinator, key))
        assert "Take the set time back" in offered
        assert "Set another time of publication" in offered
        assert "Nothing waits for you" in plain(coordinator.get("").text)
        assert act(coordinator, key, "unschedule").status_code == 302
        assert "Published on" not in plain(item_page(lead, key))


def test_time_that_is_none_comes_back_with_words(stage: Stage, visit: Visit) -> None:
    key = approved(stage)
    coordinator = visit("coordinator")
    with clock.set_to(BEGIN + timedelta(days=2)):
        for moment, words in (
            ("", "Choose the time."),
            ("soon", "Choose the time."),
            ("2009-10-20T09:00+06:00", "Choose the time."),
            ("99999-01-01T00:00", "Choose the time."),
            ("2009-10-01T09:00", "That instant has passed."),
            ("2019-10-01T09:00", "within a year"),
        ):
            answer = act(coordinator, key, "schedule", moment=moment)
            assert (answer.status_code, words in plain(answer.text)) == (422, True), moment
            assert f'value="{moment}"' in answer.text


def test_preview_is_for_who_may_publish(stage: Stage, visit: Visit) -> None:
    key = approved(stage)
    coordinator = visit("coordinator")
    assert f"{key}/preview" in coordinator.get(f"recommendations/{key}/acts/publish").text
    seen = coordinator.get(f"recommendations/{key}/preview")
    assert (seen.status_code, "private, no-store") == (200, seen.headers["Cache-Control"])
    assert "USKZ.REC/1/09" in seen.text
    assert visit("astana-lead").get(f"recommendations/{key}/preview").status_code == 403
    assert visit("administrator").get(f"recommendations/{key}/preview").status_code == 404
    assert coordinator.get("recommendations/nobody/preview").status_code == 404
    stage.at(200, publication.publish, stage.cast["coordinator"], key, 1)
    assert coordinator.get(f"recommendations/{key}/preview").status_code == 409
