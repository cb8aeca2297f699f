"""Imports in the console: a file is checked, corrected, taken; whatever else is handed in is answered with a word."""

import csv
import gzip
import io
import zipfile
from pathlib import Path
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from auftakt.catalog.models import Item
from auftakt.channels import files
from auftakt.channels.files import jobs as file_jobs
from auftakt.channels.files import samples
from auftakt.console import urls
from auftakt.orders.models import Order
from auftakt.parties.models import Party
from auftakt.platform import jobs
from auftakt.platform.models import Job, JobFile, JournalEntry
from tests import build
from tests.edges.test_console import logged_in
from tests.edges.test_console_jobs import page

pytestmark = pytest.mark.django_db
ITEMS = "sku,name,weight_kg,unit\nX-1,Saddle,0.4,each\nX-2,,abc,each\nX-3,Bell,0.1,dozen\n"


def hand_in(client: Client, kind: str, name: str, content: bytes | str, **data: object):
    body = content.encode() if isinstance(content, str) else content
    return client.post(reverse("console:imports"), {"kind": kind, "file": SimpleUploadedFile(name, body), **data})


def job_of(answer) -> jobs.JobFacts:
    assert answer.status_code == 302, page(answer)
    job_id = UUID(answer.url.rstrip("/").rsplit("/", 1)[1])
    jobs.run(job_id)
    job = jobs.job(job_id)
    assert job.state == "done", jobs.notes(job_id)[0].detail
    return job


def counts(job: jobs.JobFacts) -> tuple[int, int, int, int]:
    return job.done, job.refused, job.result["taken"], job.result["unchanged"]


def test_a_file_is_checked_corrected_and_taken() -> None:
    build.company()
    client = logged_in("order_manager")
    before = (Item.objects.count(), JournalEntry.objects.exclude(subject_type="job").count())
    checked = job_of(hand_in(client, "items", "items.csv", ITEMS))
    assert counts(checked) == (3, 2, 1, 0)
    assert (Item.objects.count(), JournalEntry.objects.exclude(subject_type="job").count()) == before
    text = page(client.get(reverse("console:job", args=[checked.id])))
    assert "Would be taken" in text
    assert "2 would be refused" in text
    assert "Line 3" in text
    assert "name: must not be empty." in text
    assert "weight_kg: 'abc' is no number" in text
    bad = client.get(reverse("console:import_bad", args=[checked.id])).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(bad)))
    assert [row["sku"] for row in rows] == ["X-2", "X-3"]
    assert "must not be empty" in rows[0]["auftakt_problem"]
    corrected = bad.replace("X-2,,abc", "X-2,Pump,0.2").replace("dozen", "each")
    again = job_of(hand_in(client, "items", "items-refused.csv", corrected))
    assert counts(again) == (2, 0, 2, 0)
    assert "Everything is in order" in page(client.get(reverse("console:job", args=[again.id])))
    taken = job_of(client.post(reverse("console:import_run", args=[again.id])))
    assert (taken.kind, counts(taken)) == ("files.import", (2, 0, 2, 0))
    assert set(Item.objects.filter(sku__startswith="X-").values_list("sku", "name")) == {
        ("X-2", "Pump"),
        ("X-3", "Bell"),
    }
    assert JournalEntry.objects.filter(verb="item.created").last().actor == "order_manager-en@example.org"
    good = job_of(client.post(reverse("console:import_run", args=[checked.id])))
    assert counts(good) == (3, 2, 1, 0)
    assert Item.objects.filter(sku="X-1").exists()


