"""Who answers for a case, or takes part in it, sees which places take part."""

from django.db import migrations

DOOR = """
SET LOCAL check_function_bodies = off;  -- the scope functions are made after the migrations
CREATE FUNCTION case_parties(wanted bigint) RETURNS TABLE (place text, way text) LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  SELECT p.jurisdiction, p.role FROM cases_caseparty p JOIN cases_case c ON c.id = p.case_id
  WHERE c.id = wanted AND (p.until IS NULL OR p.until >= now())
    AND (c.jurisdiction >= scope_low() AND c.jurisdiction < scope_high() OR c.id = ANY (scope_cases()))
  ORDER BY p.id $$;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0004_files_follow")]
    operations = [migrations.RunSQL(DOOR, "DROP FUNCTION case_parties(bigint);")]
