import django.contrib.postgres.fields
import django.db.models.deletion
import minzheng.base.scope.fields
from django.conf import settings
from django.db import migrations, models

from minzheng.base.identity import leave_sql


class Migration(migrations.Migration):

    dependencies = [
        ('identity', '0002_administration'),
    ]

    operations = [
        migrations.CreateModel(
            name='Leave',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('jurisdiction', minzheng.base.scope.fields.JurisdictionField(db_index=True, validators=[minzheng.base.scope.fields.validate_code], verbose_name='单位')),
                ('heads', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ('valid_from', models.DateField(verbose_name='起')),
                ('valid_to', models.DateField(verbose_name='止(含)')),
                ('reason', models.CharField(max_length=200, verbose_name='原因')),
                ('tasks', models.CharField(choices=[('pass', '转给代岗人继续办'), ('return', '退回本单位,谁都可以签收')], max_length=8, verbose_name='手头任务')),
                ('state', models.CharField(choices=[('asked', '待批准'), ('approved', '已批准'), ('refused', '未批准'), ('withdrawn', '已撤回'), ('ended', '已结束')], default='asked', max_length=12, verbose_name='状态')),
                ('asked_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('opinion', models.CharField(blank=True, max_length=200, verbose_name='意见')),
                ('begun_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('cover', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.post')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('post', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='leaves', to='identity.post')),
                ('stand_in', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('closed_at', None)), fields=['valid_from'], name='leave_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(('valid_to__gte', models.F('valid_from'))), name='leave_days'), models.CheckConstraint(condition=models.Q(('account', models.F('stand_in')), _negated=True), name='leave_two_people'), models.CheckConstraint(condition=models.Q(('decided_by', None), ('state', 'refused'), models.Q(models.Q(('decided_by', models.F('account')), _negated=True), models.Q(('decided_by', models.F('stand_in')), _negated=True)), _connector='OR'), name='leave_four_eyes')],
            },
        ),
        migrations.RunSQL(leave_sql.DOORS, leave_sql.UNDO),
    ]
