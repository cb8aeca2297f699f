"""What a benchmark found out, and on what kind of machine."""

import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import psutil


@dataclass(slots=True)
class Report:
    """`figures` and `ratios` are flat maps of numbers; the figures wander with the machine, the ratios less."""

    name: str
    figures: dict[str, float] = field(default_factory=dict)
    ratios: dict[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """For `--json`."""
        machine = {
            "cores": os.cpu_count(),
            "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
            "python": platform.python_version(),
            "system": platform.system(),
        }
        return {"name": self.name, "machine": machine, "figures": self.figures, "ratios": self.ratios}

    def figure(self, name: str, value: float) -> float:
        """Note a figure, rounded to what it is good for."""
        self.figures[name] = round(value, 1 if value >= 10 else 3)
        return value

    def ratio(self, name: str, value: float, floor: float) -> None:
        """Note how much of the floor is reached: 0.25 means a quarter of its speed."""
        self.ratios[name] = round(value / floor, 3)


def rate(work: Callable[[int], object], batches: int, size: int) -> float:
    """Things per second: the median over `batches` calls of `work`, each doing `size` things."""
    took: list[float] = []
    for number in range(batches):
        began = time.perf_counter()
        work(number)
        took.append(time.perf_counter() - began)
    return size / statistics.median(took)


def mean_rate(work: Callable[[int], object], count: int) -> float:
    """Things per second over `count` calls that do one thing each."""
    began = time.perf_counter()
    for number in range(count):
        work(number)
    return count / (time.perf_counter() - began)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
