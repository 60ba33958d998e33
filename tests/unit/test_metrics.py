"""What a worker counts, and how it travels."""

from sql.metrics import BUCKETS, METRICS_BYTES, OUTCOMES, Histogram, Recorder, WorkerMetrics


def test_durations_count_in_their_bucket_and_all_longer_ones() -> None:
    recorder = Recorder()
    for seconds in (0.0, 0.005, 0.006, 7.0, 99999.0):
        recorder.ended("completed", run_seconds=seconds)

    run = recorder.snapshot().run_seconds

    by_bound = dict(zip(BUCKETS, run.counts, strict=True))
    assert (by_bound[0.005], by_bound[0.01], by_bound[5], by_bound[10]) == (2, 3, 3, 4)
    assert (by_bound[3600], run.count) == (4, 5)
    assert run.sum == 100006.011


def test_each_outcome_has_its_counter() -> None:
    recorder = Recorder()
    for outcome in (*OUTCOMES, "lost"):
        recorder.ended(outcome, run_seconds=1)
    recorder.started(wait_seconds=-0.001)

    snapshot = recorder.snapshot()

    assert snapshot.outcomes == dict.fromkeys(OUTCOMES, 1) | {"lost": 2}
    assert (snapshot.wait_seconds.count, snapshot.wait_seconds.sum) == (1, 0)


def test_metrics_come_back_as_they_went() -> None:
    recorder = Recorder()
    recorder.ended("failed", run_seconds=1.25)
    metrics = recorder.snapshot()

    assert WorkerMetrics.from_text(metrics.to_text()) == metrics


def test_what_another_version_left_is_no_metrics() -> None:
    assert WorkerMetrics.from_text(None) is None
    assert WorkerMetrics.from_text("{") is None
    assert WorkerMetrics.from_text('{"run_seconds":{"counts":[1]}}') is None


def test_the_largest_metrics_fit_their_column() -> None:
    full = Histogram(counts=(10**12,) * len(BUCKETS), sum=1e12 + 0.123456, count=10**12)
    metrics = WorkerMetrics(
        run_seconds=full, wait_seconds=full, outcomes=dict.fromkeys(OUTCOMES, 10**12)
    )

    assert len(metrics.to_text().encode()) <= METRICS_BYTES


def test_histograms_add_up() -> None:
    one = Histogram(counts=(1,) * len(BUCKETS), sum=0.5, count=2)

    assert (one + one).counts == (2,) * len(BUCKETS)
    assert ((one + one).sum, (one + one).count) == (1.0, 4)