def test_every_kind_has_a_right_a_word_and_a_template_that_can_be_read(tmp_path: Path) -> None:
    assert set(files.KINDS) == set(urls.imports.RULES) == set(urls.imports.TITLES) == set(samples.EXAMPLES)
    client = logged_in("admin")
    for kind, known in files.KINDS.items():
        for ending in ("csv", "xlsx"):
            answer = client.get(reverse("console:import_template", args=[kind, ending]))
            content = answer.content
            names = (
                next(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
                if ending == "csv"
                else [cell.value for cell in next(load_workbook(io.BytesIO(content)).active.iter_rows())]
            )
            assert set(known.required) <= set(names)
            opened = files.look_at(f"{kind}.{ending}", content, files.FileOrder(kind))
            assert len(opened.groups) == 1, kind
        assert client.get(reverse("console:imports"), {"kind": kind}).status_code == 200


def test_the_templates_of_master_data_go_in_as_they_are() -> None:
    build.company()
    client = logged_in("admin")
    for kind in ("items", "customers"):
        checked = job_of(hand_in(client, kind, f"{kind}.xlsx", files.sample_xlsx(kind)))
        assert counts(checked) == (1, 0, 1, 0), jobs.rows(checked.id)
        job_of(client.post(reverse("console:import_run", args=[checked.id])))
    assert Party.objects.filter(number="C-1001").exists()


def test_orders_come_in_and_the_same_again_changes_nothing() -> None:
    build.company()
    client = logged_in("sales")
    head = "external_reference,customer_number,sku,quantity,line\n"
    rows = "".join(f"W-{number},C-1,LOCK,1,{line}\n" for number in range(1, 4) for line in (1, 2))
    checked = job_of(hand_in(client, "orders", "orders.csv", head + rows + "W-9,C-999,LOCK,1,1\n"))
    assert counts(checked) == (4, 1, 3, 0)
    assert Order.objects.count() == 0
    run = reverse("console:import_run", args=[checked.id])
    assert counts(job_of(client.post(run))) == (4, 1, 3, 0)
    assert counts(job_of(client.post(run))) == (4, 1, 0, 3)
    assert set(Order.objects.values_list("state", flat=True)) == {"submitted"}
    drafts = job_of(hand_in(client, "orders", "more.csv", head + "W-20,C-1,LOCK,1,1\n", draft="on"))
    job_of(client.post(reverse("console:import_run", args=[drafts.id])))
    assert Order.objects.get(external_reference="W-20").state == "draft"


def test_a_killed_import_goes_on_and_takes_no_row_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    build.company()
    monkeypatch.setattr(file_jobs, "CHUNK", 2)
    client = logged_in("admin")
    body = "site,sku,quantity,reference\n" + "".join(f"DC,LOCK,{n},R{n}\n" for n in range(1, 8))
    checked = job_of(hand_in(client, "stock", "stock.csv", body.replace("LOCK,3", "NOPE,3")))
    assert counts(checked) == (7, 1, 6, 0)
    answer = client.post(reverse("console:import_run", args=[checked.id]))
    job_id = UUID(answer.url.rstrip("/").rsplit("/", 1)[1])
    assert jobs.work_chunk(job_id, at=timezone.now())
    assert jobs.job(job_id).checkpoint == {"drafts": 2}
    file_jobs._opened.cache_clear()
    jobs.run(job_id)
    assert counts(jobs.job(job_id)) == (7, 1, 6, 0)
    assert [row.key for row in jobs.rows(job_id)] == ["4"]


def bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (20 * 1024 * 1024))
    return file.getvalue()


def workbook(*rows: list[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("items.csv", b"", "is empty"),
        ("items.csv", b"\n\n", "is empty"),
        ("items.csv", b"sku,name\n", "no rows"),
        ("items.csv", b"sku;name\n;\n", "no rows"),
        ("items.csv", b"number\n1\n", "lacks the column"),
        ("items.csv", b"sku,sku\n1,2\n", "more than once"),
        ("items.csv", b"\x89PNG\r\n\x1a\n" + bytes(100), "binary"),
        ("items.csv", b"%PDF-1.7 rubbish", "binary"),
        ("items.csv", "sku,name\nX,Süd\n".encode("cp1252"), "not written in"),
        ("items.csv", b'sku,name\nX,"' + b"y" * 200_000, "quotation mark"),
        ("items.xlsx", b"sku,name\nX,Y\n", "not the XLSX file"),
        ("items.xlsx", b"PK\x03\x04 cut off", "cannot be read as XLSX"),
        ("items.ndjson", b'{"sku": "X"\n', "line 1"),
        ("items.ndjson", b"[1, 2]\n", "one JSON object"),
        ("items.ndjson", b"[" * 100_000, "line 1"),
        ("items.csv.gz", b"not gzip", "gzip"),
        ("items.csv.gz", gzip.compress(b"sku,name\nX,Y\n", mtime=0)[:20], "gzip file"),
        ("items.exe", b"MZ", "can be read"),
        ("../../etc/passwd", b"root:x", "can be read"),
        ("x" * 300 + ".csv", b"", "is empty"),
        (".csv", b"", "can be read"),
    ],
)
def test_rubbish_is_refused_with_a_word_and_leaves_nothing(name: str, content: bytes, told: str) -> None:
    client = logged_in("admin")
    answer = hand_in(client, "items", name, content)
    assert answer.status_code == 422
    assert told in page(answer)
    assert (Job.objects.count(), JobFile.objects.count()) == (0, 0)
    german = hand_in(logged_in("admin", language="de"), "items", name, content)
    assert "Die Datei ist nicht brauchbar" in page(german)


