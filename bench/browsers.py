"""Signed-in officers over plain HTTP for the load scripts: little processor time, every answer timed from the first byte sent to
the last byte received."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

FIELD = re.compile(r'<(?:input|button)\b[^>]*>')
ATTRIBUTE = re.compile(r'([\w-]+)(?:="([^"]*)")?')


@dataclass
class Answer:
    status: int
    seconds: float
    text: str
    place: str


@dataclass
class Browser:
    """One session. Connections are opened anew, as gunicorn closes idle ones."""

    port: int
    session: str
    cookies: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str) -> Answer:
        return await self._send(f"GET {path} HTTP/1.1", b"")

    async def post(self, path: str, fields: list[tuple[str, str]]) -> Answer:
        body = urlencode(fields).encode()
        return await self._send(f"POST {path} HTTP/1.1", body)

    async def _send(self, line: str, body: bytes) -> Answer:
        cookies = "; ".join(f"{k}={v}" for k, v in {"sessionid": self.session, **self.cookies}.items())
        head = [line, f"Host: 127.0.0.1:{self.port}", "Connection: close", f"Cookie: {cookies}",
                f"Referer: http://127.0.0.1:{self.port}/desk/"]
        if body:
            head += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        elif line.startswith("POST"):
            head.append("Content-Length: 0")
        began = time.perf_counter()
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + body)
        whole = await reader.read()
        while chunk := await reader.read(1 << 16):
            whole += chunk
        seconds = time.perf_counter() - began
        writer.close()
        top, _, rest = whole.partition(b"\r\n\r\n")
        lines = top.decode("latin-1").split("\r\n")
        place = ""
        for text in lines[1:]:
            name, _, value = text.partition(": ")
            if name.lower() == "set-cookie" and value.startswith("csrftoken="):
                self.cookies["csrftoken"] = value.split(";")[0].partition("=")[2]
            elif name.lower() == "location":
                place = value
        return Answer(int(lines[0].split()[1]), seconds, rest.decode("utf-8", "replace"), place)


def form_of(text: str, action: str) -> tuple[str, list[tuple[str, str]]]:
    """Address and hidden, text and ticked fields of the form whose address matches; ("", []) when there is none."""
    found = re.search(rf'<form\b[^>]*action="({action})"[^>]*>(.*?)</form>', text, re.S)
    if not found:
        return "", []
    fields = []
    for tag in FIELD.findall(found.group(2)):
        a = dict(ATTRIBUTE.findall(tag))
        if not a.get("name") or tag.startswith("<button"):
            continue
        if a.get("type") in ("checkbox", "radio") and "checked" not in a:
            continue
        fields.append((a["name"], a.get("value", "on" if a.get("type") == "checkbox" else "")))
    for name, options in re.findall(r'<select\b[^>]*name="([^"]+)"[^>]*>(.*?)</select>', found.group(2), re.S):
        values = re.findall(r'<option value="([^"]*)"( selected)?', options)
        chosen = next((v for v, s in values if s), next((v for v, _ in values if v), ""))
        fields.append((name, chosen))
    return found.group(1), fields


def table(times: dict[str, list[float]], bad: dict[str, int]) -> str:
    rows = [f"{'kind':<24}{'count':>8}{'p50 ms':>10}{'p95 ms':>10}{'p99 ms':>10}{'worst':>10}{'refused':>9}"]
    for kind, found in sorted(times.items()):
        values = sorted(found)
        at = [values[min(len(values) - 1, int(len(values) * q))] * 1000 for q in (0.5, 0.95, 0.99)] + [values[-1] * 1000]
        rows.append(f"{kind:<24}{len(values):>8}" + "".join(f"{v:>10.1f}" for v in at) + f"{bad.get(kind, 0):>9}")
    return "\n".join(rows)
