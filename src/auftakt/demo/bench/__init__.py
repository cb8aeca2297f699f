"""Benchmarks: each measures, in the same run, the floor it is compared with, and prints the ratio."""

from auftakt.demo.bench.advance import bench_advance
from auftakt.demo.bench.capture import bench_capture
from auftakt.demo.bench.console import bench_console
from auftakt.demo.bench.promise import bench_promise
from auftakt.demo.bench.replenish import bench_replenish
from auftakt.demo.bench.report import Report

BENCHES = {
    "capture": bench_capture,
    "promise": bench_promise,
    "advance": bench_advance,
    "console": bench_console,
    "replenish": bench_replenish,
}

__all__ = ["BENCHES", "Report"]
