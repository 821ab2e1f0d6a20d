from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minzheng.base.cells import safe_cell


@pytest.mark.parametrize(("value", "cell"), [
    ("=1+1", "'=1+1"), ("+86", "'+86"), ("-5", "'-5"), ("@x", "'@x"), ("\t=1", "' =1"), ("\u200b=1", "'=1"),
    ("＝1", "'＝1"), ("\ufeff@x", "'@x"), ("茶壶", "茶壶"), ("", ""), ("a=b", "a=b"), ("\r\n=1", "'  =1"),
])  # fmt: skip
def test_no_cell_is_taken_for_a_formula(value: str, cell: str) -> None:
    assert safe_cell(value) == cell


@given(st.text(st.characters(codec="utf-8"), max_size=20))
def test_whatever_comes_before_it_a_sign_does_not_lead(text: str) -> None:
    assert safe_cell(text).lstrip()[:1] not in tuple("=+-@＝＋－＠")


@given(st.text("\t\r\n \u200b\u200c\u200d\u2060\ufeff\u00ad", max_size=6), st.sampled_from("=+-@"))
def test_invisible_characters_do_not_hide_a_sign(hidden: str, sign: str) -> None:
    assert safe_cell(f"{hidden}{sign}1+1").lstrip().startswith(f"'{sign}") or safe_cell(f"{hidden}{sign}1+1").startswith("'")
