"""How long a class of 1,000 takes: to analyse, to write as a page, and to open that page in a browser.

    python -m benchmarks.class_report [STUDENTS] [EXERCISES]

What is called interactive is the moment at which the page has been painted for the first time after its
script ran, so that a key or a click is answered. The browser is the Chromium on the PATH, without a window.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "write"))
from made_up_class import made_up_class

from grader.common_mistakes import common_mistakes
from grader.item_analysis import item_analysis
from grader.totals import totals
from grader.write.class_report import render_class, write_class_report

OPENINGS = 7
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# two frames: the second begins when the first is on the screen
PAINTED = """() => new Promise(done =>
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))"""
ENTRY = "performance.getEntriesByType('navigation')[0]"


def main() -> None:
    students = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    exercises = int(sys.argv[2]) if len(sys.argv) > 2 else 28
    grades = made_up_class(students, exercises=exercises)
    busy = f"{os.getloadavg()[0]:.1f} processes wanted {os.cpu_count()} cores"
    print(f"{students:,} students, {exercises} exercises; in the last minute {busy}")
    print("CPU seconds, best of 3")
    steps: dict[str, Callable[[], Any]] = {
        "totals": lambda: totals(grades),
        "item analysis": lambda: item_analysis(grades),
        "common mistakes": lambda: common_mistakes(grades),
        "the page, with all of these": lambda: render_class(grades),
    }
    for name, step in steps.items():
        print(f"  {name:<30} {min(_seconds(step) for _ in range(3)):7.2f} s")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.html"
        write_class_report(grades, path)
        print(f"  {'size':<30} {path.stat().st_size / 1e6:7.2f} MB")
        open_it(path)


def open_it(path: Path) -> None:
    from playwright.sync_api import sync_playwright

    browser_path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"]
        )
        for width in (1280, 390):
            taken = [_opening(browser, path, width) for _ in range(OPENINGS)]
            print(f"Chromium {browser.version}, {width} px wide, median of {OPENINGS} (least to most)")
            for i, name in enumerate(
                ("DOMContentLoaded", "interactive", "sorted by points", "found by name")
            ):
                values = [one[i] for one in taken]
                middle = statistics.median(values)
                print(f"  {name:<30} {middle:7.0f} ms  ({min(values):.0f} to {max(values):.0f})")
        browser.close()


def _opening(browser: Any, path: Path, width: int) -> tuple[float, float, float, float]:
    with browser.new_context(viewport={"width": width, "height": 900}) as context:
        page = context.new_page()
        page.goto(path.as_uri())
        painted = page.evaluate(PAINTED)
        loaded = page.evaluate(f"{ENTRY}.domContentLoadedEventEnd")
        by_points = _action(page, "document.querySelector(\"th[data-by='0'] button\").click()")
        found = _action(
            page,
            "(s => { s.value = 'garcia'; s.dispatchEvent(new Event('input')) })(document.getElementById('search'))",
        )
        return loaded, painted, by_points, found


def _action(page: Any, action: str) -> float:
    """Milliseconds until what the action did is on the screen (of a search, with the pause after the last key)."""
    script = f"""async () => {{
        const start = performance.now();
        {action};
        await new Promise(done => setTimeout(done, {80 if "search" in action else 0}));
        await ({PAINTED})();
        return performance.now() - start;
    }}"""
    return float(page.evaluate(script))


def _seconds(step: Callable[[], Any]) -> float:
    start = time.process_time()
    step()
    return time.process_time() - start


if __name__ == "__main__":
    main()
