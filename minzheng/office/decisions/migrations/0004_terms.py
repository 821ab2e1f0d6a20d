"""What a decision says beside its amount is frozen with it."""

from __future__ import annotations

from django.db import migrations, models

FROZEN = """
CREATE OR REPLACE FUNCTION decisions_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN RAISE EXCEPTION 'a decision is kept' USING ERRCODE = '42501'; END IF;
  IF (NEW.id, NEW.case_id, NEW.number, NEW.kind, NEW.amount_fen, NEW.from_month, {new}NEW.reasons, NEW.legal_basis,
      NEW.remedy, NEW.assessment, NEW.assessment_digest, NEW.hearing_id, NEW.supersedes_id, NEW.decided_by,
      NEW.decided_by_title, NEW.decided_at, NEW.serve_by)
     IS DISTINCT FROM
     (OLD.id, OLD.case_id, OLD.number, OLD.kind, OLD.amount_fen, OLD.from_month, {old}OLD.reasons, OLD.legal_basis,
      OLD.remedy, OLD.assessment, OLD.assessment_digest, OLD.hearing_id, OLD.supersedes_id, OLD.decided_by,
      OLD.decided_by_title, OLD.decided_at, OLD.serve_by)
     OR OLD.document IS NOT NULL AND NEW.document IS DISTINCT FROM OLD.document
     OR OLD.revoked_at IS NOT NULL AND (NEW.revoked_at, NEW.revoked_by, NEW.revoked_reason)
        IS DISTINCT FROM (OLD.revoked_at, OLD.revoked_by, OLD.revoked_reason)
  THEN RAISE EXCEPTION 'what was decided cannot be changed' USING ERRCODE = '42501'; END IF;
  RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("decisions", "0003_objection")]
    operations = [
        migrations.AddField("decision", "terms", models.TextField("决定内容", blank=True, default="")),
        migrations.RunSQL(FROZEN.format(new="NEW.terms, ", old="OLD.terms, "), FROZEN.format(new="", old="")),
    ]
