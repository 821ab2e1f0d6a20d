"""The newest seal for the auditors' page: seals hold counts and digests, no personal data."""

from django.db import migrations

from minzheng.base.audit import sql


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(sql.NEWEST_SEAL, sql.UNDO_NEWEST_SEAL)]
