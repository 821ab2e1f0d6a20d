#!/bin/sh
# Makes the virtual environment and installs exactly what requirements.lock names, checked by hash.
set -eu
python="$1"
venv="$2"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "需要 Python 3.11 或更高版本;可用 make PYTHON=python3.12 指定。" >&2; exit 1; }
if ! "$python" -m venv "$venv" 2>/tmp/minzheng-venv.$$; then
    rm -rf "$venv"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null
        "$python" -m venv "$venv"
    else
        cat /tmp/minzheng-venv.$$ >&2
        echo "请先安装 Python 的 venv 模块,例如:sudo apt-get install python3-venv" >&2; exit 1
    fi
fi
rm -f /tmp/minzheng-venv.$$
echo "正在安装依赖(首次约一两分钟)……"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
printf '#!/bin/sh\ncd "%s" && exec "%s/bin/python" -m minzheng.cli "$@"\n' "$(pwd)" "$(cd "$venv" && pwd)" > "$venv/bin/minzheng"
chmod +x "$venv/bin/minzheng"
