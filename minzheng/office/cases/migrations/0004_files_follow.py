"""A case that is handed over takes its files and issued documents along: whoever answers for it now holds them."""

from django.db import migrations

DOOR = """
CREATE OR REPLACE FUNCTION hand_over_case(wanted bigint, target text, way text) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE origin text;
BEGIN
  SELECT jurisdiction INTO origin FROM cases_case WHERE id = wanted AND jurisdiction >= scope_low()
    AND jurisdiction < scope_high() FOR UPDATE;
  IF origin IS NULL THEN RAISE EXCEPTION 'the case is not within the scope' USING ERRCODE = '42501'; END IF;
  IF NOT EXISTS (SELECT 1 FROM divisions_jurisdiction WHERE code = target) THEN
    RAISE EXCEPTION 'unknown jurisdiction' USING ERRCODE = '22023'; END IF;
  UPDATE cases_case SET jurisdiction = target, version = version + 1 WHERE id = wanted;
  UPDATE files_storedfile SET jurisdiction = target WHERE case_id = wanted;
  UPDATE documents_issued SET jurisdiction = target WHERE case_id = wanted AND revoked_at IS NULL;
  INSERT INTO cases_caseparty (case_id, jurisdiction, role) VALUES (wanted, origin, way) ON CONFLICT DO NOTHING;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_delegation"), ("files", "0001_initial"), ("documents", "0001_initial")]
    operations = [migrations.RunSQL(DOOR, migrations.RunSQL.noop)]
