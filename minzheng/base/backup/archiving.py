"""The WAL archive of the embedded server. A server of the installation's own is archived by its administrators."""

from __future__ import annotations

from pathlib import Path

from minzheng.base.pg.server import Server


def restore_command(folder: Path) -> str:
    return f'gzip -dc "{folder}/%f.gz" > "%p"'


def archive_folder(server: Server) -> Path:
    return server.home / "wal-archive"


def keep_wal(server: Server) -> None:
    """Let the server copy every finished WAL segment, at least once a minute, to its archive. Call before `start`."""
    folder = archive_folder(server)
    server._own(folder, 0o700)
    kept = f"{folder}/%f.gz"
    # a segment that is there already must be the same one: after a crash the server offers it again. A segment closed
    # by the timeout is mostly zeros, hence gzip
    command = (f'if [ -f "{kept}" ]; then gzip -dc "{kept}" | cmp -s - "%p"; else gzip -nc1 "%p" > "{kept}.part" && '
               f'sync "{kept}.part" && mv "{kept}.part" "{kept}"; fi')
    server.options |= {"archive_mode": "on", "archive_timeout": "60", "archive_command": command}
