"""Set-up steps of one database, run as its owner in one process: `python -m minzheng.prepare`."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STEPS: tuple[tuple[str, dict[str, object]], ...] = (
    ("make_keys", {}), ("createcachetable", {}), ("migrate", {"verbosity": 0}), ("load_divisions", {}), ("assets", {}),
    ("collectstatic", {"interactive": False, "verbosity": 0}),
)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minzheng.settings")
    # Before the settings are read, which collect from this folder only when it is there.
    (Path(os.environ.get("MZ_VAR", ROOT / "var")) / "assets").mkdir(parents=True, exist_ok=True)
    import django
    from django.core.management import call_command

    django.setup()
    for command, options in STEPS:
        call_command(command, **options)
    if os.environ.get("MZ_DEMO") == "1":
        # so that `minzheng backup` works at once; real custodians bring their own keys
        call_command("escrow_keys", demo=True)


if __name__ == "__main__":
    main()
