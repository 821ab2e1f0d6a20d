# Two commands do everything on a fresh Linux machine with Python 3.11 or newer: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
MZ := $(RUN) -m minzheng.cli

.PHONY: demo up stop test test-kinds test-full check bench bench-spark setup browser clean-demo
.DEFAULT_GOAL := help

help:
	@echo "make demo       建好演示环境并启动全部服务(第二次启动不到 10 秒)"
	@echo "make test       单元、数据库、浏览器测试"
	@echo "make test-full  另加 PostgreSQL 15、kill -9 演练、备份恢复、大样本性质测试"
	@echo "make check      代码检查:ruff、mypy、import-linter、启动检查"
	@echo "make bench      小规模跑一遍全部测速,打印一张表"
	@echo "make bench-spark  同一次扫描在 PySpark 上逐行比对(需要 Java)"

setup: $(VENV)/.installed

$(VENV)/.installed: requirements.lock
	@sh tools/setup.sh "$(PYTHON)" "$(VENV)"
	@touch $@

demo: setup
	@exec $(MZ) demo

up: setup
	@exec $(MZ) up

stop: setup
	@$(MZ) stop

browser:
	@sh tools/browser.sh

test: setup browser
	@$(RUN) manage.py assets
	$(RUN) -m pytest -n 2 --dist loadfile -m "not e2e and not full"
	$(RUN) -m pytest -m "e2e and not full and not kinds" tests/e2e
	$(RUN) -m pytest -m "e2e and not full" minzheng
	@$(RUN) tools/stop_test_server.py

# One household for each kind of help, in a browser, on a system of its own.
test-kinds: setup browser
	@$(RUN) manage.py assets
	$(RUN) -m pytest -m kinds tests/e2e

test-full: setup browser
	@$(RUN) manage.py assets
	@sh tools/postgres15.sh
	MZ_TEST_PG_BIN=/usr/lib/postgresql/15 $(RUN) -m pytest -n 2 --dist loadfile -m "not e2e and not full"
	@MZ_TEST_PG_BIN=/usr/lib/postgresql/15 $(RUN) tools/stop_test_server.py
	$(RUN) -m pytest -m full
	@$(RUN) tools/stop_test_server.py

check: setup
	$(RUN) -m ruff check .
	$(RUN) -m mypy
	$(VENV)/bin/lint-imports
	$(RUN) tools/lint_project.py
	@MZ_ROLE=owner $(RUN) manage.py make_keys
	MZ_ROLE=owner $(RUN) manage.py check

bench: setup
	$(RUN) bench/run_all.py

# PySpark (450 MB) stays out of the product; needs Java, e.g. apt-get install default-jre-headless.
bench-spark: setup
	$(VENV)/bin/uv pip install -q --python $(RUN) --target var/spark --require-hashes -r bench/spark.lock
	PYTHONPATH=$(CURDIR)/var/spark $(RUN) bench/sweep.py 54000 --spark --drop

clean-demo: stop
	rm -rf var/pg var/population var/simulators var/files var/audit var/outcomes var/stamp-* var/demo-loaded var/run var/logs
