"""Bank statement files, read: CAMT.053 as banks send it, and CSV in whatever shape a bank's web site gives it."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from xml.etree import ElementTree as ET

from auftakt.billing.types import BankLineDraft, StatementDraft
from auftakt.values import round_money

MEANINGS = (
    "booked_on", "valued_on", "amount", "currency", "payer", "payer_account", "text", "reference", "account",
)  # fmt: skip
NEEDED = ("booked_on", "amount")

# Heads under which banks keep what, compared without case, blanks and signs; the likeliest first.
_HEADS = {
    "booked_on": (
        "buchungstag", "buchungsdatum", "bookingdate", "bookedon", "buchung", "datum", "date", "transactiondate",
    ),
    "valued_on": ("valutadatum", "wertstellung", "wertstellungstag", "valuta", "valuedate", "valuedon", "wert"),
    "amount": ("betrag", "betrageur", "umsatz", "amount", "amounteur", "value"),
    "currency": ("waehrung", "währung", "currency", "ccy"),
    "payer": (
        "beguenstigterzahlungspflichtiger", "begünstigterzahlungspflichtiger", "namezahlungsbeteiligter",
        "auftraggeberempfänger", "auftraggeberempfaenger", "zahlungspflichtiger", "zahlungspflichtige", "auftraggeber",
        "payer", "partnername", "payee", "name", "counterparty",
    ),
    "payer_account": (
        "kontonummeriban", "ibanzahlungsbeteiligter", "iban", "kontonummer", "payeraccount", "payeriban",
        "partneriban", "accountnumber", "counterpartyaccount",
    ),
    "text": (
        "verwendungszweck", "remittancetext", "remittanceinformation", "paymentreference", "text", "description",
        "zweck", "vorgangverwendungszweck",
    ),
    "reference": (
        "bankreferenz", "referenz", "bankreference", "transactionid", "umsatzid", "reference", "id",
    ),
    "account": ("auftragskonto", "ibanauftragskonto", "account", "konto", "ownaccount"),
}  # fmt: skip
_NO_REFERENCE = {"", "NONREF", "NOTPROVIDED", "NOTAVAILABLE", "KREF", "STARTUMSE", "0"}
_GREATEST = Decimal(10) ** 12


@dataclass(frozen=True, slots=True)
class CsvLayout:
    """Where a bank's CSV file keeps what: column heads by meaning, and how it writes days and numbers.

    `columns` names the heads of: booked_on, valued_on, amount, currency, payer, payer_account, text, reference,
    account. booked_on and amount are needed. `days` is dmy, mdy or ymd; `decimal` is the decimal sign.
    """

    columns: dict[str, str] = field(default_factory=dict[str, str])
    delimiter: str = ";"
    days: str = "dmy"
    decimal: str = ","
    currency: str = "EUR"
    account: str = ""


@dataclass(frozen=True, slots=True)
class ReadStatement:
    """What a bank file says: statements, how many lines were money going out, and what could not be read, by line."""

    statements: tuple[StatementDraft, ...] = ()
    outgoing: int = 0
    problems: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file cut into cells: its head, the rows below with their line numbers, and the layout it seems to have."""

    head: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    layout: CsvLayout

    @property
    def missing(self) -> list[str]:
        """Meanings that a statement needs and no column of this file is known for."""
        return missing(self.layout, self.head)


def missing(layout: CsvLayout, head: Sequence[str]) -> list[str]:
    """Meanings that a statement needs and the layout names no column of this head for."""
    return [each for each in NEEDED if not layout.columns.get(each) or layout.columns[each] not in head]


def is_xml(content: bytes) -> bool:
    """Does a file look like XML?"""
    return content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def plain(text: object, longest: int) -> str:
    """Text from a file: one line, no control characters, not longer than can be kept."""
    kept = "".join(char if char.isprintable() else " " for char in str(text or ""))
    return " ".join(kept.split())[:longest]


