"""The door to an institution's name and state."""

from django.db import migrations

from minzheng.scenes.assistance.tekun import sql


class Migration(migrations.Migration):
    dependencies = [("tekun", "0001_initial"), ("registry", "0001_initial")]
    operations = [migrations.RunSQL(sql.INSTITUTION, sql.NO_INSTITUTION)]
