"""The real data sets, imported with the mapping files that ship; totals as computed independently from the files."""

import csv
import gzip
import shutil
from collections import Counter
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from django.db import connection

from auftakt.catalog import queries as catalog
from auftakt.channels import files
from auftakt.cli.verify import checks
from auftakt.demo.starter import install_starter
from tests.data.journey import run_to_paid

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
DATA = Path(__file__).parents[3] / "shared" / "data"
CENT = Decimal("0.01")

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not DATA.exists(), reason=f"REAL DATA ABSENT: there is no {DATA}"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A place to copy files to, because bad rows are written beside the file."""
    install_starter(actor="test", at=AT)
    return tmp_path


def take(folder: Path, *names: str) -> None:
    for name in names:
        shutil.copy(DATA / name, folder)


def cut(folder: Path, name: str, rows: int) -> Path:
    """The first rows of a file."""
    target = folder / Path(name).name
    lines = (DATA / name).read_text("utf-8-sig").splitlines(keepends=True)
    target.write_text("".join(lines[: rows + 1]), "utf-8")
    return target


def read(path: Path) -> list[dict[str, str]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def bring(kind: str, path: Path, mapping: str) -> files.ImportReport:
    return files.import_file(kind, path, files.load_map(mapping), actor="test", at=AT)


def one(statement: str) -> tuple[object, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()


def northwind(folder: Path) -> files.ImportReport:
    take(folder, *(f"northwind/{n}.csv" for n in ("Customers", "Products", "Categories", "Orders", "OrderDetails")))
    assert bring("customers", folder / "Customers.csv", "northwind/customers").taken == 91
    assert bring("items", folder / "Products.csv", "northwind/items").taken == 77
    bring("prices", folder / "Products.csv", "northwind/prices")
    bring("stock", folder / "OrderDetails.csv", "northwind/stock-of-orders")
    return bring("orders", folder / "Orders.csv", "northwind/orders")


def test_northwind_whole(folder: Path) -> None:
    """830 orders, 2,155 lines. Discounted lines sum to 1,265,793.0395 exactly; rounded half up to the cent they sum
    to 1,265,793.29, which is what Auftakt books: the difference of 0.2505 is rounding, line by line."""
    report = northwind(folder)
    assert (report.taken, report.refused) == (830, 0)
    rows = read(folder / "OrderDetails.csv")
    exact = [Decimal(r["UnitPrice"]) * int(r["Quantity"]) * (1 - Decimal(r["Discount"])) for r in rows]
    assert sum(exact) == Decimal("1265793.0395")
    rounded = sum(amount.quantize(CENT, ROUND_HALF_UP) for amount in exact)
    assert rounded == Decimal("1265793.29")
    assert one("select count(*), sum(net) from orders_orderline") == (2155, rounded)
    assert one("select sum(quantity), sum(drawn) from inventory_bucket") == (51317, 51317)


@pytest.mark.django_db(transaction=True)
def test_northwind_from_capture_to_paid(folder: Path) -> None:
    """All 830 orders are released, picked, packed, shipped, invoiced, paid and closed; invoices sum to the lines."""
    northwind(folder)
    run_to_paid(AT)
    assert one("select count(*), count(*) filter (where state = 'closed') from orders_order") == (830, 830)
    assert one("select sum(net), sum(gross) - sum(paid) from billing_invoice") == (Decimal("1265793.29"), 0)
    assert one("select sum(quantity), sum(drawn) from inventory_bucket") == (0, 0)
    assert [check for check in checks() if check.violations] == []


def test_importing_twice_changes_nothing(folder: Path) -> None:
    northwind(folder)
    before = one("select max(id::text), count(*) from platform_journalentry")
    again = northwind_again(folder)
    assert [(r.taken, r.unchanged, r.refused) for r in again[-1:]] == [(0, 830, 0)]
    assert one(f"select string_agg(verb, ' ') from platform_journalentry where id::text > '{before[0]}'") == (None,)


def northwind_again(folder: Path) -> list[files.ImportReport]:
    return [
        bring("customers", folder / "Customers.csv", "northwind/customers"),
        bring("items", folder / "Products.csv", "northwind/items"),
        bring("prices", folder / "Products.csv", "northwind/prices"),
        bring("stock", folder / "OrderDetails.csv", "northwind/stock-of-orders"),
        bring("orders", folder / "Orders.csv", "northwind/orders"),
    ]


def test_a_dry_run_takes_everything_back(folder: Path) -> None:
    take(folder, "northwind/Customers.csv")
    before = one("select count(*) from platform_journalentry")
    mapping = files.load_map("northwind/customers")
    report = files.import_file("customers", folder / "Customers.csv", mapping, actor="t", at=AT, dry_run=True)
    assert (report.taken, report.dry_run) == (91, True)
    assert one("select count(*) from parties_party") == (0,)
    assert one("select count(*) from platform_journalentry") == before


def test_adventureworks_internet_sample(folder: Path) -> None:
    """The first 600 rows of 2017, from stock to promised orders; the sum is list price × pieces, rounded per line."""
    base = "adventureworks_internet"
    take(folder, f"{base}/AdventureWorks_Customers.csv", f"{base}/AdventureWorks_Products.csv")
    sales = cut(folder, f"{base}/AdventureWorks_Sales_2017.csv", 600)
    buyers = {row["CustomerKey"] for row in read(sales)}
    people = folder / "AdventureWorks_Customers.csv"
    lines = people.read_text("utf-8-sig").splitlines(keepends=True)
    people.write_text("".join(lines[:1] + [line for line in lines[1:] if line.split(",")[0] in buyers]), "utf-8")
    bring("customers", people, f"{base}/customers")
    assert bring("items", folder / "AdventureWorks_Products.csv", f"{base}/items").taken == 293
    bring("prices", folder / "AdventureWorks_Products.csv", f"{base}/prices")
    bring("stock", sales, f"{base}/stock")
    report = bring("orders", sales, f"{base}/orders")
    rows = read(sales)
    prices = {r["ProductKey"]: Decimal(r["ProductPrice"]) for r in read(folder / "AdventureWorks_Products.csv")}
    due = [(prices[r["ProductKey"]] * int(r["OrderQuantity"])).quantize(CENT, ROUND_HALF_UP) for r in rows]
    assert (report.rows, report.refused) == (600, 0)
    assert report.taken == len({r["OrderNumber"] for r in rows})
    assert one("select count(*), sum(net) from orders_orderline") == (600, sum(due))
    assert one("select count(*) from orders_fulfilmentline where site_id is null") == (0,)


def test_the_defective_product_file_is_reported_row_by_row(folder: Path) -> None:
    """175 products without a size, 5 whose cost is above their price, 4 of them in a colour nobody knows: 180 rows."""
    take(folder, "adventureworks_internet/Products_unclean.csv")
    path = folder / "Products_unclean.csv"
    report = bring("items", path, "adventureworks_internet/items")
    assert (report.taken, report.refused) == (113, 180)
    by_code = {
        code: {bad.line for bad in report.problems if bad.code == code}
        for code in ("missing", "too_much", "unknown_word")
    }
    assert {code: len(lines) for code, lines in by_code.items()} == {"missing": 175, "too_much": 5, "unknown_word": 4}
    bad = read(Path(report.bad_file))
    assert len(bad) == 180
    assert all(row["auftakt_problem"] for row in bad)
    lines = path.read_text("utf-8-sig").splitlines()
    first = min(by_code["too_much"])
    assert "151.5625" in lines[first - 1]


def test_corrected_rows_can_be_imported_again(folder: Path) -> None:
    take(folder, "adventureworks_internet/Products_unclean.csv")
    report = bring("items", folder / "Products_unclean.csv", "adventureworks_internet/items")
    rows = read(Path(report.bad_file))
    for row in rows:
        row["ProductSize"] = row["ProductSize"] or "42"
        row["ProductColor"] = "White" if row["ProductColor"] == "Cream" else row["ProductColor"]
        row["ProductCost"] = "1"
    corrected = folder / "corrected.csv"
    with corrected.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    again = bring("items", corrected, "adventureworks_internet/items")
    assert (again.taken, again.refused) == (180, 0)
    assert one("select count(*) from catalog_item") == (293,)


def test_adventureworks_items_stock_and_open_purchase_orders(folder: Path) -> None:
    """504 items, 335,974 pieces at 14 locations; of 237 open purchase orders, 22 still await 1,554 pieces."""
    names = (
        "Product",
        "ProductSubcategory",
        "ProductInventory",
        "Vendor",
        "PurchaseOrderHeader",
        "PurchaseOrderDetail",
    )
    take(folder, *(f"adventureworks/{name}.csv" for name in names))
    assert bring("items", folder / "Product.csv", "adventureworks/items").taken == 504
    assert bring("prices", folder / "Product.csv", "adventureworks/prices").refused == 0
    assert bring("stock", folder / "ProductInventory.csv", "adventureworks/stock").taken == 1069
    assert one("select sum(quantity) from inventory_bucket where kind = 'on_hand'") == (335974,)
    assert one("select count(distinct site_id) from inventory_bucket") == (14,)
    assert bring("customers", folder / "Vendor.csv", "adventureworks/suppliers").taken == 104
    report = bring("purchase-orders", folder / "PurchaseOrderHeader.csv", "adventureworks/purchase-orders")
    assert (report.rows, report.taken, report.refused) == (237, 22, 0)
    state = {r["PurchaseOrderID"]: r["Status"] for r in read(folder / "PurchaseOrderHeader.csv")}
    pieces = sum(
        int(r["OrderQty"]) - Decimal(r["ReceivedQty"])
        for r in read(folder / "PurchaseOrderDetail.csv")
        if state[r["PurchaseOrderID"]] in ("1", "2")
    )
    assert one("select sum(quantity) from inventory_bucket where kind = 'purchase'") == (pieces,)


def test_adventureworks_purchase_orders_with_receipts_and_rejects(folder: Path) -> None:
    """All 4,012 orders over 86 vendors, with what came in short and what was rejected; totals as the data states."""
    names = "Product ProductSubcategory ProductInventory Vendor ProductVendor PurchaseOrderHeader PurchaseOrderDetail"
    take(folder, *(f"adventureworks/{name}.csv" for name in names.split()))
    bring("items", folder / "Product.csv", "adventureworks/items")
    bring("stock", folder / "ProductInventory.csv", "adventureworks/stock")
    bring("customers", folder / "Vendor.csv", "adventureworks/suppliers")
    report = bring("supplier-items", folder / "ProductVendor.csv", "adventureworks/supplier-items")
    assert (report.taken, report.refused) == (460, 0)
    report = bring("purchase-orders", folder / "PurchaseOrderHeader.csv", "adventureworks/purchase-history")
    assert (report.rows, report.taken, report.refused) == (4012, 4012, 0)
    totals = one("select count(*), sum(ordered), sum(received + rejected), sum(rejected), sum(received),"
                 " sum(ordered * unit_cost), count(*) filter (where rejected > 0),"
                 " count(*) filter (where ordered > received + rejected) from supply_purchaseorderline")  # fmt: skip
    assert totals == (8845, 2348637, 2327299, 72700, 2254599, Decimal("63791994.8380"), 563, 380)
    assert one("select count(distinct supplier_id) from supply_purchaseorder") == (86,)
    assert one("select sum(quantity) from inventory_move where reason in ('purchase', 'accepted')") == (2254599,)
    assert one("select sum(quantity) from inventory_move where reason = 'rejected'") == (72700,)
    assert [check for check in checks() if check.violations] == []


def test_adventureworks_bills_of_material(folder: Path) -> None:
    """238 assemblies with 325 components; the open rows explode to 2,383 / 5,706 / 2,349 / 388 nodes by level."""
    take(folder, *(f"adventureworks/{name}.csv" for name in ("Product", "ProductSubcategory", "BillOfMaterials")))
    assert bring("items", folder / "Product.csv", "adventureworks/items").taken == 504
    report = bring("bills", folder / "BillOfMaterials.csv", "adventureworks/bills")
    assert (report.taken, report.refused) == (238, 0)
    before = one("select count(*) from platform_journalentry")
    assert bring("bills", folder / "BillOfMaterials.csv", "adventureworks/bills").refused == 0
    assert one("select count(*) from platform_journalentry") == before, "the same again writes nothing"
    products = {row["ProductID"]: row["ProductNumber"] for row in read(folder / "Product.csv")}
    ids = {sku: facts.id for sku, facts in catalog.items_by_sku(products.values()).items()}
    edges = catalog.bill_edges(AT.date())
    made = sorted({item for item, *_ in edges})
    assert len(made) == 238
    levels = Counter(node.level for node in catalog.explode([(item, Decimal(1)) for item in made], on=AT.date()))
    assert [levels[level] for level in range(1, 6)] == [2383, 5706, 2349, 388, 0]
    nodes = catalog.explode([(ids[products["749"]], Decimal(1))], on=AT.date())[1:]
    leaves = [node for node in nodes if node.is_leaf]
    assert (len(nodes), len(leaves), len({node.item_id for node in leaves})) == (89, 62, 48)
    assert sum(node.quantity for node in leaves) == 421
    frame = catalog.explode([(ids[products["680"]], Decimal(1))], on=AT.date())[1:]
    assert (len(frame), sum(node.is_leaf for node in frame)) == (24, 13)
    assert sum(node.quantity for node in frame if node.is_leaf) == 27
    assert [check for check in checks() if check.violations] == []


def test_adventureworks_customers_with_their_addresses(folder: Path) -> None:
    """A sample of the stores, whose name and address lie in four other files."""
    base = "adventureworks"
    names = ("Store.csv", "Person.csv.gz", "Address.csv.gz", "BusinessEntityAddress.csv.gz", "StateProvince.csv")
    take(folder, *(f"{base}/{name}" for name in names), f"{base}/Customer.csv.gz")
    report = bring("customers", folder / "Customer.csv.gz", f"{base}/customers-stores")
    assert (report.taken, report.refused) == (1336, 0)
    assert one("select p.name, a.country from parties_party p join parties_address a on a.party_id = p.id"
               " where p.number = 'AW00000001'") == ("A Bike Store", "US")  # fmt: skip
