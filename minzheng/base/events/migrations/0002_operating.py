"""Administrators look at dead events of their range and put them back in line; payloads stay with the worker."""

from django.db import migrations

from minzheng.base.events.sql import OPERATING, UNDO_OPERATING


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]
    operations = [migrations.RunSQL(OPERATING, UNDO_OPERATING)]
