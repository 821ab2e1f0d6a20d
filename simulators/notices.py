"""What a department tells the platform of its own accord: somebody has died (signed webhook)."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import httpx

from simulators import wire
from simulators.departments import dump

if TYPE_CHECKING:
    from simulators.desk import Desk

SENDERS = ("police", "health", "funeral")


async def send_death_notice(
    desk: Desk, *, url: str, id_number: str, name: str, died_on: str, jurisdiction: str, nonce: str = ""
) -> dict[str, Any]:
    """POST a signed death notice to `url` and return the platform's answer. ValueError for a wrong sender.

    `jurisdiction` is the 12-digit code of the person's hukou village. `nonce` repeats an old notice, to show that
    a replay is refused.
    """
    if desk.department.code not in SENDERS:
        raise ValueError("只有公安、卫健和殡葬会报送死亡")
    notice = {"notice": "death", "id_number": id_number, "name": name, "died_on": died_on, "jurisdiction": jurisdiction}
    nonce = nonce or secrets.token_hex(16)
    request = signed_request(desk, httpx.URL(url).path, dump(notice), nonce)
    async with httpx.AsyncClient(timeout=10) as client:
        response = await client.send(client.build_request("POST", url, **request))
    return {"status": response.status_code, "body": response.text[:500], "nonce": nonce}


def signed_request(desk: Desk, path: str, body: bytes, nonce: str) -> dict[str, Any]:
    now, code = str(int(desk.clock())), desk.department.code
    signature = desk.key.sign(wire.request_bytes("POST", path, code, now, nonce, body))
    headers = {
        wire.CALLER: code, wire.TIME: now, wire.NONCE: nonce, wire.ALGORITHM: desk.key.algorithm,
        wire.SIGNATURE: signature, "content-type": "application/json",
    }  # fmt: skip
    return {"content": body, "headers": headers}
