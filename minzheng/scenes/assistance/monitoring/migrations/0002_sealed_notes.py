"""Notes that may tell of a family are encrypted, with those that stand already; the state of waiting for an application;
what each department's nightly file brought."""

from django.db import migrations, models

import minzheng.base.crypto.fields
from minzheng.base.crypto import decrypt, encrypt_many

AT_ONCE = 5000
SEALED = (("assistance_monitoring_alert", "outcome_text"), ("assistance_monitoring_alertevent", "text"),
          ("assistance_monitoring_listing", "reason"), ("assistance_monitoring_listing", "end_reason"))


def _turn(cursor, table, column, kind, change):
    """The column with its values changed, in batches of rows."""
    cursor.execute(f"ALTER TABLE {table} ADD COLUMN turned {kind}")
    last = 0
    while True:
        cursor.execute(f"SELECT id, {column} FROM {table} WHERE id > %s ORDER BY id LIMIT {AT_ONCE}", [last])
        rows = cursor.fetchall()
        if not rows:
            break
        cursor.execute(f"UPDATE {table} t SET turned = v.value FROM unnest(%s::bigint[], %s::{kind}[]) AS v (id, value)"
                       " WHERE t.id = v.id", [[row[0] for row in rows], change([row[1] for row in rows])])
        last = rows[-1][0]
    cursor.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    cursor.execute(f"ALTER TABLE {table} RENAME COLUMN turned TO {column}")
    cursor.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL")


def _keep(cursor, verb):
    cursor.execute(f"ALTER TABLE assistance_monitoring_alertevent {verb} TRIGGER assistance_monitoring_keep")


def seal(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        _keep(cursor, "DISABLE")
        for table, column in SEALED:
            _turn(cursor, table, column, "bytea", lambda texts, aad=f"{table}.{column}": encrypt_many(aad, texts))
        _keep(cursor, "ENABLE")
        # the same notes stood beside the tasks, in clear
        cursor.execute("UPDATE flow_task SET comment = '' WHERE subject LIKE 'YJ%' AND comment <> ''")
        cursor.execute("UPDATE flow_task_event SET text = '' WHERE subject LIKE 'YJ%' AND verb = 'complete' AND text <> ''")


def unseal(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        _keep(cursor, "DISABLE")
        for table, column in SEALED:
            _turn(cursor, table, column, "text",
                  lambda values, aad=f"{table}.{column}": [decrypt(aad, bytes(value)) for value in values])
        _keep(cursor, "ENABLE")


class Migration(migrations.Migration):

    dependencies = [
        ('assistance_monitoring', '0001_initial'),
        ('flow', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Collected',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('night', models.DateField(verbose_name='日期')),
                ('place', models.TextField(verbose_name='范围')),
                ('department', models.TextField(verbose_name='部门')),
                ('name', models.TextField(verbose_name='部门名称')),
                ('status', models.CharField(choices=[('taken', '已接收'), ('not_answered', '未应答'), ('refused', '对方拒绝'), ('bad_signature', '签名不符'), ('malformed', '内容不合格式')], max_length=16, verbose_name='结果')),
                ('detail', models.TextField(blank=True, verbose_name='说明')),
                ('through', models.DateField(null=True, verbose_name='已报送到')),
                ('told', models.IntegerField(default=0, verbose_name='报送条数')),
                ('fresh', models.IntegerField(default=0, verbose_name='新信号')),
                ('unknown', models.IntegerField(default=0, verbose_name='不在人口库')),
                ('mismatched', models.IntegerField(default=0, verbose_name='姓名不符')),
                ('at', models.DateTimeField(verbose_name='接收时间')),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='alert',
            name='monitoring_one_open',
        ),
        migrations.RemoveIndex(
            model_name='alert',
            name='monitoring_alert_open',
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(seal, unseal)],
            state_operations=[
                migrations.AlterField(
                    model_name='alert',
                    name='outcome_text',
                    field=minzheng.base.crypto.fields.EncryptedTextField(blank=True, default='', verbose_name='处置说明'),
                ),
                migrations.AlterField(
                    model_name='alertevent',
                    name='text',
                    field=minzheng.base.crypto.fields.EncryptedTextField(blank=True, default=''),
                ),
                migrations.AlterField(
                    model_name='listing',
                    name='end_reason',
                    field=minzheng.base.crypto.fields.EncryptedTextField(blank=True, default='', verbose_name='移出原因'),
                ),
                migrations.AlterField(
                    model_name='listing',
                    name='reason',
                    field=minzheng.base.crypto.fields.EncryptedTextField(verbose_name='致困原因'),
                ),
            ],
        ),
        migrations.AddField(
            model_name='alert',
            name='apply_by',
            field=models.DateField(null=True, verbose_name='应提交申请的日期'),
        ),
        migrations.AddField(
            model_name='alert',
            name='case_code',
            field=models.TextField(blank=True, default='', verbose_name='受理号'),
        ),
        migrations.AlterField(
            model_name='alert',
            name='state',
            field=models.CharField(choices=[('open', '待处置'), ('watching', '持续观察'), ('applying', '等待提交申请'), ('applied', '已提交申请'), ('referred', '已转介'), ('dismissed', '核实无需处置'), ('merged', '并入其他预警'), ('ended', '已无处置对象')], default='open', max_length=10, verbose_name='状态'),
        ),
        migrations.AlterField(
            model_name='alertevent',
            name='kind',
            field=models.CharField(choices=[('opened', '生成预警'), ('joined', '出现新情况'), ('visit', '上门走访'), ('applied', '帮助申请救助'), ('referred', '转介'), ('dismissed', '核实无需处置'), ('watching', '持续观察'), ('watch_over', '观察到期'), ('merged', '并入其他预警'), ('applying', '帮助申请,等待提交'), ('filed', '已提交申请'), ('no_case', '逾期没有提交申请'), ('moved', '随户转交'), ('ended', '终止')], max_length=10),
        ),
        migrations.AddIndex(
            model_name='alert',
            index=models.Index(condition=models.Q(('state__in', ('open', 'watching', 'applying'))), fields=['jurisdiction', 'grade', 'id'], name='monitoring_alert_open'),
        ),
        migrations.AddIndex(
            model_name='alert',
            index=models.Index(condition=models.Q(('state', 'applying')), fields=['apply_by'], name='monitoring_alert_applying'),
        ),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('open', 'watching', 'applying'))), fields=('household_id',), name='monitoring_one_open'),
        ),
        migrations.AddConstraint(
            model_name='collected',
            constraint=models.UniqueConstraint(fields=('place', 'department', 'night'), name='monitoring_collected_once'),
        ),
    ]
