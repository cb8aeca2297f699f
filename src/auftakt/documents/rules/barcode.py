"""Code 128: what every warehouse scanner reads, as the widths of its bars and gaps."""

_WIDTHS = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 "
    "123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 "
    "232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 "
    "313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 "
    "111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 "
    "111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 "
    "114311 411113 411311 113141 114131 311141 411131 211412 211214 211232"
).split()
_STOP = "2331112"
_START_B, _START_C, _TO_C, _TO_B = 104, 105, 99, 100
_LONGEST = 48


def code128_symbols(text: str) -> list[int]:
    """The symbols of a text with start and check digit, without the stop: pairs of digits share one symbol where at
    least four digits stand together. Empty for what Code 128 cannot hold (other than printable ASCII, or too long)."""
    if not text or len(text) > _LONGEST or not all(" " <= char <= "~" for char in text):
        return []
    symbols: list[int] = []
    at, in_pairs = 0, None
    while at < len(text):
        digits = _digits(text, at)
        if digits >= 4 or (in_pairs and digits >= 2):
            if not in_pairs and digits % 2:  # an odd run gives its first digit away, so that the rest are pairs
                symbols += [_START_B] if in_pairs is None else []
                symbols.append(ord(text[at]) - 32)
                at, in_pairs = at + 1, False
            if not in_pairs:
                symbols.append(_START_C if in_pairs is None else _TO_C)
                in_pairs = True
            symbols.append(int(text[at : at + 2]))
            at += 2
            continue
        if in_pairs is not False:
            symbols.append(_START_B if in_pairs is None else _TO_B)
            in_pairs = False
        symbols.append(ord(text[at]) - 32)
        at += 1
    check = sum(symbol * max(place, 1) for place, symbol in enumerate(symbols)) % 103
    return [*symbols, check]


def code128(text: str) -> list[int]:
    """Widths of bars and gaps in modules, in turn, a bar first; empty where there is no barcode for a text."""
    symbols = code128_symbols(text)
    if not symbols:
        return []
    return [int(width) for symbol in symbols for width in _WIDTHS[symbol]] + [int(width) for width in _STOP]


def _digits(text: str, at: int) -> int:
    end = at
    while end < len(text) and "0" <= text[end] <= "9":
        end += 1
    return end - at
