"""The made-up grade, once as data and once as a report."""

from __future__ import annotations

import pytest
from made_up_grade import Sample, make_sample


@pytest.fixture(scope="session")
def sample() -> Sample:
    return make_sample()


@pytest.fixture(scope="session")
def html(sample: Sample) -> str:
    return sample.html()
