"""Payment card numbers: known so that they can be kept out."""


def is_card_number(text: str) -> bool:
    """Whether a text is a payment card's number: 12 to 19 digits with a true check digit (ISO/IEC 7812, Luhn)."""
    digits = text.replace(" ", "").replace("-", "")
    if not (digits.isascii() and digits.isdigit() and 12 <= len(digits) <= 19):
        return False
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0
