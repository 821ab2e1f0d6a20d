"""The tea house takes over the book of another one; nothing here is civil affairs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minzheng.base.errors import Refused
from minzheng.data.ingest.converting import convert
from minzheng.data.ingest.mapping import parse_mapping
from minzheng.data.ingest.targets import Column, Table, Target

BOOK = Table("book", "茶账", (
    Column("unit", "桌号", "unit"), Column("guest", "茶客", "name"), Column("tea", "茶", "choice", choices=("绿茶", "红茶")),
    Column("price", "价钱", "money"), Column("first", "首次来", "month", required=False)))
HOUSE = Target("tea", "茶馆", (BOOK,), judge=lambda unit: [], known=lambda place, units: {}, load=lambda *_: None)
BODY = """
book:
  columns: {unit: 桌, guest: 客, tea: 茶码, price: 价, first: 年月}
  codes:
    tea: {01: 绿茶, 02: 红茶}
"""
GOOD = {"桌": "T-1", "客": "张 三", "茶码": "01", "价": "1,234.5", "年月": "202403"}


def made(**changes: str) -> object:
    return convert(BOOK, parse_mapping(BODY, HOUSE)["book"], {**GOOD, **changes})


def test_a_row_is_read_in_our_terms_and_codes_keep_their_zeros() -> None:
    found = made()
    assert not found.reasons
    assert found.values == {"unit": "T-1", "guest": "张 三", "tea": "绿茶", "price": 123450, "first": "2024-03"}


@pytest.mark.parametrize(("changes", "what"), [
    ({"茶码": "1"}, "没有对照"), ({"价": "12.345"}, "不是金额"), ({"价": "-1"}, "金额超出范围"), ({"价": "99999999999"}, "不是金额"),
    ({"价": "1e3"}, "不是金额"), ({"年月": "45292"}, "不是年月"), ({"年月": "2024115"}, "不是年月"), ({"年月": "2024-13"}, "不是年月"),
    ({"客": "张\u200b三"}, "看不见的字符"), ({"客": "甲" * 51}, "超过 50"), ({"桌": "=1+1"}, "字母、数字"), ({"桌": ""}, "是空的"),
])
def test_what_cannot_be_read_for_certain_is_refused(changes: dict[str, str], what: str) -> None:
    assert what in ";".join(made(**changes).reasons)


@pytest.mark.parametrize("text", ["2024-03", "2024/3", "2024年3月", "20240315", "2024-03-15", "2024.03", "2024-03-01 00:00:00"])
def test_months_are_read_as_people_write_them(text: str) -> None:
    assert made(年月=text).values["first"] == "2024-03"


@given(fen=st.integers(0, 2_147_483_647))
def test_every_amount_of_fen_is_read_exactly(fen: int) -> None:
    assert made(价=f"{fen // 100}.{fen % 100:02d}").values["price"] == fen


@given(text=st.text(max_size=30))
def test_no_cell_breaks_the_import(text: str) -> None:
    for title in GOOD:
        made(**{title: text})


@given(text=st.text(max_size=200))
def test_no_text_breaks_the_mapping(text: str) -> None:
    with pytest.raises(Refused):
        parse_mapping(text, HOUSE)


def test_a_column_of_ours_that_nobody_has_is_refused() -> None:
    with pytest.raises(Refused, match="没有“milk”这一列"):
        parse_mapping(BODY.replace("first:", "milk:"), HOUSE)
    with pytest.raises(Refused, match="还缺"):
        parse_mapping(BODY.replace("price: 价, ", ""), HOUSE)
    with pytest.raises(Refused, match="只能是"):
        parse_mapping(BODY.replace("02: 红茶", "02: 咖啡"), HOUSE)
