"""Reading a table that somebody made in a spreadsheet: CSV (UTF-8 or GB18030) or the first sheet of an .xlsx."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from xml.etree import ElementTree

from minzheng.base.errors import Refused

MOST_BYTES = 20_000_000
MOST_ROWS = 20_000
_NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def read_table(content: bytes, *, most_rows: int = MOST_ROWS) -> list[list[str]]:
    """All rows as stripped text. Refused when it is neither CSV nor xlsx, or too large."""
    if len(content) > MOST_BYTES:
        raise Refused("文件超过 20 MB,请分成几份导入。")
    rows = _xlsx(content) if content[:4] == b"PK\x03\x04" else _csv(content)
    if len(rows) > most_rows + 1:  # the titles are no row
        raise Refused(f"一次最多导入 {most_rows} 行,请分成几份。")
    return [[cell.strip() for cell in row] for row in rows]


def _csv(content: bytes) -> list[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        try:
            return list(csv.reader(io.StringIO(text, newline="")))
        except csv.Error:
            break
    raise Refused("读不出这个文件。请另存为 CSV(UTF-8 或 GB18030)或 xlsx 后再导入。")


def _xlsx(content: bytes) -> list[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            if sum(item.file_size for item in book.infolist()) > 10 * MOST_BYTES:
                raise Refused("表格展开后太大,请分成几份导入。")
            names = set(book.namelist())
            shared = []
            if "xl/sharedStrings.xml" in names:
                shared = ["".join(part.text or "" for part in item.iter(f"{{{_NS['m']}}}t"))
                          for item in _parse(book.read("xl/sharedStrings.xml")).findall("m:si", _NS)]
            sheet = min(name for name in names if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name))
            return [_row(row, shared) for row in _parse(book.read(sheet)).iterfind(".//m:row", _NS)]
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, IndexError, ValueError) as error:
        raise Refused("读不出这个表格。请用电子表格软件重新保存为 xlsx 或 CSV 后再导入。") from error


def _parse(data: bytes) -> ElementTree.Element:
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise ValueError("a spreadsheet declares no entities")
    return ElementTree.fromstring(data)


def _row(row: ElementTree.Element, shared: list[str]) -> list[str]:
    cells: list[str] = []
    for cell in row.findall("m:c", _NS):
        letters = re.match(r"[A-Z]+", cell.get("r", ""))
        at = _column(letters[0]) if letters else len(cells)
        if at > 200:
            raise ValueError("too many columns")
        cells += [""] * (at + 1 - len(cells))
        value = cell.find("m:v", _NS)
        if cell.get("t") == "inlineStr":
            cells[at] = "".join(part.text or "" for part in cell.iter(f"{{{_NS['m']}}}t"))
        elif value is not None and value.text is not None:
            cells[at] = shared[int(value.text)] if cell.get("t") == "s" else value.text
    return cells


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
