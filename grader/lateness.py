"""What handing in late costs: from two points in time to a share of the points earned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late something was, and what that costs."""

    days: int = 0  # begun days that are charged
    lost: float = 0.0  # share of the points earned, from 0 to 1


@dataclass(frozen=True, slots=True)
class LatePolicy:
    """What each begun day costs, and when it is too late for anything."""

    per_day: float = 0.0  # per cent of the points earned
    cap: float = 100.0  # per cent that are lost at most
    grace: timedelta = timedelta()
    until: datetime | None = None  # with a time zone; what comes later counts nothing

    def lateness(
        self, submitted: datetime | None, due: datetime | None, extension: datetime | None = None
    ) -> Lateness:
        """What is lost by handing in at ``submitted``. All times have a time zone.

        Who has an extension has that much longer for everything: ``until`` moves with it.

        Nothing is lost where it is not known when something was handed in, or when it had to be.
        """
        until = self.until
        if extension is not None:
            until = until + (extension - due) if until is not None and due is not None else until
            due = extension
        if submitted is None:
            return Lateness()
        # Days begin where the grace ends. Who is 24 hours and a minute late then has lost one day, as who is
        # a minute late has lost none: the grace is for slow uploads, and those are slow on every day.
        late = submitted - due - self.grace if due is not None else timedelta()
        days = max(0, -(-late // DAY))  # rounded up; timedelta counts microseconds, so exactly
        if until is not None and submitted > until and (due is None or days):
            return Lateness(days, 1.0)
        return Lateness(days, min(self.per_day * days, self.cap, 100.0) / 100)
