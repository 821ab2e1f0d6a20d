"""Sort keys and search keys of names."""

from __future__ import annotations

import re
import unicodedata

_SURNAMES = {
    "曾": "zeng",
    "仇": "qiu",
    "单": "shan",
    "任": "ren",
    "解": "xie",
    "查": "zha",
    "朴": "piao",
    "覃": "qin",
    "缪": "miao",
    "尉": "yu",
}  # read otherwise elsewhere
_MARKS = re.compile(r"[\s·•.\u200b-\u200f\u2060\ufeff]")


def clean(name: str) -> str:
    """A name without blanks and marks at its ends, in one form; the · of minority names stays."""
    return unicodedata.normalize("NFKC", name).replace("•", "·").strip()


def bare(text: str) -> str:
    """What search compares: no blanks, no marks, lower case."""
    return _MARKS.sub("", unicodedata.normalize("NFKC", text)).lower()


def pinyin(name: str) -> str:
    """Sort key: lower-case syllables with spaces."""
    from pypinyin import Style, lazy_pinyin  # its dictionary is large: loaded by who registers people only

    syllables = lazy_pinyin(name, style=Style.NORMAL, errors="ignore")
    if syllables and name[0] in _SURNAMES:
        syllables[0] = _SURNAMES[name[0]]
    return " ".join(syllables)


def pairs(text: str) -> list[str]:
    """Neighbouring pairs; a single character is its own."""
    return [text[i : i + 2] for i in range(max(len(text) - 1, 1))]


def grams(name: str, key: str) -> set[str]:
    """Everything under which a name is found: its pairs, the joined pinyin and the initials."""
    syllables = key.split()
    return {*pairs(bare(name)), "".join(syllables), "".join(s[0] for s in syllables)} - {""}
