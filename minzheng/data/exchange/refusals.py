"""What a department says when it refuses, each in its own format, as one readable sentence."""

from __future__ import annotations

import re

from minzheng.data.exchange.wire import as_object

LIMIT = 200
_XML = re.compile(r"<retCode>(.{0,40}?)</retCode>\s*<retMsg>(.{0,400}?)</retMsg>", re.S)


def explain(body: bytes) -> str:
    """Code and message; a format that we do not know gives a sentence that says so."""
    text = body[:4000].decode("utf-8", "replace")
    found = as_object(body)
    if found is not None:
        code = found.get("code") or found.get("resultCode")
        message = found.get("msg") or found.get("resultMsg")
        if code and message:
            return f"{message}({code})"[:LIMIT]
    if match := _XML.search(text):
        return f"{match[2]}({match[1]})"[:LIMIT]
    if text.startswith("ERR|") and text.count("|") >= 2:
        _, code, message = text.split("|", 2)
        return f"{message}({code})"[:LIMIT]
    return "对方拒绝,未说明原因"
