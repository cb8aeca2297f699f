"""Code 128 as drawn is Code 128 as read: an independent reader, written from the standard's table of set B and C."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auftakt.documents.rules import code128, code128_symbols

STARTS = {104: "B", 105: "C"}
SWITCHES = {99: "C", 100: "B"}


def read(symbols: list[int]) -> str:
    """What a scanner makes of symbols; a wrong check digit is no reading."""
    *told, check = symbols
    assert (told[0] + sum(place * symbol for place, symbol in enumerate(told))) % 103 == check
    charset, text = STARTS[told[0]], ""
    for symbol in told[1:]:
        if symbol in SWITCHES and SWITCHES[symbol] != charset:
            charset = SWITCHES[symbol]
        else:
            text += f"{symbol:02d}" if charset == "C" else chr(symbol + 32)
    return text


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=48))
def test_any_printable_text_is_read_back(text: str) -> None:
    symbols = code128_symbols(text)
    assert read(symbols) == text
    widths = code128(text)
    assert (len(widths), sum(widths)) == (6 * len(symbols) + 7, 11 * len(symbols) + 13)


@given(st.from_regex(r"[A-Z]{0,3}-?[0-9]{1,24}", fullmatch=True))
def test_numbers_are_read_back(text: str) -> None:
    assert read(code128_symbols(text)) == text


def test_digits_share_symbols() -> None:
    assert len(code128_symbols("00340434161094015902")) == 12
    assert code128_symbols("PC-000042") == [104, 48, 35, 13, 99, 0, 0, 42, 24]


@pytest.mark.parametrize("text", ["", "Ü", "a\tb", "🚲", "x" * 49])
def test_what_code_128_cannot_hold_has_no_bars(text: str) -> None:
    assert code128(text) == []
