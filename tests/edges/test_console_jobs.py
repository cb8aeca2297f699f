"""Long work in the console: bulk actions with their preview, the job while it runs and after, who sees what."""

import re
from html import unescape
from io import BytesIO
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from auftakt.documents.models import Document
from auftakt.orders import actions as orders
from auftakt.orders.models import Hold, Order
from auftakt.platform import jobs
from auftakt.platform.jobs import Chunk, JobDraft, Kind, RowDraft, Step
from auftakt.platform.models import Job, JobRow, JournalEntry
from tests import build
from tests.edges.test_console import logged_in

pytestmark = pytest.mark.django_db
A = {"actor": build.ACTOR, "at": build.AT}


def page(answer) -> str:
    """The words of a page's main part."""
    text = answer.content.decode().split("<main")[1].split("</main")[0]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split())


def seal_of(answer) -> str:
    return re.search(r'name="seal" value="(\w+)"', answer.content.decode())[1]


def three_orders() -> list[UUID]:
    build.company(stock={("DC", "BIKE"): "50"})
    return [build.order(lines=[("BIKE", "1")]) for _ in range(3)]


def do(client: Client, action: str, **data):
    """Look first, then confirm what was seen; the job it leads to, worked off."""
    route = reverse(f"console:orders_{action}")
    seen = client.post(route, data)
    assert seen.status_code == 200, seen.status_code
    answer = client.post(route, {**data, "confirm": "1", "seal": seal_of(seen)})
    assert answer.status_code == 302
    job = jobs.job(UUID(answer.url.rstrip("/").rsplit("/", 1)[1]))
    jobs.run(job.id)
    return jobs.job(job.id)


def test_looking_ahead_changes_nothing_and_says_who_may_and_who_not() -> None:
    ids = three_orders()
    orders.hold(ids[:1], "customer_request", **A)
    orders.cancel([build.Cancellation(ids[1])], **A)
    client = logged_in("order_manager")
    before = (JournalEntry.objects.count(), Job.objects.count(), Hold.objects.count())
    answer = client.post(reverse("console:orders_hold"), {"row": [str(key) for key in ids]})
    text = page(answer)
    assert "1 order of 3 chosen" in text
    assert "1 On hold for this reason already" in text
    assert "1 Closed or cancelled" in text
    assert "Hold 1" in text
    assert (JournalEntry.objects.count(), Job.objects.count(), Hold.objects.count()) == before


def test_another_reason_is_another_preview() -> None:
    ids = three_orders()
    orders.hold(ids[:1], "customer_request", **A)
    client = logged_in("order_manager")
    data = {"row": [str(key) for key in ids], "reason": "credit"}
    assert "3 orders of 3 chosen" in page(client.post(reverse("console:orders_hold"), data))


def test_many_orders_are_held_by_a_job_with_a_result_for_each() -> None:
    ids = three_orders()
    client = logged_in("order_manager")
    job = do(client, "hold", row=[str(key) for key in ids], reason="credit", note="Ask finance")
    assert (job.state, job.done, job.refused, job.actor) == ("done", 3, 0, "order_manager-en@example.org")
    assert set(Hold.objects.values_list("order_id", "reason_code", "note", "placed_by")) == {
        (key, "credit", "Ask finance", job.actor) for key in ids
    }
    text = page(client.get(reverse("console:job", args=[job.id])))
    assert "Put orders on hold" in text
    assert "Credit check · Ask finance" in text
    for number in Order.objects.values_list("number", flat=True):
        assert number in text
    exported = client.get(reverse("console:job", args=[job.id]), {"format": "csv"})
    assert b"".join(exported).count(b"\n") == 4


def test_all_that_match_a_filter_are_meant() -> None:
    ids = three_orders()
    orders.hold(ids[:2], "credit", **A)
    client = logged_in("order_manager")
    job = do(client, "release", filter="hold=1", reason="", note="paid")
    assert (job.done, job.refused) == (2, 0)
    assert not Hold.objects.filter(released_at=None).exists()
    everything = page(client.post(reverse("console:orders_hold"), {"filter": ""}))
    assert "3 orders of 3 chosen" in everything


def test_what_is_confirmed_is_what_was_seen() -> None:
    three_orders()
    client = logged_in("order_manager")
    route = reverse("console:orders_cancel")
    seen = client.post(route, {"filter": "state=submitted"})
    build.order(lines=[("BIKE", "1")])
    again = client.post(route, {"filter": "state=submitted", "confirm": "1", "seal": seal_of(seen)})
    assert again.status_code == 200
    assert "The list has changed meanwhile" in page(again)
    assert "4 orders of 4 chosen" in page(again)
    assert Job.objects.count() == 0
    assert client.post(route, {"filter": "", "confirm": "1", "seal": "rubbish"}).status_code == 200
    assert Job.objects.count() == 0


