from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from minzheng.base.crypto.escrow import (
    CUSTODIANS,
    appoint,
    custodians,
    new_custodian,
    package_keys,
    restore_keys,
    unwrap,
    wrap,
)
from minzheng.base.crypto.ring import secrets_dir, write_private


class Command(BaseCommand):
    help = "密钥托管:n 名托管人中任意 m 人共同可恢复密钥。"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--new-custodian", metavar="文件", help="在托管人自己的电脑上生成密钥对,打印公钥")
        parser.add_argument("--custodian", action="append", default=[], metavar="姓名=公钥", help="指定托管人")
        parser.add_argument("--needed", type=int, default=2, help="恢复时须到场的人数")
        parser.add_argument("--demo", action="store_true", help="演示环境:在本机生成三名托管人(2 人到场可恢复)")
        parser.add_argument("--out", metavar="文件", help="写出托管文件")
        parser.add_argument("--recover", metavar="托管文件", help="用托管人的私钥恢复密钥和数据库口令文件")
        parser.add_argument("--secret", action="append", default=[], metavar="姓名=私钥文件")

    def handle(self, *args: Any, **options: Any) -> None:
        folder, passwords = secrets_dir(), Path(settings.VAR_DIR) / "secrets.json"
        if target := options["new_custodian"]:
            if Path(target).exists():
                raise CommandError("文件已存在,不覆盖")
            secret, public = new_custodian()
            write_private(Path(target), secret.encode())
            self.stdout.write(public)
        elif options["recover"]:
            given = dict(one.split("=", 1) for one in options["secret"])
            keys = {name: Path(path).read_text().strip() for name, path in given.items()}
            restore_keys(unwrap(json.loads(Path(options["recover"]).read_text()), keys), folder, passwords)
            self.stdout.write("密钥已恢复")
        elif options["out"]:
            escrow = wrap(package_keys(folder, passwords), *custodians(folder))
            write_private(Path(options["out"]), json.dumps(escrow, ensure_ascii=False).encode())
            self.stdout.write(f"托管文件已写出,恢复需 {escrow['needed']} 人")
        elif options["demo"] and (folder / CUSTODIANS).exists():
            self.stdout.write("已有托管人,保持不变")
        elif options["custodian"] or options["demo"]:
            names = dict(one.split("=", 1) for one in options["custodian"])
            if options["demo"]:
                names = self._demo(folder / "demo-custodians")
            appoint(folder, names, options["needed"])
            self.stdout.write(f"已指定托管人 {'、'.join(names)},恢复需 {options['needed']} 人")
        else:
            raise CommandError("请给出 --new-custodian、--custodian、--out 或 --recover")

    def _demo(self, folder: Path) -> dict[str, str]:
        """Three custodians whose secrets lie on this machine: for demonstrations and drills only."""
        names = {}
        for name in ("甲", "乙", "丙"):
            secret, names[name] = new_custodian()
            write_private(folder / f"{name}.key", secret.encode())
        return names
