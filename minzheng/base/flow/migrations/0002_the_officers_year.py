"""Who did a task for whom (代岗), and what figures by office are made of; finished tasks get their figures too."""

import datetime as dt

from django.db import migrations, models

from minzheng.base.clock import SHANGHAI
from minzheng.base.errors import Refused
from minzheng.base.workdays import between

MATTER = """
UPDATE flow_task t SET matter = d.code FROM flow_process p JOIN flow_definition d ON d.id = p.definition_id
WHERE p.id = t.process_id AND t.matter = '';
"""
PAIRS = """
SELECT DISTINCT (started_at AT TIME ZONE 'Asia/Shanghai')::date, (completed_at AT TIME ZONE 'Asia/Shanghai')::date
FROM flow_task WHERE status = 'done' AND completed_at IS NOT NULL
"""
SET_PAIR = """
UPDATE flow_task SET worked_days = %s WHERE status = 'done' AND pauses = '[]'
  AND (started_at AT TIME ZONE 'Asia/Shanghai')::date = %s AND (completed_at AT TIME ZONE 'Asia/Shanghai')::date = %s
"""


def _days(since, until):
    try:
        return between(since, until)
    except Refused:
        return None


def _day(text):
    return dt.datetime.fromisoformat(text).astimezone(SHANGHAI).date()


def reckon(apps, schema_editor):
    """Whole working days of each finished task, its standstills left out; unknown where a year has no calendar."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(PAIRS)
        pairs = cursor.fetchall()
        cursor.executemany(SET_PAIR, [(_days(*pair), *pair) for pair in pairs])
    task = apps.get_model("flow", "Task")
    for row in task.objects.filter(status="done", completed_at__isnull=False).exclude(pauses=[]).iterator(2000):
        days = _days(row.started_at.astimezone(SHANGHAI).date(), row.completed_at.astimezone(SHANGHAI).date())
        still = [_days(_day(a), _day(b)) for a, b in row.pauses]
        row.worked_days = None if days is None or None in still else max(days - sum(still), 0)
        row.save(update_fields=["worked_days"])


class Migration(migrations.Migration):

    dependencies = [
        ('flow', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='task',
            name='assignee_for',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='task',
            name='completed_for',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='task',
            name='matter',
            field=models.CharField(db_default='', default='', max_length=64),
        ),
        migrations.AddField(
            model_name='task',
            name='worked_days',
            field=models.SmallIntegerField(null=True),
        ),
        migrations.RunSQL(MATTER, migrations.RunSQL.noop),
        migrations.RunPython(reckon, migrations.RunPython.noop),
        # Checks that the updates have put off would forbid the indexes in the same transaction.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED", migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(condition=models.Q(('kind', 'task'), ('status', 'done')), fields=['completed_at', 'jurisdiction'], include=('office', 'role', 'matter', 'key', 'scene', 'worked_days', 'due_at'), name='flow_task_worked'),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(condition=models.Q(('kind', 'task')), fields=['started_at', 'jurisdiction'], include=('office', 'role', 'matter', 'scene'), name='flow_task_received'),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(condition=models.Q(('kind', 'task'), ('status__in', ('ready', 'claimed'))), fields=['jurisdiction', 'due_at'], include=('office', 'role', 'matter', 'key', 'scene'), name='flow_task_waiting'),
        ),
    ]
