#!/bin/sh
# The browser tests drive the system's Chromium; we install it where we may, else say what to install.
set -eu
have() { command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; }
fonts() { ! command -v fc-list >/dev/null || [ -n "$(fc-list :lang=zh 2>/dev/null | head -n 1)" ]; }
if have && fonts; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "正在安装 chromium 和中文字体……"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk >/dev/null
    exit 0
fi
echo "浏览器测试需要 chromium 和中文字体,请先安装:sudo apt-get install chromium fonts-noto-cjk" >&2
exit 1
