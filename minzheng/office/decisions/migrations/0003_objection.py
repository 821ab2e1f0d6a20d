import django.db.models.deletion
import minzheng.base.crypto.fields
import minzheng.base.scope.fields
from django.db import migrations, models


KEY = """ALTER TABLE decisions_objection ADD CONSTRAINT decisions_objection_case FOREIGN KEY (case_id, jurisdiction)
  REFERENCES cases_case (id, jurisdiction) ON UPDATE CASCADE DEFERRABLE INITIALLY IMMEDIATE"""


class Migration(migrations.Migration):

    dependencies = [
        ('decisions', '0002_doors'),
    ]

    operations = [
        migrations.CreateModel(
            name='Objection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('case_id', models.BigIntegerField()),
                ('jurisdiction', minzheng.base.scope.fields.JurisdictionField(db_index=False, validators=[minzheng.base.scope.fields.validate_code])),
                ('serial', models.PositiveSmallIntegerField(verbose_name='序号')),
                ('at', models.DateTimeField(verbose_name='提出时间')),
                ('text', minzheng.base.crypto.fields.EncryptedTextField(verbose_name='异议内容')),
                ('account', models.BigIntegerField()),
                ('actor', models.CharField(max_length=128, verbose_name='登记人')),
                ('decided_by', models.BigIntegerField()),
                ('outcome', models.CharField(blank=True, choices=[('maintain', '维持原决定'), ('revoke', '撤销原决定')], max_length=16, verbose_name='结果')),
                ('answer', minzheng.base.crypto.fields.EncryptedTextField(null=True, verbose_name='答复')),
                ('answered_at', models.DateTimeField(null=True, verbose_name='答复时间')),
                ('answered_by', models.BigIntegerField(null=True)),
                ('answered_by_title', models.CharField(blank=True, max_length=128, verbose_name='答复人')),
                ('document', models.BigIntegerField(null=True, verbose_name='答复书')),
                ('decision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='objections', to='decisions.decision')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('case_id', 'serial'), name='decisions_objection_serial'), models.UniqueConstraint(condition=models.Q(('answered_at', None)), fields=('decision',), name='decisions_objection_one_open'), models.CheckConstraint(condition=models.Q(('answered_by', None), models.Q(('answered_by', models.F('decided_by')), _negated=True), _connector='OR'), name='decisions_objection_by_another'), models.CheckConstraint(condition=models.Q(models.Q(('answered_at', None), ('outcome', '')), models.Q(('answer__isnull', False), ('answered_at__isnull', False), ('answered_by__isnull', False), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='decisions_objection_answered')],
            },
        ),
        migrations.RunSQL(KEY, "ALTER TABLE decisions_objection DROP CONSTRAINT decisions_objection_case"),
    ]