def account_of(text: str) -> str:
    """An IBAN or account number without blanks, in capitals."""
    return "".join(text.upper().split())[:64]


# ------------------------------------------------------------------------------------------------ CSV


def decoded(content: bytes) -> str:
    """The text of a file: UTF-8, or what Windows writes."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def look_at_csv(content: bytes) -> Table:
    """Cut a CSV file into cells and guess its layout: where its head stands, what its columns mean, how it writes."""
    text = decoded(content).replace("\x00", "")
    delimiter = max(";,\t|", key=lambda sign: _regular(text, sign))
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    best, columns = 0, dict[str, str]()
    for place, row in enumerate(rows[:30]):
        found = _meanings(row)
        if len(found) > len(columns):
            best, columns = place, found
    if not columns:
        best = next((place for place, row in enumerate(rows) if sum(map(bool, row)) > 1), 0)
    head = tuple(plain(cell, 80) for cell in rows[best]) if rows else ()
    body = tuple(
        (place, tuple(cell.strip() for cell in row))
        for place, row in enumerate(rows[best + 1 :], best + 2)
        if any(cell.strip() for cell in row)
    )
    return Table(head, body, _habits(head, body, CsvLayout(columns, delimiter)))


def _regular(text: str, sign: str) -> tuple[int, int]:
    """How well a sign separates: most lines with the same count of it."""
    counts = Counter(line.count(sign) for line in text.splitlines()[:60])
    counts.pop(0, None)
    count, lines = counts.most_common(1)[0] if counts else (0, 0)
    return lines, count


def _meanings(row: Sequence[str]) -> dict[str, str]:
    """Meaning -> the head of the column, for the heads that are known."""
    heads = {re.sub(r"[^a-zäöüß]", "", cell.lower()): plain(cell, 80) for cell in reversed(row) if cell.strip()}
    found: dict[str, str] = {}
    for meaning, names in _HEADS.items():
        name = next((name for name in names if name in heads), None)
        if name and heads[name] not in found.values():
            found[meaning] = heads[name]
    return found


def _habits(head: Sequence[str], body: Sequence[tuple[int, Sequence[str]]], layout: CsvLayout) -> CsvLayout:
    """The layout with the decimal sign and the order of days that the file's first rows show."""
    amounts = _column(head, body, layout.columns.get("amount", ""))
    last = [max(text.rfind(","), text.rfind(".")) for text in amounts]
    signs = Counter(
        text[place] for text, place in zip(amounts, last, strict=True) if place >= len(text) - 3 and place > 0
    )
    decimal = signs.most_common(1)[0][0] if signs else layout.decimal
    days = [re.split(r"[./-]", text) for text in _column(head, body, layout.columns.get("booked_on", ""))]
    parts = [day for day in days if len(day) == 3]
    order = "dmy"
    if parts and all(len(day[0]) == 4 for day in parts):
        order = "ymd"
    elif any(day[1].isdigit() and int(day[1]) > 12 for day in parts):
        order = "mdy"
    return replace(layout, decimal=decimal, days=order)


def _column(head: Sequence[str], body: Sequence[tuple[int, Sequence[str]]], name: str) -> list[str]:
    if name not in head:
        return []
    place = list(head).index(name)
    return [row[place] for _, row in body[:200] if len(row) > place and row[place]]


