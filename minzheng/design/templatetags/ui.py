"""Components of the pages. `{% load ui %}`; one example of each in minzheng/design/README.md."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django import template
from django.forms import BaseForm, BaseFormSet, BoundField, CheckboxInput, Field, Select, Textarea
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from minzheng.base import clock
from minzheng.design.icons import draw

register = template.Library()

# Words that a status may carry, by the colour they are shown in; anything else is neutral.
COLOURS = {
    "blue": "待受理 已受理 受理中 待审核 审核中 待审批 审批中 待办理 办理中 进行中 处置中 核对中 公示中 "
            "待发放 已提交 待签收 已派单",
    "green": "已办结 办结 已通过 通过 同意 符合 已确认 正常 有效 已发放 在保 在享 已完成 成功 已核实 "
             "免提交 已上传 已签收 在线",
    "orange": "待补正 补正中 临期 今日到期 需人工核实 待核实 暂停 暂缓 挂起 预警 待补充 待上传 即将到期 "
              "部分成功 示例值",
    "red": "已退回 退回 不同意 不符合 不予确认 不予受理 不通过 超期 逾期 已停发 停发 失败 已撤销 紧急 "
           "异常 离线 冻结",
}
_COLOUR_OF = {word: colour for colour, words in COLOURS.items() for word in words.split()}


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    return draw(name, label)


@register.simple_tag
def tag(status: Any, colour: str = "") -> SafeString:
    """A status as a coloured word. A choice with a `label` shows that label; an unknown word is neutral."""
    text = str(getattr(status, "label", status))
    return format_html('<span class="tag {}">{}</span>', colour or _COLOUR_OF.get(text, ""), text)


@register.simple_tag
def money(fen: int | None, unit: str = "元") -> str:
    """Whole fen as yuan: 123456 → `1,234.56 元`; nothing known → `—`. Refuses anything but an int."""
    if fen is None:
        return "—"
    if not isinstance(fen, int) or isinstance(fen, bool):
        raise TypeError(f"money is whole fen, not {type(fen).__name__}")
    yuan, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{yuan:,}.{rest:02d} {unit}".rstrip()


@register.filter
def moment(value: dt.date | dt.datetime | str | None) -> str:
    """A day as 2026-11-24, an instant as 2026-11-24 09:42 (Asia/Shanghai); words stay as they are."""
    if isinstance(value, dt.datetime):
        return (value.astimezone(clock.SHANGHAI) if value.tzinfo else value).strftime("%Y-%m-%d %H:%M")
    return value.isoformat() if isinstance(value, dt.date) else str(value or "")


@register.inclusion_tag("ui/masked.html")
def masked(value: object, url: str = "") -> dict[str, Any]:
    """A sensitive value with its middle hidden, and the way to the clear text, which leaves a record.
    A value that comes without an asterisk is masked here: clear text never slips through."""
    text = str(value or "")
    if text and "*" not in text:
        head, tail = (4, 4) if len(text) >= 12 else (3, 4) if len(text) == 11 else (1, 0)
        text = text[:head] + "*" * max(len(text) - head - tail, 1) + text[len(text) - tail :]
    return {"text": text or "—", "url": url}


@register.simple_tag
def lamp(due: dt.date | dt.datetime | None, left: int | None = None) -> SafeString:
    """How much time is left until `due`. `left`: working days as the caller counted them (negative: late);
    without it the calendar days are shown."""
    if due is None and left is None:
        return mark_safe('<span class="lamp note">不限时</span>')
    unit = "个工作日"
    if left is None:
        assert due is not None
        if isinstance(due, dt.datetime):
            due = due.astimezone(clock.SHANGHAI).date()
        left, unit = (due - clock.today()).days, "天"
    if left < 0:
        words, colour = f"超期 {-left} {unit}", "red"
    elif left == 0:
        words, colour = "今日到期", "orange"
    else:
        words, colour = f"剩 {left} {unit}", "orange" if left <= 2 else ""
    return format_html('<span class="lamp {}">{}</span>', colour, words)


@register.inclusion_tag("ui/field.html")
def field(
    bound: BoundField, source: str = "", unit: str = "", size: str = "", hint: str = ""
) -> dict[str, Any]:
    """A form field with label, hint and error tied to it for screen readers. `source`: where a prefilled
    value came from; `unit`: word after the box; `size`: s or m for short boxes; `hint`: in place of its own."""
    name = bound.auto_id or bound.html_name
    hint = hint or bound.help_text
    described = [f"{name}-hint"] if hint else []
    described += [f"{name}-wrong"] if bound.errors else []
    attrs: dict[str, Any] = {"aria-describedby": " ".join(described) or None}
    if bound.errors:
        attrs["aria-invalid"] = "true"
    if isinstance(bound.field.widget, Textarea) and bound.field.widget.attrs.get("rows") == "10":
        attrs["rows"] = 4  # Django's ten rows fill a phone
    grouped = bound.use_fieldset
    control = None if grouped and hasattr(bound.field.widget, "option_template_name") else bound.as_widget(
        attrs={key: value for key, value in attrs.items() if value})
    return {
        "bound": bound, "name": name, "control": control, "grouped": grouped, "source": source, "unit": unit,
        "hint": hint,
        "size": size, "described": attrs["aria-describedby"], "optional": not bound.field.required,
        "single": isinstance(bound.field.widget, CheckboxInput), "wrongs": _wrongs(bound),
    }


@register.inclusion_tag("ui/error_summary.html")
def error_summary(*shown: BaseForm | BaseFormSet | None) -> dict[str, Any]:
    """All errors of the page's forms and formsets on top, each a link to its field. Nothing when there are none."""
    given = [one for one in shown if one is not None]
    forms = [form for one in given for form in getattr(one, "forms", [one])]
    whole = [text for one in given if hasattr(one, "non_form_errors") for text in one.non_form_errors()]
    whole += [text for form in forms for text in form.non_field_errors()]
    fields = [(_anchor(bound), text) for form in forms for bound in form for text in _wrongs(bound)]
    return {"whole": whole, "fields": fields}


