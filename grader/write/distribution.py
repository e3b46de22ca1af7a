"""The distribution of calibrated scores: as text in the terminal, and as a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

BINS = 10
WIDTH = 30  # characters of the longest bar


def histogram_lines(scores: Sequence[float], threshold: float) -> list[str]:
    """Bars of characters, from the lowest score to the highest; the bin with the threshold says so."""
    low, high = min(scores), max(scores)
    step = (high - low) / BINS or max(abs(high), 1e-6) / BINS
    counts = [0] * BINS
    for score in scores:
        counts[min(int((score - low) / step), BINS - 1)] += 1
    lines: list[str] = []
    for number, count in enumerate(counts):
        start = low + number * step
        bar = "█" * round(WIDTH * count / max(counts))
        inside = start <= threshold < start + step or (number == BINS - 1 and threshold == high)
        lines.append(f"{start:9.4f} {bar:<{WIDTH}} {count:3d}{'  ← threshold' if inside else ''}")
    if threshold < low:
        lines.insert(0, f"{threshold:9.4f} {'':<{WIDTH}}      ← threshold")
    return lines


def print_distribution(
    title: str,
    scores: Sequence[float],
    threshold: float,
    wrong: Mapping[str, tuple[str, Sequence[float]]],
    console: Console,
) -> None:
    """The reference's scores as a histogram, and a line for each wrong answer: name -> (verdict, scores)."""
    console.print(
        f"\n[bold]{escape(title)}[/bold]: {len(scores)} trainings of the reference", highlight=False
    )
    for line in histogram_lines(scores, threshold):
        console.print(escape(line), highlight=False, no_wrap=True, crop=True)
    if not wrong:
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("wrong answer", "best score", "verdict"):
        table.add_column(name)
    for name, (verdict, reached) in wrong.items():
        table.add_row(escape(name), f"{max(reached):.4f}" if reached else "none", escape(verdict))
    console.print(table)


def save_figure(
    title: str,
    scores: Sequence[float],
    threshold: float,
    wrong: Mapping[str, Sequence[float]],
    stem: Path,
) -> list[Path]:
    """Write STEM.png and STEM.svg: where the reference's scores lie, and those of the wrong answers."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    reached = {name: list(values) for name, values in wrong.items() if values}
    figure = Figure(figsize=(7, 2.2 + 0.3 * len(reached)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    rows = {f"reference ({len(scores)})": list(scores)} | {
        f"{name[:60]} ({len(values)})": values for name, values in reached.items()
    }
    for row, values in enumerate(rows.values()):
        # scores that coincide are set side by side, so that their number shows
        lift = [0.08 * (index % 5 - 2) for index in range(len(values))]
        axes.plot(values, [row + by for by in lift], ".", color="C0" if row == 0 else "C3", alpha=0.6)
    axes.axvline(threshold, color="0.2", linestyle="--", label=f"threshold {threshold:.4g}")
    axes.set_yticks(range(len(rows)), list(rows), parse_math=False)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlabel("score of one training")
    axes.set_title(title, parse_math=False)
    axes.legend(loc="best")
    stem.parent.mkdir(parents=True, exist_ok=True)
    paths = [stem.parent / f"{stem.name}.{kind}" for kind in ("png", "svg")]
    for path in paths:
        figure.savefig(path, dpi=150)
    return paths
