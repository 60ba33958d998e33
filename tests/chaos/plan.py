"""The seeded plan of a chaos run: which faults, where, in which order."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tests.chaos.proxy import Moment

#: What is killed: (process, step, moment); the step is seen on the wire before the kill.
KILLS: Final[Sequence[tuple[str, str, Moment, int]]] = (
    ("worker", "claim", Moment.REQUEST, 1),
    ("worker", "claim", Moment.ANSWER, 2),
    ("worker", "start", Moment.REQUEST, 2),
    ("worker", "start", Moment.FLIGHT, 6),
    ("worker", "start", Moment.ANSWER, 3),
    ("worker", "complete", Moment.REQUEST, 2),
    ("worker", "complete", Moment.FLIGHT, 2),
    ("worker", "complete", Moment.ANSWER, 3),
    ("worker", "heartbeat", Moment.REQUEST, 1),
    ("worker", "heartbeat", Moment.ANSWER, 1),
    ("worker", "release", Moment.REQUEST, 1),
    ("api", "submit", Moment.REQUEST, 1),
    ("api", "submit", Moment.ANSWER, 2),
    ("api", "cancel", Moment.REQUEST, 1),
    ("api", "cancel", Moment.ANSWER, 1),
    ("api", "delete", Moment.ANSWER, 1),
    ("localdb", "submit", Moment.ANSWER, 1),
    ("localdb", "start", Moment.FLIGHT, 2),
    ("localdb", "complete", Moment.ANSWER, 1),
)

#: The other faults: (what, process whose wire it hits, step, moment).
FAULTS: Final[Sequence[tuple[str, str, str, Moment, int]]] = (
    ("cut", "worker", "claim", Moment.ANSWER, 2),
    ("cut", "worker", "start", Moment.REQUEST, 1),
    ("cut", "worker", "start", Moment.FLIGHT, 2),
    ("cut", "worker", "start", Moment.ANSWER, 2),
    ("cut", "worker", "complete", Moment.REQUEST, 2),
    ("cut", "worker", "complete", Moment.ANSWER, 3),
    ("cut", "worker", "heartbeat", Moment.ANSWER, 1),
    ("cut", "api", "submit", Moment.REQUEST, 1),
    ("cut", "api", "submit", Moment.ANSWER, 3),
    ("cut", "api", "delete", Moment.ANSWER, 1),
    ("cut", "client", "submit", Moment.REQUEST, 1),
    ("cut", "client", "submit", Moment.ANSWER, 2),
    ("half-open", "worker", "start", Moment.FLIGHT, 1),
    ("half-open", "worker", "claim", Moment.ANSWER, 1),
    ("half-open", "worker", "complete", Moment.ANSWER, 1),
    ("half-open", "worker", "heartbeat", Moment.REQUEST, 1),
    ("freeze", "worker", "start", Moment.REQUEST, 1),
    ("freeze", "worker", "start", Moment.FLIGHT, 1),
    ("freeze", "worker", "complete", Moment.REQUEST, 2),
    ("freeze", "worker", "claim", Moment.ANSWER, 1),
    ("delay", "worker", "complete", Moment.REQUEST, 1),
    ("delay", "worker", "start", Moment.ANSWER, 1),
    ("delay", "api", "submit", Moment.ANSWER, 1),
    ("partition", "worker", "start", Moment.FLIGHT, 1),
    ("restart", "localdb", "start", Moment.FLIGHT, 1),
    ("restart", "localdb", "complete", Moment.REQUEST, 1),
    ("queue stopped", "localdb", "start", Moment.FLIGHT, 1),
    ("scheduler off", "localdb", "start", Moment.FLIGHT, 1),
    ("table refuses", "localdb", "start", Moment.REQUEST, 1),
    ("shutdown", "worker", "release", Moment.ANSWER, 1),
)

#: Other faults for each kill.
FAULTS_PER_KILL: Final = 0.5


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry of the plan."""

    what: str
    target: str
    step: str
    moment: Moment
    #: Which of several, and how long within what is usual: 0 to 1.
    choice: float
    length: float

    def __str__(self) -> str:
        return f"{self.what} {self.target}: {self.step}, {self.moment.value}"


def make_plan(seed: int, kills: int | None) -> Iterator[Fault]:
    """The faults of a run, the same for the same seed.

    Args:
        seed: any number.
        kills: how many kills, with half as many other faults among them. None: without end.
    """
    chance = random.Random(f"plan {seed}")
    if kills is None:
        while True:
            yield _draw(chance, is_kill=chance.random() < 1 / (1 + FAULTS_PER_KILL))
    order = [True] * kills + [False] * round(kills * FAULTS_PER_KILL)
    chance.shuffle(order)
    for is_kill in order:
        yield _draw(chance, is_kill=is_kill)


def _draw(chance: random.Random, *, is_kill: bool) -> Fault:
    if is_kill:
        (target, step, moment, _) = chance.choices(KILLS, [entry[3] for entry in KILLS])[0]
        what = "kill -9"
    else:
        (what, target, step, moment, _) = chance.choices(FAULTS, [entry[4] for entry in FAULTS])[0]
    return Fault(what, target, step, moment, chance.random(), chance.random())
