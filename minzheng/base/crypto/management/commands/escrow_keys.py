from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from minzheng.base.crypto.escrow import new_custodian, package_keys, restore_keys, unwrap, wrap
from minzheng.base.crypto.ring import secrets_dir, write_private


class Command(BaseCommand):
    help = "密钥托管:n 名托管人中任意 m 人共同可恢复密钥。"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--new-custodian", metavar="文件", help="在托管人自己的电脑上生成密钥对,打印公钥")
        parser.add_argument("--custodian", action="append", default=[], metavar="姓名=公钥")
        parser.add_argument("--needed", type=int, default=2)
        parser.add_argument("--out", metavar="文件", help="写出托管文件")
        parser.add_argument("--recover", metavar="托管文件", help="用托管人的私钥恢复密钥文件")
        parser.add_argument("--secret", action="append", default=[], metavar="姓名=私钥文件")

    def handle(self, *args: Any, **options: Any) -> None:
        if target := options["new_custodian"]:
            if Path(target).exists():
                raise CommandError("文件已存在,不覆盖")
            secret, public = new_custodian()
            write_private(Path(target), secret.encode())
            self.stdout.write(public)
        elif options["recover"]:
            given = dict(one.split("=", 1) for one in options["secret"])
            keys = {name: Path(path).read_text().strip() for name, path in given.items()}
            restore_keys(unwrap(json.loads(Path(options["recover"]).read_text()), keys), secrets_dir())
            self.stdout.write("密钥已恢复")
        elif options["custodian"] and options["out"]:
            custodians = dict(one.split("=", 1) for one in options["custodian"])
            escrow = wrap(package_keys(secrets_dir()), custodians, options["needed"])
            write_private(Path(options["out"]), json.dumps(escrow, ensure_ascii=False).encode())
            self.stdout.write(f"托管文件已写出,恢复需 {options['needed']} 人")
        else:
            raise CommandError("请给出 --new-custodian、--custodian 与 --out,或 --recover")
