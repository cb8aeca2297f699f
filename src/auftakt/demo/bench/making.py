"""What a plant can make: thousands of lines against a bare loop over the same rows."""

from datetime import date

from auftakt.demo.bench.report import Report, rate
from auftakt.promising import queries as promises


def measure_making(report: Report, day: date) -> None:
    """`ctp_lines_per_s`: lines of products that have to be made of ten components on three levels, on three resources
    each; each line sees what those before it took."""
    size = promises.TRIAL_BATCH
    trial = promises.Trial(day, 6)
    trial.lines(5)  # compiles
    trial.bare(5)
    made = report.figure("ctp_lines_per_s", rate(trial.lines, 5, size))
    bare = report.figure("ctp_bare_loop_lines_per_s", rate(trial.bare, 5, size))
    report.ratio("ctp_to_bare_loop", made, bare)
