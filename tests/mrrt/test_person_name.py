"""Names of people as readers write them."""

from __future__ import annotations

import pytest

from mrrt.person_name import name_said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Muster^Erika", "Muster, Erika"),
        ("Muster^Erika^^Dr.", "Muster, Dr. Erika"),
        ("Adams^John Robert Quincy^^Rev.^B.A. M.Div.", "Adams, Rev. John Robert Quincy, B.A. M.Div."),
        (
            "Morrison-Jones^Susan^^^Ph.D., Chief Executive Officer",
            "Morrison-Jones, Susan, Ph.D., Chief Executive Officer",
        ),
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "Yamada, Tarou (山田 太郎)"),
        ("=山田^太郎", "山田 太郎"),
        ("  Muster ^ Erika  Anna ^^^^", "Muster, Erika Anna"),
        ("^Erika", "Erika"),
        ("A^B^C^D^E^F", "A, D B C, E F"),
        ("Station 4", "Station 4"),
        ("", ""),
        ("^^=^", ""),
    ],
)
def test_names_are_printed_family_name_first(written: str, said: str) -> None:
    assert name_said(written) == said
