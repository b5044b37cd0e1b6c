"""The keeper's numbers for Prometheus, over HTTP. Imported only when somebody asks for them."""

import itertools
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from pxedoctor import __version__
from pxedoctor.verdict.happened import EventWord, Happened
from pxedoctor.watch.address import Address
from pxedoctor.watch.tally import BOUNDS, Tally, broken_seconds, broken_targets, counted

# Printed and no more: nobody else is told.
_PRINTED = frozenset({EventWord.PROVISIONAL, EventWord.UNSAID})
Labelled = CounterMetricFamily | GaugeMetricFamily


class Numbers(Collector):
    """Told of events by the keeper's thread, asked by the HTTP server's. `dropped`: by outlet (Outlets.dropped)."""

    def __init__(self, dropped: Callable[[], dict[str, int]]) -> None:
        self._dropped = dropped
        self._guard = threading.Lock()
        self._tally = Tally()

    def tell(self, event: Happened) -> None:
        with self._guard:
            self._tally = counted(self._tally, event, time.monotonic())

    def collect(self) -> Iterator[Metric]:
        with self._guard:
            tally = self._tally
        yield from _standing(tally)
        yield from _happened(tally)
        yield _latency(tally)
        yield _labelled(
            CounterMetricFamily(
                "pxedoctor_outlet_dropped",
                "Events that a slow hook, a mailer or a reader of standard output was not given.",
                labels=["outlet"],
            ),
            (((outlet,), count) for outlet, count in self._dropped().items()),
        )
        yield _labelled(
            GaugeMetricFamily("pxedoctor_build_info", "The version, as a label.", labels=["version"]),
            [((__version__,), 1)],
        )


def serve(numbers: Numbers, address: Address) -> int:
    """Serves them until this process ends; returns the port. Raises OSError where the address cannot be had."""
    registry = CollectorRegistry()
    registry.register(numbers)
    server, _ = start_http_server(address.port, address.host, registry)
    return int(server.server_port)


def _standing(tally: Tally) -> Iterator[Metric]:
    findings = GaugeMetricFamily(
        "pxedoctor_findings", "Findings that stand now, by cause and severity.", labels=["cause", "severity"]
    )
    named = sorted((entry.standing.name, entry.standing.severity) for entry in tally.standing.values())
    yield _labelled(findings, ((labels, len(tuple(same))) for labels, same in itertools.groupby(named)))
    yield GaugeMetricFamily(
        "pxedoctor_broken_targets", "Guests and networks that something cuts off now.", value=broken_targets(tally)
    )
    broken = CounterMetricFamily(
        "pxedoctor_broken_seconds", "Seconds for which something was broken, by cause, until now.", labels=["cause"]
    )
    yield _labelled(broken, (((cause,), seconds) for cause, seconds in broken_seconds(tally, time.monotonic())))


def _happened(tally: Tally) -> Iterator[Metric]:
    repairs = CounterMetricFamily(
        "pxedoctor_repairs", "Repairs that were tried, by cause and outcome.", labels=["cause", "outcome"]
    )
    yield _labelled(repairs, tally.repairs.items())
    events = CounterMetricFamily("pxedoctor_events", "Events that were told, by kind.", labels=["event"])
    yield _labelled(events, (((word.value,), tally.events.get(word, 0)) for word in EventWord if word not in _PRINTED))
    yield CounterMetricFamily(
        "pxedoctor_events_lost",
        "How often the kernel had more to tell than it could keep; everything was looked at again.",
        value=tally.events.get(EventWord.EVENTS_LOST, 0),
    )
    deaf = GaugeMetricFamily("pxedoctor_source_deaf", "1 where a source of events is not heard.", labels=["source"])
    yield _labelled(deaf, (((source,), int(is_deaf)) for source, is_deaf in tally.deaf.items()))


def _latency(tally: Tally) -> Metric:
    running = itertools.accumulate(tally.latency.counts)
    buckets = [(str(bound), float(count)) for bound, count in zip((*BOUNDS, "+Inf"), running, strict=True)]
    return HistogramMetricFamily(
        "pxedoctor_event_latency_seconds",
        "Seconds from the last change to the word about what it broke or healed.",
        buckets=buckets,
        sum_value=tally.latency.total,
    )


def _labelled(family: Labelled, rows: Iterable[tuple[Sequence[str], float]]) -> Metric:
    for labels, value in rows:
        family.add_metric(labels, value)
    return family
