"""What the numbers of an item analysis mean, in sentences for somebody who never heard of one."""

from __future__ import annotations

from grader.item_analysis import Item, Reliability
from grader.nouns import Status

FEW = 30  # students, below whom a correlation says little: its standard error is about 1 / √n

# Ebel and Frisbie, Essentials of Educational Measurement (1991), chapter 13: below 0.2 an item is poor and
# wants a look, below 0 its key is likely to be wrong. We speak up later, since a class is often small.
POOR = 0.1


def counted(count: int, noun: str) -> str:
    """``1 student``, ``1,200 students``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def percent(share: float | None) -> str:
    """``63 %``; a dash where it is not defined. A few are never rounded to none, nor most to all."""
    if share is None:
        return "–"
    whole = round(100 * share)
    if whole == 0 and share > 1e-9:
        return "< 1 %"
    return "> 99 %" if whole == 100 and share < 1 - 1e-9 else f"{whole} %"


def signed(value: float | None) -> str:
    """A correlation with two decimals and a real minus sign; a dash where it is not defined."""
    return "–" if value is None else f"{value:.2f}".replace("-0.00", "0.00").replace("-", "−")


def hints(item: Item) -> list[str]:
    """What deserves a look, the gravest first; nothing where all is as it should be."""
    said: list[str] = []
    here = "exercise" if not item.check else "check"
    r = item.discrimination
    if broken := item.statuses.get(Status.BROKEN, 0):
        who = "student" if broken == 1 else "students"
        said.append(f"The grader failed here for {broken} {who}; these points stay open.")
    if r is not None and r < 0 and item.decided >= FEW:
        said.append(
            f"Discrimination below 0: those who do well elsewhere fail here. Look at the {here} and its question."
        )
    elif r is not None and r < POOR and item.decided >= FEW:
        said.append(
            f"Discrimination below {POOR:g}: success here has little to do with success elsewhere. "
            f"Look at the {here}, or at how its question is put."
        )
    if item.mean_share is not None and item.decided >= 5:
        if item.mean_share < 0.15:
            said.append("Hardly anybody earns these points: too hard, not taught, or asked unclearly?")
        elif item.mean_share > 0.97:
            said.append("Nearly everybody earns these points: good for a start, but it tells nobody apart.")
    if item.students and item.attempted < 0.7 * item.students:
        missing = percent(1 - item.attempted / item.students)
        said.append(f"{missing} did not attempt it: was the time too short, or the question too long?")
    if item.check and item.statuses.get(Status.SKIPPED, 0) > 0.3 * item.students:
        skipped = percent(item.statuses[Status.SKIPPED] / item.students)
        said.append(f"{skipped} never got so far, since a check before it failed.")
    if item.statuses.get(Status.INCONCLUSIVE, 0) > 0.1 * item.students:
        said.append("The machine was often too busy to tell: grade with fewer tasks at a time.")
    return said


def reliability(found: Reliability) -> str:
    """One sentence about Cronbach's alpha."""
    if found.alpha is None:
        return f"Cronbach’s alpha is not defined: {found.undefined}."
    # Nunnally and Bernstein, Psychometric Theory (1994), p. 265: .7 is modest, .8 good, .9 for decisions on people
    word = next(
        word
        for bound, word in (
            (0.9, "the totals would hardly change with other exercises of this kind"),
            (0.8, "good for an exam"),
            (0.7, "modest: enough for homework"),
            (-float("inf"), "low: totals say little about who knows more"),
        )
        if found.alpha >= bound
    )
    without = (
        ""
        if not found.left_out
        else f", without the {counted(found.left_out, 'check')} that wait for a person"
    )
    return (
        f"Cronbach’s alpha is {signed(found.alpha)} over {found.items} exercises and {found.students} "
        f"students{without}: {word}."
    )