def _anchor(bound: BoundField) -> str:
    return bound.id_for_label or f"{bound.auto_id}_0"


def _wrongs(bound: BoundField) -> list[str]:
    """The errors of a field in our words: which field is empty, not "this field"."""
    chosen = bound.use_fieldset or isinstance(bound.field.widget, Select)
    asked = f"{'请选择' if chosen else '请填写'}{bound.label}"
    stock = str(Field.default_error_messages["required"])
    return [asked if text == stock else text for text in map(str, bound.errors)]


@register.inclusion_tag("ui/steps.html")
def steps(items: Iterable[dict[str, Any]] | Sequence[str], current: int = 0) -> dict[str, Any]:
    """At most seven steps: dicts with `title` and `state` (done, current or todo), or titles and the number
    of the current one, counted from 1."""
    rows = [
        item if isinstance(item, dict) else
        {"title": item, "state": "done" if place < current else "current" if place == current else "todo"}
        for place, item in enumerate(items, 1)
    ]
    return {"items": rows}


@register.inclusion_tag("ui/timeline.html")
def timeline(items: Iterable[Any]) -> dict[str, Any]:
    """What has happened, newest first: title, state (now, done or bad), who, text, at (a time or words)."""
    return {"items": items}


@register.inclusion_tag("ui/pager.html")
def pager(next: str = "", prev: str = "", note: str = "") -> dict[str, Any]:
    """Keyset paging: the addresses of the next and the previous page; no page numbers, no totals."""
    return {"next": next, "prev": prev, "note": note}


@register.inclusion_tag("ui/empty.html")
def empty(text: str, action: str = "", url: str = "", icon: str = "inbox") -> dict[str, Any]:
    """Nothing here: why, and what to do next."""
    return {"text": text, "action": action, "url": url, "icon": icon}


@register.inclusion_tag("ui/notice.html")
def notice(text: str, kind: str = "info") -> dict[str, Any]:
    """A bar of one sentence; kind: info, success, warning or error."""
    icons = {"success": "circle-check", "warning": "alert-triangle", "error": "alert-circle"}
    return {"text": text, "kind": kind, "icon": icons.get(kind, "info-circle")}


@register.simple_block_tag
def dialog(content: str, id: str, title: str) -> SafeString:
    """`{% dialog "stop" "停发" %}…{% enddialog %}`, opened by `<a href="#stop" data-dialog>`, scripts or not."""
    return format_html(
        '<dialog id="{0}" aria-labelledby="{0}-title"><header><h2 id="{0}-title">{1}</h2>'
        '<a class="btn text push" href="#main" data-close>关闭</a></header>'
        '<div class="body">{2}</div></dialog>',
        id, title, content,
    )


@register.inclusion_tag("ui/cascade.html")
def cascade(levels: Sequence[dict[str, Any]], url: str, id: str = "cascade") -> dict[str, Any]:
    """Linked selects (市 → 县 → 镇 → 村). levels: name, label, value and options as (code, name) pairs; `url`
    answers with this same component for the new values."""
    return {"levels": levels, "url": url, "id": id}


@register.inclusion_tag("ui/diagram.html")
def process_diagram(
    url: str, done: Iterable[str] = (), current: Iterable[str] = (), label: str = "办理流程图", badge: str = ""
) -> dict[str, Any]:
    """BPMN picture of a process: ids of finished and current elements; `label` is read out in its place."""
    return {"url": url, "done": " ".join(done), "current": " ".join(current), "label": label, "badge": badge}


@register.inclusion_tag("ui/signature.html")
def signature(name: str = "signature", label: str = "签名") -> dict[str, Any]:
    """A signature drawn on the screen (PNG data in `<name>`), or the typed name (`<name>_typed`) instead."""
    return {"name": name, "label": label}


@register.simple_tag(takes_context=True)
def elder_size(context: template.Context) -> int:
    """0 for the ordinary edition, else 1, 2 or 3; kept in a cookie, so the server writes the page that way."""
    request = context.get("request")
    size = request.COOKIES.get("elder", "") if request else ""
    return int(size) if size in ("1", "2", "3") else 0


@register.simple_tag(takes_context=True)
def appearance(context: template.Context) -> SafeString:
    """Attributes of <html> by the visitor's cookies: elder edition with its size, row height of the ledgers."""
    request, size = context.get("request"), elder_size(context)
    elder = format_html(' data-mode="elder" data-size="{}"', size) if size else mark_safe("")
    compact = request is not None and request.COOKIES.get("density") == "compact"
    return elder + (mark_safe(' data-density="compact"') if compact else mark_safe(""))
