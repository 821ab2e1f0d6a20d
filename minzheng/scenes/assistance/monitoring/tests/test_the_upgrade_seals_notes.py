"""Notes that stood in clear before the upgrade are encrypted by it, and can be read afterwards; the way back gives them again."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.db import connection

from minzheng.scenes.assistance.monitoring.models import Alert, AlertEvent
from minzheng.scenes.assistance.monitoring.tests.conftest import know
from minzheng.scenes.assistance.monitoring.tests.test_a_night_sweeps_everybody import Run, alerts, close
from minzheng.scenes.assistance.tests.conftest import Family
from minzheng.testing import Cast, acting_as, as_owner

WORDS = "母亲生病住院,家里只有老人"


def test_clear_notes_are_sealed_and_read_the_same(people: Cast, zhang: Family, sweep: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade = import_module("minzheng.scenes.assistance.monitoring.migrations.0002_sealed_notes")
    monkeypatch.setattr(upgrade, "AT_ONCE", 1)
    know(zhang, wage_fen=180_000)
    sweep()
    close(people, alerts(people)[0], "dismissed", text=WORDS)
    editor = SimpleNamespace(connection=connection)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        upgrade.unseal(None, editor)
        cursor.execute("SELECT outcome_text FROM assistance_monitoring_alert")
        assert cursor.fetchall() == [(WORDS,)]
        cursor.execute("UPDATE flow_task SET comment = %s", [WORDS])
        upgrade.seal(None, editor)
        cursor.execute("SELECT count(*) FROM assistance_monitoring_alertevent t WHERE t::text LIKE '%%' || %s || '%%'", [WORDS])
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM flow_task WHERE comment <> ''")
        assert cursor.fetchone() == (0,)
    with acting_as(people.village):
        assert Alert.objects.get().outcome_text == WORDS
        assert any(WORDS in event.text for event in AlertEvent.objects.all())