def test_what_unfolds_too_far_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auftakt.channels.files.reading.MOST_BYTES", 10 * 1024 * 1024)
    client = logged_in("admin")
    for name, content in (("a.xlsx", bomb()), ("a.csv.gz", gzip.compress(b"sku,name\n" + b"0" * 20_000_000))):
        assert "split it" in page(hand_in(client, "items", name, content))


def test_no_file_a_wrong_kind_and_strange_choices() -> None:
    client = logged_in("admin")
    assert "Choose a file first" in page(client.post(reverse("console:imports"), {"kind": "items"}))
    assert client.get(reverse("console:imports"), {"kind": "unicorns"}).status_code == 200
    assert client.post(reverse("console:imports"), {"kind": "unicorns"}).status_code == 422
    answer = hand_in(client, "items", "a.csv", "sku,name\nX,Y\n", encoding="klingon", map="../../etc/passwd")
    assert answer.status_code == 302


@pytest.mark.parametrize(
    "text", ["", "kind = ", "kind = 'orders'\n[fields]\nsku='a'", "\0", "kind='items'\n[fields]\nx={strange=1}", "é"]
)
def test_a_map_that_cannot_be_used_is_refused(text: str) -> None:
    client = logged_in("admin")
    own = SimpleUploadedFile("my.toml", text.encode("latin-1"))
    answer = hand_in(client, "items", "a.csv", "sku,name\nX,Y\n", map_file=own)
    assert answer.status_code == 422
    assert Job.objects.count() == 0


def test_a_map_of_ones_own() -> None:
    build.company()
    client = logged_in("order_manager")
    own = SimpleUploadedFile("my.toml", b"kind = 'items'\n[fields]\nsku = 'Nr'\nname = 'Text'\n")
    checked = job_of(hand_in(client, "items", "a.xlsx", workbook(["Nr", "Text"], ["M-1", "Mud guard"]), map_file=own))
    assert counts(checked) == (1, 0, 1, 0)
    job_of(client.post(reverse("console:import_run", args=[checked.id])))
    assert Item.objects.get(sku="M-1").name == "Mud guard"


def test_lists_lead_to_the_import_of_those_who_may() -> None:
    build.company()
    link = reverse("console:imports") + "?kind=customers"
    assert link in logged_in("finance").get(reverse("console:customers")).content.decode()
    assert link not in logged_in("viewer").get(reverse("console:customers")).content.decode()


def test_rights() -> None:
    sales, viewer = logged_in("sales"), logged_in("viewer")
    assert sales.get(reverse("console:imports"), {"kind": "items"}).status_code == 403
    assert hand_in(sales, "items", "a.csv", "sku,name\nX,Y\n").status_code == 403
    assert sales.get(reverse("console:import_template", args=["items", "csv"])).status_code == 404
    assert "Nothing to import" in page(viewer.get(reverse("console:imports")))
    manager = logged_in("order_manager")
    checked = job_of(hand_in(manager, "items", "a.csv", "sku,name\nX,Y\n"))
    for verb in ("import_run", "import_bad"):
        assert sales.post(reverse(f"console:{verb}", args=[checked.id])).status_code == 404
    unready = UUID(hand_in(manager, "items", "a.csv", "sku,name\nX,Y\n").url.rstrip("/").rsplit("/", 1)[1])
    assert manager.post(reverse("console:import_run", args=[unready])).status_code == 404


def test_a_file_that_is_gone_is_told() -> None:
    manager = logged_in("order_manager")
    checked = job_of(hand_in(manager, "items", "a.csv", "sku,name\nX,Y\n"))
    Job.objects.update(file=None)
    for verb, ask in (("import_run", manager.post), ("import_bad", manager.get)):
        answer = ask(reverse(f"console:{verb}", args=[checked.id]), follow=True)
        assert "not kept any more" in answer.content.decode()
    jobs.again([checked.id], "all", actor="t", at=build.AT)
    jobs.run(checked.id)
    assert "not kept any more" in page(manager.get(reverse("console:job", args=[checked.id])))
