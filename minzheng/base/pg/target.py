"""Which PostgreSQL this installation uses: the embedded one, or the server that DATABASE_URL names."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg

from minzheng.base.backup.archiving import keep_wal
from minzheng.base.pg.roles import load_secrets
from minzheng.base.pg.server import Server


@dataclass(frozen=True)
class Target:
    """`admin` may create roles and databases; the services sign in as their own roles."""

    host: str
    port: str
    dbname: str
    admin: str
    admin_password: str
    server: Server | None

    def connect_admin(self, dbname: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(host=self.host, port=self.port or None, user=self.admin,
                               password=self.admin_password, dbname=dbname, autocommit=True)


def find_target(var: Path, *, for_tests: bool = False) -> Target:
    url = os.environ.get("TEST_DATABASE_URL" if for_tests else "DATABASE_URL", "")
    if url:
        parts = urlsplit(url)
        return Target(host=parts.hostname or "localhost", port=str(parts.port or 5432),
                      dbname=parts.path.lstrip("/") or "minzheng", admin=unquote(parts.username or "postgres"),
                      admin_password=unquote(parts.password or ""), server=None)
    password = load_secrets(var)["mz_admin"]
    if for_tests:
        system = os.environ.get("MZ_TEST_PG_BIN", "")
        fast = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "max_connections": "200"}
        server = Server(var / ("pg-test-system" if system else "pg-test"), password, fast,
                        Path(system) if system else None)
    else:
        server = Server(var / "pg", password)
        keep_wal(server)
    return Target(host=str(server.socket_dir), port="", dbname="minzheng", admin="mz_admin",
                  admin_password=password, server=server)
