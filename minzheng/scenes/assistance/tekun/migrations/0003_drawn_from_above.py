"""A draw that a timer brings on runs at the province."""

from django.db import migrations

from minzheng.scenes.assistance.tekun import sql


class Migration(migrations.Migration):
    dependencies = [("tekun", "0002_institution")]
    operations = [migrations.RunSQL(sql.FROM_ABOVE, migrations.RunSQL.noop)]
