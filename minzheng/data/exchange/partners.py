"""Registering partners from a registry file, as the simulated departments print it."""

from __future__ import annotations

from typing import Any

from minzheng.base import clock
from minzheng.data.exchange.models import Partner


def sync(registry: dict[str, Any]) -> int:
    """Write every department of the registry; partners it does not name are left as they are. Run as the owner.

    ValueError for an entry whose key does not fit its algorithm; then nothing is written.
    """
    rows = []
    for code, entry in registry["departments"].items():
        if not entry["public_key"].startswith(entry["algorithm"].lower() + ":"):
            raise ValueError(f"{code}: public key and algorithm do not agree")
        rows.append(Partner(code=code, name=entry["name"], base_url=entry["base_url"], active=True,
                            public_key=entry["public_key"], algorithm=entry["algorithm"], updated_at=clock.now()))
    Partner.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["code"],
        update_fields=["name", "base_url", "public_key", "algorithm", "active", "updated_at"])
    return len(rows)
