"""Versions decided together, and the end of a version as it was approved.

Versions that a later one has cut short keep no record of their first end. They are taken to have been approved up to
the end of what cut them: the days between are the ones that the later version took over.
"""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q

FILL = """
UPDATE brain_parameterversion v SET approved_to = CASE WHEN c.id IS NULL THEN v.effective_to ELSE c.effective_to END
FROM brain_parameterversion o
LEFT JOIN LATERAL (
  SELECT n.id, n.effective_to FROM brain_parameterversion n
  WHERE n.parameter = o.parameter AND n.zone = o.zone AND n.id <> o.id AND n.decided_at > o.decided_at
    AND n.effective_from = o.effective_to + 1 ORDER BY n.decided_at LIMIT 1) c ON true
WHERE o.id = v.id AND v.decided_at IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("brain", "0001_initial")]

    operations = [
        migrations.AddField("parameterversion", "approved_to",
                            models.DateField("批准时的截止日", null=True, blank=True)),
        migrations.AddField("parameterversion", "bundle", models.TextField("方案", blank=True, default="")),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddIndex("parameterversion", models.Index(fields=["bundle"], name="brain_bundle",
                                                             condition=~Q(bundle=""))),
    ]
