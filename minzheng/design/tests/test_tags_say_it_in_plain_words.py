from __future__ import annotations

import datetime as dt

import pytest
from django import forms
from django.template import engines
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from minzheng.base import clock
from minzheng.design import icons
from minzheng.design.templatetags import ui


def render(source: str, **context: object) -> str:
    request = RequestFactory().get("/somewhere?x=1")
    return engines["django"].from_string("{% load ui %}" + source).render(context, request)


class Sample(forms.Form):
    name = forms.CharField(label="姓名", help_text="与身份证一致")
    way = forms.ChoiceField(label="方式", widget=forms.RadioSelect, choices=[("a", "甲"), ("b", "乙")])
    nick = forms.CharField(label="曾用名", required=False)

    def clean(self) -> None:
        raise forms.ValidationError("两处不一致")


@pytest.mark.parametrize(
    ("fen", "words"),
    [(123456, "1,234.56 元"), (0, "0.00 元"), (5, "0.05 元"), (-123456, "-1,234.56 元"), (-5, "-0.05 元"), (None, "—")],
)
def test_money_is_written_as_yuan_with_two_places(fen: int | None, words: str) -> None:
    assert ui.money(fen) == words


@pytest.mark.parametrize("wrong", [12.5, "100", True])
def test_money_that_is_not_whole_fen_is_refused(wrong: object) -> None:
    with pytest.raises(TypeError):
        ui.money(wrong)  # type: ignore[arg-type]


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_money_reads_back_to_the_same_fen(fen: int) -> None:
    text = ui.money(fen).removesuffix(" 元").replace(",", "").replace(".", "")
    assert int(text) == fen


@given(st.text(alphabet="0123456789张三丰X", min_size=1, max_size=30))
def test_clear_text_never_passes_the_masked_tag_whole(value: str) -> None:
    shown = ui.masked(value)["text"]
    assert "*" in shown
    assert shown != value


def test_a_masked_value_is_left_alone_and_offers_the_recorded_way_to_see_it() -> None:
    html = render('{% masked "张**" "/reveal/7" %}')
    assert "张**" in html
    assert '<a href="/reveal/7">查看明文(留痕)</a>' in html
    assert ui.masked("13800006620")["text"] == "138****6620"
    assert ui.masked("")["text"] == "—"


@pytest.mark.parametrize(
    ("left", "words", "colour"),
    [
        (-3, "超期 3 个工作日", "red"), (0, "今日到期", "orange"),
        (2, "剩 2 个工作日", "orange"), (9, "剩 9 个工作日", ""),
    ],
)
def test_the_lamp_names_the_days_and_colours_them(left: int, words: str, colour: str) -> None:
    assert ui.lamp(None, left=left) == f'<span class="lamp {colour}">{words}</span>'


def test_without_working_days_the_lamp_counts_calendar_days(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: dt.date(2026, 11, 24))
    assert "剩 3 天" in ui.lamp(dt.date(2026, 11, 27))
    # 16:30 UTC is already the next day in Shanghai
    assert "剩 1 天" in ui.lamp(dt.datetime(2026, 11, 24, 16, 30, tzinfo=dt.UTC))
    assert "不限时" in ui.lamp(None)


def test_a_moment_is_told_in_shanghai_time() -> None:
    assert ui.moment(dt.datetime(2026, 11, 24, 1, 42, tzinfo=dt.UTC)) == "2026-11-24 09:42"
    assert ui.moment(dt.date(2026, 11, 24)) == "2026-11-24"
    assert ui.moment("昨天") == "昨天"


def test_a_known_status_is_coloured_and_an_unknown_one_is_neutral_and_escaped() -> None:
    assert ui.tag("待补正") == '<span class="tag orange">待补正</span>'
    assert ui.tag("<b>") == '<span class="tag ">&lt;b&gt;</span>'
    assert ui.tag("待补正", "red") == '<span class="tag red">待补正</span>'


def test_a_field_ties_its_label_hint_and_error_together() -> None:
    html = render("{% field form.name %}", form=Sample({}))
    assert '<label for="id_name">姓名</label>' in html
    assert '<p class="hint" id="id_name-hint">与身份证一致</p>' in html
    assert '<p class="wrong" id="id_name-wrong">请填写姓名</p>' in html
    assert 'aria-describedby="id_name-hint id_name-wrong"' in html
    assert 'aria-invalid="true"' in html


def test_a_group_of_choices_is_a_fieldset_with_a_legend() -> None:
    html = render("{% field form.way %}", form=Sample({}))
    assert "<fieldset aria-describedby" in html
    assert "<legend>方式</legend>" in html
    assert html.count('type="radio"') == 2
    assert '<label for="id_way_1">乙</label>' in html


def test_only_optional_fields_say_that_they_are_optional() -> None:
    assert "optional" in render("{% field form.nick %}", form=Sample())
    assert "optional" not in render("{% field form.name %}", form=Sample())


def test_the_error_summary_links_each_error_to_its_field_in_the_same_words() -> None:
    html = render("{% error_summary form %}", form=Sample({}))
    assert 'role="alert"' in html
    assert "<li>两处不一致</li>" in html
    assert '<a href="#id_name">请填写姓名</a>' in html
    assert '<a href="#id_way_0">请选择方式</a>' in html
    assert render("{% error_summary form %}", form=Sample()).strip() == ""


def test_the_current_step_is_marked_for_screen_readers() -> None:
    html = render("{% steps titles 2 %}", titles=["受理", "核对", "审批"])
    assert '<li class="current" aria-current="step">核对</li>' in html
    assert html.count("(已完成)") == 1


def test_a_dialog_escapes_its_title_and_keeps_its_content() -> None:
    html = render('{% dialog "stop" title %}<p>{{ text }}</p>{% enddialog %}', title="<停发>", text="<理由>")
    assert "&lt;停发&gt;" in html
    assert "<p>&lt;理由&gt;</p>" in html


def test_an_icon_outside_the_list_is_refused_and_a_labelled_one_is_read_out() -> None:
    with pytest.raises(ValueError, match="ICONS"):
        icons.draw("no-such-icon")
    assert 'aria-hidden="true"' in icons.draw("bell")
    assert 'role="img" aria-label="消息"' in icons.draw("bell", "消息")


def test_the_last_page_says_so() -> None:
    assert "下一页" in render('{% pager next="/n" %}')
    assert "已到最后" in render('{% pager prev="/p" %}')
    assert "已是全部" in render("{% pager %}")
