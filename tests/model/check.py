"""Walk through every state of the job protocol and judge it.

python -m tests.model.check, with
- [WORD]: the invariants, in every scenario or in those with WORD in their name.
- --mutations [WORD]: break each rule of the protocol; an invariant has to notice.
- --trace: also print a shortest way to each broken invariant.
"""

import re
import sys
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.model.model import Protocol, State

INVARIANTS = {
    "I1": "nothing is lost: any job can still end, even if a worker and all dead sessions hang",
    "I2": "effects once: a job is completed if and only if one whole effect is committed",
    "I3": "an ended job changes only by retry and delete, a cancelled one never runs again",
    "I4": "what committed a part never runs again by itself; what did not is not called half done",
    "I5": "no call waits for its own transaction, or for one that only a client can end",
    "I6": "a job completes once",
    "I7": "an older attempt never changes progress or status",
}
SCENARIOS = {
    "plain": Protocol(("effect", "progress")),
    "commits": Protocol(("effect", "commit", "effect")),
    "raises": Protocol(("effect", "raise"), requests=2),
    "commits, raises": Protocol(("effect", "commit", "raise"), faults=1, requests=2),
    "commits, repeatable": Protocol(("effect", "commit", "effect"), "rerun", faults=1),
    "endless": Protocol(("effect", "loop")),
    "rolls back": Protocol(("effect", "rollback", "effect")),
    "rolls back, commits": Protocol(("effect", "rollback", "effect", "commit"), "fail"),
    "two jobs, chained": Protocol(("effect",), jobs=2, faults=1, requests=0),
    "chained, raises": Protocol(("effect", "may raise"), jobs=2, faults=0, requests=0),
}
HOLE = "what rolls back, then commits, is submitted to fail on loss"
RULES = [*re.findall(r'\.keeps\("(.+?)"\)', Path(__file__).with_name("model.py").read_text()), HOLE]


def judge(protocol: Protocol, s: State) -> str:
    """The invariant that a state breaks."""
    whole = " ".join(protocol.procedure).rpartition("rollback")[2].count("effect")
    for job in s.jobs:
        last = job.effects.count(max(job.effects, default=0))
        holder = next((x.at for x in s.sessions if x.sid == job.lock), "completing")
        if holder not in ("claiming", "completing"):
            return "I5 an open transaction keeps a row lock between calls"
        if job.completions > 1:
            return "I6 completed twice"
        if last != whole if job.status == "completed" else last > whole:
            return "I2 not one whole effect"
        if job.effects and not job.completions and "commit" not in protocol.procedure:
            return "I2 effects without completion"
        if protocol.on_loss != "rerun" and len(set(job.effects)) > 1:
            return "I4 parts of two attempts are committed"
        if job.status == "pending" and job.cancelled:
            return "I3 a cancelled job waits to run again"
        if job.attempt > 2 * protocol.losses + protocol.requests + 2:
            return "I1 runs again without bound"
    return s.flaw


class Walk:
    """All states of a scenario, breadth first; with a broken rule, until that is noticed."""

    def __init__(self, protocol: Protocol) -> None:
        began = time.monotonic()
        self.states = [protocol.initial()]
        self.parents = [(0, "")]
        self.steps: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self.found: dict[str, list[str]] = {}  # for each broken invariant, a shortest way to it
        number = {self.states[0]: 0}
        for here, s in enumerate(self.states):
            if flaw := judge(protocol, s):
                self.note(flaw, here)
                continue
            if self.found and protocol.broken and here > 20_000:
                break
            for who, what, after in protocol.steps(s):
                there = number.setdefault(after, len(self.states))
                if there == len(self.states):
                    self.states.append(after)
                    self.parents.append((here, what))
                self.steps[who].append((here, there))
                for old, new in zip(s.jobs, after.jobs, strict=True):
                    ended = old.status in ("completed", "failed") and new.status != old.status
                    if ended and not what.startswith(("user: retry", "user: delete")):
                        self.note(f"I3 {old.status}, then {new.status}", here, what)
        for halted in () if self.found else (0, 1):
            if stuck := self.stuck(halted):
                self.note(f"I1 if worker {halted} hangs now, a job never ends", stuck)
        self.seconds = time.monotonic() - began

    def note(self, flaw: str, here: int, *way: str) -> None:
        while here:
            here, what = self.parents[here]
            way = (what, *way)
        self.found.setdefault(flaw[:2], [*way, f"=> {flaw}"])

    def stuck(self, halted: int) -> int:
        """The first state from which, without that worker and without luck, a job never ends."""
        before: list[list[int]] = [[] for _ in self.states]
        for who in ("server", f"worker {1 - halted}", f"lease of {halted}"):
            for here, there in self.steps[who]:
                before[there].append(here)
        live = {"pending", "running"}
        todo = [n for n, s in enumerate(self.states) if not live & {x.status for x in s.jobs}]
        can_end = bytearray(len(self.states))
        while todo:
            if not can_end[here := todo.pop()]:
                can_end[here] = 1
                todo += before[here]
        return max(0, can_end.find(0))

    def traces(self) -> str:
        ways = self.found.values() if "--trace" in sys.argv else ()
        return "".join(f"\n    {what}" for way in ways for what in (*way, ""))


def check(name: str) -> tuple[str, bool]:
    walk = Walk(SCENARIOS[name])
    verdict = "  ".join(f"{i} {'BROKEN' if i in walk.found else 'ok'}" for i in INVARIANTS)
    sizes = f"{len(walk.states):9,} {sum(map(len, walk.steps.values())):10,} {walk.seconds:5.1f}"
    return f"{name:20} {sizes}   {verdict}{walk.traces()}", not walk.found


def mutate(rule: str) -> tuple[str, bool]:
    """Break a rule in one scenario after the other until an invariant notices."""
    for name, protocol in SCENARIOS.items():
        protocol = protocol._replace(faults=1, broken=rule)
        walk = Walk(protocol._replace(on_loss="ask", requests=0) if rule == HOLE else protocol)
        if walk.found:
            ways = ", ".join(f"{i} after {len(way) - 1} steps" for i, way in walk.found.items())
            return f"{rule:60} {ways} ({name}){walk.traces()}", True
    return f"{rule:60} NOT NOTICED", False


def main() -> int:
    mutations = "--mutations" in sys.argv
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    names = RULES if mutations else [*SCENARIOS][::-1]  # the largest first
    names = [name for name in names if all(word in name for word in words)]
    if mutations:
        print(f"{'broken rule':60} noticed by")
    else:
        print(*(f"{i}  {text}" for i, text in INVARIANTS.items()), sep="\n")
        print(f"\n{'scenario':20} {'states':>9} {'steps':>10} {'s':>5}   verdict")
    well = bool(names)
    with ProcessPoolExecutor() as pool:
        for line, good in pool.map(mutate if mutations else check, names):
            print(line, flush=True)
            well = well and good
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
