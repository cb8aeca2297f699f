"""Lifecycle: the states of a thing and the verbs that move it, as one table that can be seen whole."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """`moves` maps verb -> (from-states, to-state). A thing begins at `start` and may rest for good in `ends`."""

    name: str
    start: str
    ends: frozenset[str]
    moves: Mapping[str, tuple[frozenset[str], str]]

    @classmethod
    def of(cls, name: str, start: str, ends: Iterable[str], **moves: tuple[str, str]) -> "Lifecycle":
        """Write a table as `verb=("from other", "to")`, the from-states separated by blanks."""
        table = {verb: (frozenset(sources.split()), target) for verb, (sources, target) in moves.items()}
        return cls(name, start, frozenset(ends), table)

    @property
    def states(self) -> frozenset[str]:
        """Every state named anywhere in the table."""
        named = {self.start, *self.ends}
        for sources, target in self.moves.values():
            named |= sources | {target}
        return frozenset(named)

    def allows(self, verb: str, state: str) -> bool:
        """Whether `verb` may be done in `state`."""
        return state in self.moves[verb][0]

    def sources(self, verb: str) -> list[str]:
        """The states in which `verb` may be done, sorted; for a SQL guard."""
        return sorted(self.moves[verb][0])

    def after(self, verb: str) -> str:
        """The state that `verb` leads to."""
        return self.moves[verb][1]

    def faults(self) -> list[str]:
        """What is wrong with the table: states out of reach, ends that are left, states that lead nowhere."""
        reached = {self.start}
        grew = True
        while grew:
            found = {to for sources, to in self.moves.values() if sources & reached} - reached
            reached |= found
            grew = bool(found)
        lost = [f"{self.name}: {state} cannot be reached" for state in sorted(self.states - reached)]
        left = {state for sources, _ in self.moves.values() for state in sources}
        lost += [f"{self.name}: end {state} is left" for state in sorted(self.ends & left)]
        lost += [f"{self.name}: {state} leads nowhere" for state in sorted(self.states - left - self.ends)]
        return lost
