"""Folder names for students, whatever their ids hold."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.nouns import Student
from grader.read.student_folders import folder_name

IDS = st.one_of(
    st.text(max_size=120),
    st.text(alphabet="aA./\\-_ 0é\u0130ßſK", max_size=8),
    st.from_regex(r"[a-z]{1,3}-[0-9a-f]{12}", fullmatch=True),
)


def name(id: str) -> str:
    return folder_name(Student(id))


@pytest.mark.parametrize("id", ["ada", "u1", "123456", "ada.lovelace", "ada_l-2"])
def test_plain_ids_stay(id: str) -> None:
    assert name(id) == id


@pytest.mark.parametrize(
    ("id", "start"),
    [
        ("Ada Lovelace", "ada-lovelace-"),
        ("ada@uni.edu", "ada-uni-edu-"),
        ("../../etc/passwd", "etc-passwd-"),
        (".hidden", "hidden-"),
        ("nul", "nul-"),
        ("con.txt", "con-txt-"),
        ("com1.tar.gz", "com1-tar-gz-"),
        ("", "student-"),
        ("נועה", "student-"),
        ("José", "jose-"),
        ("a" * 300, "a" * 67 + "-"),
        ("\ud800", "student-"),
    ],
)
def test_others_get_a_digest(id: str, start: str) -> None:
    assert re.fullmatch(re.escape(start) + "[0-9a-f]{12}", name(id))


def test_nobody_can_be_named_like_another_s_folder() -> None:
    victim = name("Ada")
    assert name(victim) != victim
    assert len({name(id) for id in ("Ada", "ada", "ADA", "ada ", "Adá", victim)}) == 6


@given(IDS)
def test_every_file_system_takes_it(id: str) -> None:
    made = name(id)
    assert made == name(id)
    assert 1 <= len(made) <= 80
    assert re.fullmatch(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?", made)
    assert not re.fullmatch(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", made)


@given(IDS, IDS)
def test_no_two_students_share_one(one: str, other: str) -> None:
    assert (name(one) == name(other)) == (one == other)
