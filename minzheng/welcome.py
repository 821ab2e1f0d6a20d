"""What `minzheng up` and `make demo` print when everything runs."""

from __future__ import annotations

from minzheng.demo.accounts import PASSWORD, SAMPLES


def lines(port: int, *, demo: bool) -> list[str]:
    address = f"http://127.0.0.1:{port}/"
    if not demo:
        return [f"服务已启动:{address}  按 Ctrl-C 停止"]
    rows = [f"  {s.username:<10} {s.name}  {s.note}" for s in SAMPLES]
    return [
        "", f"演示环境已启动:{address}", f"样例账户的密码都是 {PASSWORD};工作人员还要动态口令,登录页会显示(仅演示环境),",
        "也可以另开一个窗口运行:.venv/bin/minzheng totp 用户名", *rows,
        "示例家庭的身份证号见 docs/demo.md;拨快演示时钟:.venv/bin/minzheng clock +8d", "按 Ctrl-C 停止全部服务。", "",
    ]
