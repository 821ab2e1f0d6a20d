"""PDF (PDF/A-2b) from a typst template and data. Data go in as JSON values and are never read as markup."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst
from django.conf import settings

from minzheng.base.errors import Refused

TEMPLATES = Path(__file__).parent / "templates"
FAMILIES = ("Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC")
_UNSHOWN = re.compile(r'the text `"(.+?)"` could not be displayed')
_ESCAPE = re.compile(r"\\u\{([0-9a-f]+)\}")
_extra: dict[str, Path] = {}


class NoFont(RuntimeError):
    """No font for Chinese is installed."""


def declare_template(name: str, path: Path) -> None:
    """A room's own template; it may import "common.typ" only by having a copy beside it."""
    _extra[name] = path


@lru_cache(maxsize=1)
def _fonts() -> tuple[typst.Fonts, str]:
    """The fonts (the system's as well, for rare characters) and the family of the text."""
    folders = [var / place for var in (Path(settings.VAR_DIR), Path(settings.ROOT) / "var")
               for place in ("fonts", "assets/vendor/fonts")]
    own = [str(folder) for folder in folders if folder.is_dir()]
    fonts = typst.Fonts(include_system_fonts=True, include_embedded_fonts=False, font_paths=own)
    known = set(fonts.families())
    for family in FAMILIES:
        if family in known:
            return fonts, family
    raise NoFont("没有中文字体:运行 manage.py assets,或安装 Noto Sans CJK")


def template_path(name: str) -> Path:
    """Where the template is; LookupError for an unknown one."""
    path = _extra.get(name, TEMPLATES / f"{name}.typ")
    if not name.isidentifier() or name == "common" or not path.is_file():
        raise LookupError(f"没有文书模板 {name}")
    return path


def _checked(value: Any) -> Any:
    """Text, whole numbers, truth values, lists and mappings only; control marks are dropped from text."""
    if isinstance(value, str):
        return "".join(c for c in value if c in "\n\t" or (ord(c) >= 32 and not 0x7F <= ord(c) < 0xA0))
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, dict):
        return {str(key): _checked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_checked(item) for item in value]
    raise TypeError(f"文书数据不能含 {type(value).__name__},请先写成文字")


def render(template: str, data: dict[str, Any]) -> bytes:
    """The PDF of a template: notice, certificate, report or sheet.

    Refused when a character is in no font (a document that shows a blank for part of a name is worse than none).
    LookupError for an unknown template, TypeError for data that are not plain, typst.TypstError for missing data.
    """
    path = template_path(template)
    fonts, family = _fonts()
    text = json.dumps(_checked(data), ensure_ascii=False)
    try:
        return bytes(typst.compile(str(path), root=str(path.parent), font_paths=fonts, format="pdf",
                                   pdf_standards=["a-2b"], sys_inputs={"data": text, "font": family}))
    except typst.TypstError as error:
        lost = _UNSHOWN.search(str(error))
        if lost is None:
            raise
        shown = _ESCAPE.sub(lambda m: chr(int(m[1], 16)), lost[1])
        raise Refused(f"字库里没有“{shown}”字,文书无法生成,请系统管理员安装含该字的字体") from error