def test_orders_are_cancelled_and_promised_anew() -> None:
    ids = three_orders()
    dateless = build.order(lines=[("TYRE", "2")])
    build.receive({("DC", "TYRE"): "9"})
    client = logged_in("sales")
    promised = do(client, "repromise", row=[str(dateless), *map(str, ids)], scope="dateless")
    assert (promised.done, promised.refused) == (1, 0)
    cancelled = do(client, "cancel", row=[str(key) for key in ids], note="Out of business")
    assert (cancelled.done, set(Order.objects.filter(id__in=ids).values_list("state", flat=True))) == (3, {"cancelled"})
    entry = JournalEntry.objects.filter(verb="order.cancelled").first()
    assert entry.change["reason"] == "Out of business"
    assert entry.actor == "sales-en@example.org"


def test_confirmations_are_printed_as_one_paper() -> None:
    ids = three_orders()
    draft = build.order(stage="draft", lines=[("BIKE", "1")])
    client = logged_in("sales")
    job = do(client, "print", row=[str(key) for key in [*ids, draft]])
    assert (job.state, job.done, job.refused) == ("done", 3, 0)
    text = page(client.get(reverse("console:job", args=[job.id])))
    assert "Open the paper" in text
    paper = client.get(reverse("console:document", args=[job.result["document"]]))
    assert paper.headers["Content-Type"] == "application/pdf"
    told = [sheet.extract_text() for sheet in PdfReader(BytesIO(paper.content)).pages]
    numbers = list(Order.objects.filter(id__in=ids).order_by("number").values_list("number", flat=True))
    assert [number for number in numbers if any(number in sheet for sheet in told)] == numbers
    assert len(told) == 3
    assert Document.objects.filter(kind="order_confirmation").count() == 3
    again = do(client, "print", row=[str(key) for key in ids])
    assert Document.objects.filter(kind="order_confirmation").count() == 3
    assert again.result["document"] != job.result["document"]


def test_rights_are_those_of_the_single_verbs() -> None:
    ids = [str(key) for key in three_orders()]
    expected = {
        "hold": {"order_manager", "finance", "admin"},
        "release": {"order_manager", "finance", "admin"},
        "cancel": {"order_manager", "sales", "admin"},
        "repromise": {"order_manager", "sales", "admin"},
        "print": {"admin", "order_manager", "sales", "finance", "warehouse", "viewer"},
    }
    for role in ("admin", "order_manager", "sales", "finance", "warehouse", "viewer"):
        client = logged_in(role)
        for action, allowed in expected.items():
            answer = client.post(reverse(f"console:orders_{action}"), {"row": ids, "confirm": "1", "seal": "x"})
            assert (answer.status_code == 200) is (role in allowed), (role, action)
    assert Job.objects.count() == 0


@pytest.mark.parametrize(
    "data",
    [{}, {"row": ["rubbish", ""]}, {"row": [str(UUID(int=5))]}, {"filter": "item=\0&q=%00&from=nonsense&state=x"}],
)
def test_rubbish_is_answered_with_a_word(data: dict) -> None:
    three_orders()
    client = logged_in("order_manager")
    answer = client.post(reverse("console:orders_hold"), data, follow=True)
    assert answer.status_code in (200, 400)
    assert Job.objects.count() == 0
    long = client.post(
        reverse("console:orders_hold"), {"filter": "", "reason": "x" * 500, "note": "n\0" * 400}, follow=True
    )
    assert long.status_code in (200, 400)  # what no database keeps is refused before the page is asked


def test_coming_back_without_the_list_leads_to_the_list() -> None:
    three_orders()
    assert logged_in("order_manager").get(reverse("console:orders_hold")).url == reverse("console:orders")


def test_too_many_are_told_to_narrow(settings) -> None:
    settings.AUFTAKT_BULK_LIMIT = 2
    three_orders()
    answer = logged_in("order_manager").post(reverse("console:orders_hold"), {"filter": ""}, follow=True)
    assert "more than 2 orders" in answer.content.decode()


def slow(chunk: Chunk) -> Step:
    return Step([jobs.RowResult(row.key) for row in chunk.rows])


def ask(actor: str, rows: int = 7) -> UUID:
    if "test.slow" not in jobs.KINDS:
        jobs.register(Kind("test.slow", slow, rows=3))
    drafts = [RowDraft(str(number)) for number in range(1, rows + 1)]
    return jobs.ask([JobDraft("test.slow", rows=drafts)], actor=actor, at=timezone.now()).one()


