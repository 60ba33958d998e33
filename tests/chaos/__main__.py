"""Break OraQ at random, and account for every job: `python -m tests.chaos`.

    python -m tests.chaos --seed 1 --jobs 2000 --kills 40
    python -m tests.chaos --minutes 3              # a fixed and a random seed, half of the time each

Exit code 0: nothing lost, nothing doubled, every reason true, every fault has hit its step.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from pathlib import Path

from tests.chaos.run import Report, p95, run_chaos
from tests.provenance import commit, machine

#: The seed that is always run when only a time is given.
FIXED_SEED = 7


def main() -> int:
    """The command; gives its exit code."""
    options = _arguments()
    say = print if options.verbose else lambda text: None
    reports: list[Report] = []
    for seed, deadline in _rounds(options):
        print(f"seed {seed} ...", flush=True)
        report = run_chaos(
            seed=seed,
            jobs=None if options.minutes else options.jobs,
            kills=None if options.minutes else options.kills,
            deadline=deadline,
            plant=options.plant or "",
            say=say,
        )
        reports.append(report)
        print(summary_line(report), flush=True)
        for history in report.histories:
            print(f"\nseed {seed}: {history}", flush=True)
    print("\n" + ledger(reports))
    if options.json:
        Path(options.json).write_text(json.dumps(_facts(reports), indent=2) + "\n")
    return 0 if all(report.is_good for report in reports) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--jobs", type=int, default=2000, help="at least, each seed (%(default)s)")
    parser.add_argument("--kills", type=int, default=40, help="for each seed (%(default)s)")
    parser.add_argument("--seed", type=int, help="the first one (default: a random one)")
    parser.add_argument("--seeds", type=int, default=1, help="how many, one after the other")
    parser.add_argument("--minutes", type=float, help="by time, instead of by jobs and kills")
    parser.add_argument("--json", metavar="FILE", help="write the ledger there as well")
    parser.add_argument("--verbose", action="store_true", help="say each fault")
    parser.add_argument(
        "--plant", choices=("doubled", "lost", "gone"), help="a defect that has to be found"
    )
    return parser.parse_args()


def _rounds(options: argparse.Namespace) -> list[tuple[int, float | None]]:
    chosen = random.SystemRandom().randrange(1, 100_000) if options.seed is None else options.seed
    if not options.minutes:
        return [(chosen + n, None) for n in range(options.seeds)]
    now, length = time.monotonic(), options.minutes * 60
    if options.seed is not None:
        return [(chosen, now + length)]
    return [(FIXED_SEED, now + length / 2), (chosen, now + length)]


def summary_line(report: Report) -> str:
    """One run in a line."""
    verdict = report.verdict
    return (
        f"seed {report.seed}: {'GOOD' if report.is_good else 'BAD'}  {report.jobs} submitted, "
        f"{report.accepted} accepted, {verdict.unknown} unknown "
        f"({verdict.unknown_arrived} of them arrived), {report.kills} kills, "
        f"{report.faults.total() - report.kills} other faults, {len(report.missed)} missed, "
        f"{verdict.effects} effects, lost {verdict.count('lost')}, "
        f"doubled {verdict.count('doubled')}, wrong effects {verdict.count('wrong effects')}, "
        f"false reasons {verdict.count('false reason')}, {report.seconds:.0f} s"
    )


def ledger(reports: list[Report]) -> str:
    """All runs together, as tables."""
    faults: Counter[str] = Counter()
    jobs: Counter[tuple[str, str]] = Counter()
    reasons: Counter[str] = Counter()
    for report in reports:
        faults += report.faults
        jobs += report.verdict.jobs
        reasons += report.verdict.reasons
    recoveries = [value for report in reports for value in report.recoveries]
    back = [value for report in reports for value in report.api_back]
    workers = [value for report in reports for value in report.worker_back]
    totals = {
        "seeds": " ".join(str(report.seed) for report in reports),
        "submissions": sum(report.jobs for report in reports),
        "accepted": sum(report.accepted for report in reports),
        "unknown to the client": sum(report.verdict.unknown for report in reports),
        "of them arrived": sum(report.verdict.unknown_arrived for report in reports),
        "kills": sum(report.kills for report in reports),
        "other faults": faults.total() - sum(report.kills for report in reports),
        "faults tried twice": sum(len(report.retried) for report in reports),
        "faults that missed": sum(len(report.missed) for report in reports),
        "processes that ended by themselves": sum(len(report.died) for report in reports),
        "effects": sum(report.verdict.effects for report in reports),
        **{
            what: sum(report.verdict.count(what) for report in reports)
            for what in ("lost", "doubled", "wrong effects", "false reason")
        },
        "taken back after a kill": f"{len(recoveries)}, p95 {p95(recoveries):.1f} s",
        "API ready after the database": f"{len(back)}, p95 {p95(back):.1f} s",
        "worker ready after the database": f"{len(workers)}, p95 {p95(workers):.1f} s",
    }
    lines = [f"commit {commit()} on {machine()}", ""]
    lines += [f"{name:36} {value}" for name, value in totals.items()]
    lines += ["", f"{'fault and step':54} times"]
    lines += [f"{name:54} {count:5}" for name, count in sorted(faults.items())]
    lines += ["", f"{'kind':20} {'end':14} jobs"]
    lines += [f"{kind:20} {end:14} {count:5}" for (kind, end), count in sorted(jobs.items())]
    lines += ["", f"{'reason of failed jobs, each checked':54} jobs"]
    lines += [f"{name:54} {count:5}" for name, count in sorted(reasons.items())]
    for report in reports:
        lines += [f"seed {report.seed} missed: {fault}" for fault in report.missed]
        lines += [f"seed {report.seed} died: {text}" for text in report.died]
    return "\n".join(lines)


def _facts(reports: list[Report]) -> dict[str, object]:
    return {
        "commit": commit(),
        "machine": machine(),
        "seeds": {
            report.seed: {
                "submitted": report.jobs,
                "accepted": report.accepted,
                "kills": report.kills,
                "faults": dict(report.faults),
                "retried": report.retried,
                "missed": report.missed,
                "died": report.died,
                "effects": report.verdict.effects,
                "unknown": report.verdict.unknown,
                "unknown_arrived": report.verdict.unknown_arrived,
                "wrong_effects": report.verdict.count("wrong effects"),
                "false_reasons": report.verdict.count("false reason"),
                "seconds": round(report.seconds),
                "recoveries": [round(value, 2) for value in report.recoveries],
                "api_back": [round(value, 2) for value in report.api_back],
                "worker_back": [round(value, 2) for value in report.worker_back],
                "lost": report.verdict.count("lost"),
                "doubled": report.verdict.count("doubled"),
                "reasons": dict(report.verdict.reasons),
            }
            for report in reports
        },
    }


if __name__ == "__main__":
    sys.exit(main())
