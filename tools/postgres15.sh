#!/bin/sh
# The full tests also run on Debian's PostgreSQL 15, since the embedded 18 would hide newer SQL.
set -eu
[ -x /usr/lib/postgresql/15/bin/postgres ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "正在安装 PostgreSQL 15……"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql-15 >/dev/null
    exit 0
fi
echo "全量测试需要 PostgreSQL 15,请先安装:sudo apt-get install postgresql-15" >&2
exit 1