def test_a_job_is_seen_by_who_asked_and_by_those_who_manage_jobs() -> None:
    client, other, admin = logged_in("sales"), logged_in("order_manager"), logged_in("admin")
    job_id = ask("sales-en@example.org")
    routes = [reverse("console:job", args=[job_id]), reverse("console:job_progress", args=[job_id])]
    for route in routes:
        assert [each.get(route).status_code for each in (client, other, admin)] == [200, 404, 200]
    for verb in ("job_cancel", "job_again"):
        assert other.post(reverse(f"console:{verb}", args=[job_id])).status_code == 404
    assert jobs.job(job_id).state == "queued"
    link = reverse("console:job", args=[job_id])
    seen = [link in each.get(reverse("console:jobs")).content.decode() for each in (client, other, admin)]
    assert seen == [True, False, True]
    assert link not in admin.get(reverse("console:jobs"), {"whose": "mine"}).content.decode()


def test_progress_is_asked_for_until_the_job_has_ended() -> None:
    client = logged_in("sales")
    job_id = ask("sales-en@example.org")
    route = reverse("console:job_progress", args=[job_id])
    assert "every 2s" in client.get(route).content.decode()
    jobs.work_chunk(job_id, at=timezone.now())
    half = client.get(route, {"told": "0"}).content.decode()
    assert 'value="42"' in half
    assert 'id="job-told"' in half
    assert 'id="job-told"' not in client.get(route, {"told": "4"}).content.decode()
    jobs.run(job_id)
    ended = client.get(route, {"told": "4"}).content.decode()
    assert "every 2s" not in ended
    assert 'hx-target="#list"' in ended
    assert "Cancel the job" not in ended


def test_a_job_is_cancelled_and_goes_on() -> None:
    client = logged_in("sales")
    job_id = ask("sales-en@example.org")
    jobs.work_chunk(job_id, at=timezone.now())
    client.post(reverse("console:job_cancel", args=[job_id]))
    assert jobs.job(job_id).state == "cancelled"
    assert "Go on" in page(client.get(reverse("console:job", args=[job_id])))
    client.post(reverse("console:job_again", args=[job_id]), {"which": "rest"})
    jobs.run(job_id)
    assert (jobs.job(job_id).state, jobs.job(job_id).done) == ("done", 7)
    refused = client.post(reverse("console:job_cancel", args=[job_id]), follow=True)
    assert "has ended already" in refused.content.decode()


def test_a_fault_is_a_plain_sentence_and_its_traceback_is_for_administrators(monkeypatch) -> None:
    client, admin = logged_in("sales"), logged_in("admin")
    job_id = ask("sales-en@example.org")
    monkeypatch.setitem(jobs.KINDS, "test.slow", Kind("test.slow", lambda chunk: 1 / 0, rows=3))
    jobs.run(job_id)
    route = reverse("console:job", args=[job_id])
    plain, full = client.get(route).content.decode(), admin.get(route).content.decode()
    assert "A fault of ours stopped it" in plain
    assert "ZeroDivisionError" not in plain
    assert "ZeroDivisionError" in full


def test_the_pages_tell_when_no_worker_lives() -> None:
    client = logged_in("sales")
    job_id = ask("sales-en@example.org")
    with connection.cursor() as cursor:
        cursor.execute("delete from procrastinate_workers")
        for route in (reverse("console:job", args=[job_id]), reverse("console:jobs")):
            assert "No worker has given a sign of life" in client.get(route).content.decode()
        cursor.execute("insert into procrastinate_workers (last_heartbeat) values (now())")
        for route in (reverse("console:job", args=[job_id]), reverse("console:jobs")):
            assert "No worker has given a sign of life" not in client.get(route).content.decode()
        cursor.execute("update procrastinate_workers set last_heartbeat = now() - interval '61 seconds'")
        assert "No worker has given a sign of life" in client.get(route).content.decode()


def test_pages_cost_the_same_for_few_and_many() -> None:
    client = logged_in("sales")
    few = ask("sales-en@example.org", 2)
    many = ask("sales-en@example.org", 300)
    jobs.run(many)
    counts = []
    for job_id in (few, many):
        jobs.run(job_id)
        counter = _Counter()
        with connection.execute_wrapper(counter):
            client.get(reverse("console:job", args=[job_id]))
        counts.append(counter.count)
    assert counts[0] == counts[1]
    assert JobRow.objects.count() == 302


class _Counter:
    """Counts statements."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute, sql, params, many, context):
        self.count += 1
        return execute(sql, params, many, context)


def test_german_pages_have_no_english_words() -> None:
    client = logged_in("order_manager", language="de")
    ids = three_orders()
    text = page(client.post(reverse("console:orders_hold"), {"row": [str(key) for key in ids]}))
    assert "Aufträge anhalten" in text
    assert "3 Aufträge von 3 ausgewählt" in text
