"""Quantity: an exact decimal number that never travels without its unit."""

from dataclasses import dataclass
from decimal import Decimal

MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of measure. `decimals` is how finely it may be split: 0 for each, 3 for kilogram."""

    code: str
    dimension: str
    decimals: int = 0

    def admits(self, number: Decimal) -> bool:
        """Whether `number` of this unit makes sense: half a bicycle does not."""
        return number == number.quantize(Decimal(1).scaleb(-self.decimals))


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of one unit. Arithmetic across units raises ValueError: convert first."""

    number: Decimal
    unit: str

    def __post_init__(self) -> None:
        if not isinstance(self.number, Decimal):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError("a quantity is a Decimal, never a float")

    def _same(self, other: "Quantity") -> None:
        if self.unit != other.unit:
            raise ValueError(f"cannot mix {self.unit} and {other.unit}")

    def __add__(self, other: "Quantity") -> "Quantity":
        self._same(other)
        return Quantity(self.number + other.number, self.unit)

    def __sub__(self, other: "Quantity") -> "Quantity":
        self._same(other)
        return Quantity(self.number - other.number, self.unit)

    def __str__(self) -> str:
        return f"{self.number.normalize():f} {self.unit}"


def to_micro(number: Decimal) -> int:
    """A stored quantity (six decimals) as whole millionths, the engine's integer form. Raises ValueError if finer."""
    scaled = number * MICRO
    whole = int(scaled)
    if whole != scaled:
        raise ValueError(f"{number} is finer than six decimals")
    return whole


def from_micro(micro: int) -> Decimal:
    """The decimal quantity of whole millionths."""
    return Decimal(int(micro)).scaleb(-6)
