"""A grant says which encrypted items may be opened; a place passes on to another what it may read itself."""

import django.contrib.postgres.fields
from django.db import migrations, models

from minzheng.data.registry.sql_sharing import DOORS, DROP_DOORS


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial"), ("divisions", "0001_initial")]
    operations = [
        migrations.AddField(
            model_name="grant",
            name="fields",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(), default=list, size=None, verbose_name="可看明文的项目"),
        ),
        migrations.RunSQL(DOORS, DROP_DOORS),
    ]
