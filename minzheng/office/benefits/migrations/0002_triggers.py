from django.db import migrations

from minzheng.office.benefits import sql


class Migration(migrations.Migration):
    dependencies = [("benefits", "0001_initial")]
    operations = [migrations.RunSQL(sql.TRIGGERS, sql.UNDO)]
