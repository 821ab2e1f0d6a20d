"""The command `minzheng`: set up, run, stop, back up. `minzheng help` lists the verbs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VERBS = {
    "init": "建库、迁移、载入区划",
    "demo": "一次建好演示环境并启动全部服务",
    "up": "启动全部服务,Ctrl-C 停止",
    "stop": "停止由 up 启动的服务",
    "clock": "演示时钟:clock +8d 向前拨 8 天,clock 0 复位",
    "totp": "演示账户的当前动态口令:totp 用户名",
    "backup": "备份到文件夹:backup 文件夹",
    "restore": "恢复到时间点:restore 备份文件夹 --to 时间",
    "manage": "运行管理命令:manage 命令 参数",
}


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def environment(role: str, **extra: str) -> dict[str, str]:
    """The environment of a child process that signs in to the database as `role`."""
    return {**os.environ, "MZ_ROLE": role, "DJANGO_SETTINGS_MODULE": "minzheng.settings",
            "PYTHONPATH": str(ROOT), **extra}


def manage(*args: str, role: str = "owner", check: bool = True, **extra: str) -> int:
    """Runs a management command as the owner of the tables (default) or as a service role."""
    done = subprocess.run([sys.executable, str(ROOT / "manage.py"), *args], env=environment(role, **extra), check=check)
    return done.returncode


def main(argv: list[str] | None = None) -> int:
    args = sys.argv[1:] if argv is None else argv
    verb = args[0] if args else "help"
    if verb not in VERBS:
        for name, meaning in VERBS.items():
            say(f"minzheng {name:<8} {meaning}")
        return 0 if verb in ("help", "-h", "--help") else 2
    from minzheng import operate

    return operate.run(verb, args[1:])


if __name__ == "__main__":
    sys.exit(main())