def read_csv(content: bytes, layout: CsvLayout, filename: str) -> ReadStatement:
    """A CSV file as a statement for each account it names; what cannot be read is told by line."""
    table = look_at_csv(content)
    places = {meaning: table.head.index(head) for meaning, head in layout.columns.items() if head in table.head}
    lines: dict[str, list[BankLineDraft]] = {}
    problems: list[tuple[int, str]] = []
    outgoing = 0
    for number, row in table.rows:
        cells = {meaning: row[place] if place < len(row) else "" for meaning, place in places.items()}
        amount = amount_of(cells.get("amount", ""), layout.decimal)
        booked = day_of(cells.get("booked_on", ""), layout.days)
        currency = (cells.get("currency") or layout.currency).strip().upper()
        problem = _problem(amount, booked, currency)
        if problem or amount is None or booked is None:
            problems.append((number, problem))
        elif amount <= 0:
            outgoing += 1
        else:
            valued = day_of(cells.get("valued_on", ""), layout.days) or booked
            line = BankLineDraft(
                plain(cells.get("reference"), 100), booked, valued, amount, currency, plain(cells.get("payer"), 200),
                account_of(cells.get("payer_account", "")), plain(cells.get("text"), 1000),
            )  # fmt: skip
            lines.setdefault(account_of(cells.get("account") or layout.account), []).append(line)
    statements = tuple(
        StatementDraft(account, plain(filename, 200), "csv", named(account, each)) for account, each in lines.items()
    )
    return ReadStatement(statements, outgoing, tuple(problems))


def _problem(amount: Decimal | None, booked: date | None, currency: str) -> str:
    """What is wrong with a line: amount, day or currency; nothing when it is right."""
    if amount is None or abs(amount) >= _GREATEST:
        return "amount"
    if booked is None:
        return "day"
    if not re.fullmatch("[A-Z]{3}", currency):
        return "currency"
    return "amount" if round_money(amount, currency) != amount else ""


def amount_of(text: str, decimal: str) -> Decimal | None:
    """1.234,56 or 1,234.56 or 1234.56-, by the decimal sign of the file. None for anything else."""
    kept = re.sub(r"[\s'’]|[A-Z]{3}|[€$£]", "", text.strip())
    if kept.endswith("-"):
        kept = "-" + kept[:-1]
    kept = kept.replace("," if decimal == "." else ".", "").replace(decimal, ".")
    if not re.fullmatch(r"[+-]?\d{1,15}(\.\d{1,3})?", kept):
        return None
    try:
        return Decimal(kept)
    except InvalidOperation:
        return None


def day_of(text: str, order: str) -> date | None:
    """23.11.2026, 11/23/2026 or 2026-11-23, by the order of the file. None for anything else."""
    parts = re.split(r"[./-]", text.strip()[:10].split("T")[0].strip())
    if len(parts) != 3 or not all(re.fullmatch(r"\d{1,4}", part) for part in parts):
        return None
    year, month, day = (int(parts["dmy".index(sign) if order == "dmy" else order.index(sign)]) for sign in "ymd")
    try:
        return date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        return None


def named(account: str, lines: Iterable[BankLineDraft]) -> tuple[BankLineDraft, ...]:
    """Lines with a reference each. Where the bank gave none, or the same to different lines, it is made from what the
    line says, and from how often the file says so; so the same file again gives the same references."""
    kept = list(lines)
    given = Counter(line.reference for line in kept)
    said: Counter[str] = Counter()
    found: list[BankLineDraft] = []
    for line in kept:
        if line.reference.upper() not in _NO_REFERENCE and given[line.reference] == 1:
            found.append(line)
            continue
        content = "|".join((
            account, line.reference, line.booked_on.isoformat(), str(line.amount), line.currency, line.payer,
            line.payer_account, line.text,
        ))  # fmt: skip
        said[content] += 1
        digest = sha256(f"{content}|{said[content]}".encode()).hexdigest()[:20].upper()
        found.append(replace(line, reference=f"L-{digest}"))
    return tuple(found)


# ------------------------------------------------------------------------------------------------ CAMT.053


