"""The WAL archive of the embedded server. A server of the installation's own is archived by its administrators."""

from __future__ import annotations

from pathlib import Path

from minzheng.base.pg.server import Server


def archive_folder(server: Server) -> Path:
    return server.home / "wal-archive"


def keep_wal(server: Server) -> None:
    """Let the server copy every finished WAL segment, at least once a minute, to its archive. Call before `start`."""
    folder = archive_folder(server)
    server._own(folder, 0o700)
    # a segment that is there already must be the same one: after a crash the server offers it again
    command = (f'if [ -f "{folder}/%f" ]; then cmp -s "%p" "{folder}/%f"; else cp "%p" "{folder}/%f.part" && '
               f'sync "{folder}/%f.part" && mv "{folder}/%f.part" "{folder}/%f"; fi')
    server.options |= {"archive_mode": "on", "archive_timeout": "60", "archive_command": command}
