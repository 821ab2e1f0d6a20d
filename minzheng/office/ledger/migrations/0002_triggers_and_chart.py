from django.db import migrations

from minzheng.office.ledger import sql
from minzheng.office.ledger.chart import CHART, SAMPLE_BANDS


def fill(apps, schema_editor):
    apps.get_model("ledger", "Account").objects.bulk_create(
        apps.get_model("ledger", "Account")(code=code, title=title, normal=normal) for code, title, normal in CHART)
    apps.get_model("ledger", "SignatureBand").objects.bulk_create(
        apps.get_model("ledger", "SignatureBand")(**band) for band in SAMPLE_BANDS)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop),
                  migrations.RunSQL(sql.TRIGGERS, sql.UNDO)]
