"""What ``grade calibrate`` shows: a progress bar, histograms, figures, and the checks that let something through."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from grader.calibrate import Measured, calibrate, calibrated_checks
from grader.examine.calibration import Power
from grader.execute.warm import KernelSource
from grader.nouns import Exercise
from grader.write.distribution import print_distribution, save_figure

TOLD = {
    "margin": "far below the threshold",
    "count": "no pass",
    "no score": "never comes to a score",
}


def calibrate_and_show(
    exercises: Mapping[str, Exercise],
    source: KernelSource,
    folder: Path,
    *,
    seeds: int,
    jobs: int,
    most: int,
    gate: bool,
    prove: int = 0,
    console: Console | None = None,
) -> bool:
    """Calibrate all checks of the exercises that want it; whether each of them is as it should be."""
    console = console or Console()
    wanted = calibrated_checks(exercises)
    if not wanted:
        console.print("No check of the selection has a threshold to be measured.")
        return True
    good = True
    for exercise, check in wanted:
        title = f"{exercise.id} {check.name}"
        with _bar() as bar:
            tasks = {
                what: bar.add_task(f"{title}: {what}", total=None)
                for what in ("reference", *(["wrong answers"] if gate else []), *(["proof"] if prove else []))
            }

            def on_progress(what: str, done: int, of: int) -> None:
                if what in tasks:  # noqa: B023 - used within this round only
                    bar.update(tasks[what], completed=done, total=of)  # noqa: B023

            measured = calibrate(
                exercise,
                check,
                source,
                seeds=seeds,
                jobs=jobs,
                most=most,
                gate=gate,
                prove=prove,
                progress=on_progress,
            )
        _show(measured, title, folder, console)
        good = good and not measured.complaints
    return good


def _show(measured: Measured, title: str, folder: Path, console: Console) -> None:
    calibration = measured.calibration
    wrong = {name: (_verdict(power), power.scores) for name, power in calibration.power.items()}
    print_distribution(title, calibration.scores, measured.threshold, wrong, console)
    stem = folder / title.replace(" ", "-")
    scores = {name: power.scores for name, power in calibration.power.items()}
    paths = save_figure(title, calibration.scores, measured.threshold, scores, stem)
    console.print(
        f"Threshold {measured.threshold:.4g}; the reference's worst is {calibration.threshold:.4g}. "
        f"Figure: {paths[0]}",
        soft_wrap=True,
        highlight=False,
    )
    proof = calibration.proof
    if proof is not None:
        console.print(
            f"The reference passed {proof.passed} of {proof.gradings} gradings, with {len(proof.scores)} trainings "
            f"of {min(proof.scores):.4g} to {max(proof.scores):.4g}.",
            soft_wrap=True,
            highlight=False,
        )
    for complaint in measured.complaints:
        console.print(f"[red]Not good:[/red] {complaint}", soft_wrap=True, highlight=False)


def _verdict(power: Power) -> str:
    count = f"{power.passed} of {power.gradings} gradings passed"
    if power.holds is None:
        return f"not told: {count}"
    return f"{TOLD[power.told_by]} ({count})" if power.holds else f"passes too often: {count}"


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