def read_camt(content: bytes, filename: str) -> ReadStatement:
    """A CAMT.053 (or 052, 054) file: booked credits of each statement. Raises ValueError for one that is none."""
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise ValueError("declares entities")
    try:
        root = ET.fromstring(content)  # noqa: S314 - entities are refused above
    except ET.ParseError as error:
        raise ValueError(str(error)) from error
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    statements: list[StatementDraft] = []
    problems: list[tuple[int, str]] = []
    outgoing = number = 0
    found = [*root.iter("Stmt"), *root.iter("Rpt"), *root.iter("Ntfctn")]
    if not found:
        raise ValueError("holds no statement")
    for statement in found:
        account = account_of(_text(statement, "Acct/Id/IBAN") or _text(statement, "Acct/Id/Othr/Id"))
        lines: list[BankLineDraft] = []
        for entry in statement.findall("Ntry"):
            number += 1
            status = _text(entry, "Sts/Cd") or _text(entry, "Sts")
            if status not in ("", "BOOK"):
                continue
            if _text(entry, "CdtDbtInd") != "CRDT":
                outgoing += 1
                continue
            problem, read = _entry(entry)
            problems += [(number, problem)] if problem else []
            lines += read
        if lines:
            statements.append(StatementDraft(account, plain(filename, 200), "camt", named(account, lines)))
    return ReadStatement(tuple(statements), outgoing, tuple(problems))


def _entry(entry: ET.Element) -> tuple[str, list[BankLineDraft]]:
    """A credit entry: one line, or one for each of the transactions it gathers when these sum to it."""
    amount, currency = _amount(entry.find("Amt"))
    booked = _day(entry, "BookgDt")
    problem = _problem(amount, booked, currency)
    if problem or amount is None or booked is None:
        return problem, []
    whole = BankLineDraft(
        plain(_text(entry, "AcctSvcrRef") or _text(entry, "NtryRef"), 100), booked, _day(entry, "ValDt") or booked,
        amount, currency, text=plain(_text(entry, "AddtlNtryInf"), 1000),
    )  # fmt: skip
    details = entry.findall("NtryDtls/TxDtls")
    amounts = [_amount(_first(each, "AmtDtls/TxAmt/Amt", "Amt"))[0] for each in details]
    if len(details) > 1 and None not in amounts and sum(filter(None, amounts)) == amount:
        parts = [replace(whole, amount=each) for each in amounts if each]
        return "", [
            _party(part, detail, f"/{place}")
            for place, (part, detail) in enumerate(zip(parts, details, strict=True), 1)
        ]
    return "", [_party(whole, details[0], "") if len(details) == 1 else whole]


def _party(line: BankLineDraft, detail: ET.Element, mark: str) -> BankLineDraft:
    """The line with what a transaction tells of its payer and of what it is for."""
    own = _text(detail, "Refs/AcctSvcrRef")
    reference = own or (f"{line.reference}{mark}" if line.reference else "")
    texts = [each.text or "" for each in detail.findall("RmtInf/Ustrd")]
    texts += [each.text or "" for each in detail.findall("RmtInf/Strd/CdtrRefInf/Ref")]
    texts += [each.text or "" for each in detail.findall("RmtInf/Strd/RfrdDocInf/Nb")]
    end_to_end = _text(detail, "Refs/EndToEndId")
    if end_to_end.upper() not in _NO_REFERENCE:
        texts.append(end_to_end)
    return replace(
        line,
        reference=plain(reference, 100),
        payer=plain(_text(detail, "RltdPties/Dbtr/Nm") or _text(detail, "RltdPties/Dbtr/Pty/Nm"), 200),
        payer_account=account_of(
            _text(detail, "RltdPties/DbtrAcct/Id/IBAN") or _text(detail, "RltdPties/DbtrAcct/Id/Othr/Id")
        ),
        text=plain(" ".join(texts), 1000) or line.text,
    )


def _first(element: ET.Element, *paths: str) -> ET.Element | None:
    return next((found for path in paths if (found := element.find(path)) is not None), None)


def _text(element: ET.Element, path: str) -> str:
    found = element.find(path)
    return (found.text or "").strip() if found is not None else ""


def _amount(element: ET.Element | None) -> tuple[Decimal | None, str]:
    if element is None:
        return None, ""
    return amount_of(element.text or "", "."), element.get("Ccy", "").upper()


def _day(entry: ET.Element, name: str) -> date | None:
    return day_of(_text(entry, f"{name}/Dt") or _text(entry, f"{name}/DtTm"), "ymd")
