from collections.abc import Callable
from typing import Any

from apps.accounts.selectors import Member
from apps.core.tenancy import tenant_tx
from apps.exchange.models import Export
from tests.look.filled import fill
from tests.people import World

Browse = Callable[[Member], Any]


def address(browser: Any, world: World) -> str:
    return f"{browser.org}/projects/{world.project.pk}/exports/"


def test_an_engineer_asks_for_an_export_and_sees_it_being_written(world: World, signed_in: Browse) -> None:
    fill(world)
    browser = signed_in(world.noor)
    assert "Export 18 pictures as COCO" in browser.get(address(browser, world)).content.decode()
    with tenant_tx(world.noor.context):
        before = Export.objects.count()
    assert browser.post(address(browser, world), {"format": "coco"}).status_code == 302
    with tenant_tx(world.noor.context):
        export = Export.objects.order_by("-created_at")[0]
        assert Export.objects.count() == before + 1
    assert f"/api/v1/orgs/parking/jobs/{export.job_id}" in browser.get(address(browser, world)).content.decode()


def test_a_written_export_can_be_downloaded_and_a_failed_one_says_why(world: World, signed_in: Browse) -> None:
    fill(world)
    browser = signed_in(world.noor)
    text = browser.get(address(browser, world)).content.decode()
    assert text.count("Download</a>") == 2
    assert "The worker was stopped three times." in text


def test_an_auditor_reads_exports_and_may_not_ask_for_one(world: World, signed_in: Browse) -> None:
    fill(world)
    browser = signed_in(world.olga)
    text = browser.get(address(browser, world)).content.decode()
    assert "Download</a>" in text
    assert "as COCO</button>" not in text
    assert browser.post(address(browser, world), {"format": "coco"}).status_code == 403


def test_a_job_that_one_may_not_cancel_has_no_button_for_it(world: World, signed_in: Browse) -> None:
    fill(world)
    engineer, auditor = signed_in(world.noor), signed_in(world.olga)
    engineer.post(address(engineer, world), {"format": "coco"})
    assert 'data-part="cancel"' in engineer.get(address(engineer, world)).content.decode()
    text = auditor.get(address(auditor, world)).content.decode()
    assert 'data-controller="job-progress"' in text
    assert 'data-part="cancel"' not in text


def test_with_nothing_accepted_the_page_says_how_to_get_there(world: World, signed_in: Browse) -> None:
    browser = signed_in(world.noor)
    text = browser.get(address(browser, world)).content.decode()
    assert "Nothing to export yet" in text
