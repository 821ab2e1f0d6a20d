"""Child rows follow their case's jurisdiction; doors answer the minimum about cases beyond the scope."""

from django.db import migrations

CHILDREN = ("casemember", "caseevent")
KEYS = "".join(
    f"ALTER TABLE cases_{child} ADD CONSTRAINT cases_{child}_case FOREIGN KEY (case_id, jurisdiction)"
    f" REFERENCES cases_case (id, jurisdiction) ON UPDATE CASCADE DEFERRABLE INITIALLY IMMEDIATE;\n"
    for child in CHILDREN
) + ("ALTER TABLE cases_caseparty ADD CONSTRAINT cases_caseparty_case FOREIGN KEY (case_id)"
     " REFERENCES cases_case (id);\n")

DOORS = """
CREATE FUNCTION case_is_mine(wanted bigint) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT 1 FROM cases_case WHERE id = wanted AND applicant = scope_person()) $$;

-- A sequence, not a counter row: counters would make every intake of a county wait for the one before it.
CREATE SEQUENCE cases_serial;
CREATE FUNCTION next_case_code(place text) RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  IF place !~ '^[0-9]{20}$' THEN RAISE EXCEPTION 'county and date expected' USING ERRCODE = '22023'; END IF;
  RETURN left(place, 6) || right(place, 8) || lpad((nextval('cases_serial') % 100000)::text, 5, '0');
END $$;

CREATE FUNCTION open_case_elsewhere(people bigint[], wanted text) RETURNS TABLE (person bigint, county text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT m.person, left(c.jurisdiction, 6) || '000000' FROM cases_casemember m JOIN cases_case c ON c.id = m.case_id
  WHERE m.person = ANY (people) AND m.counted AND c.matter = wanted
    AND c.state IN ('submitted', 'accepted', 'supplement') $$;

CREATE FUNCTION hand_over_case(wanted bigint, target text, way text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE origin text;
BEGIN
  SELECT jurisdiction INTO origin FROM cases_case WHERE id = wanted AND jurisdiction >= scope_low()
    AND jurisdiction < scope_high() FOR UPDATE;
  IF origin IS NULL THEN RAISE EXCEPTION 'the case is not within the scope' USING ERRCODE = '42501'; END IF;
  IF NOT EXISTS (SELECT 1 FROM divisions_jurisdiction WHERE code = target) THEN
    RAISE EXCEPTION 'unknown jurisdiction' USING ERRCODE = '22023'; END IF;
  UPDATE cases_case SET jurisdiction = target, version = version + 1 WHERE id = wanted;
  INSERT INTO cases_caseparty (case_id, jurisdiction, role) VALUES (wanted, origin, way) ON CONFLICT DO NOTHING;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial"), ("divisions", "0001_initial")]
    operations = [
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
        migrations.RunSQL(DOORS, "DROP FUNCTION hand_over_case(bigint, text, text);"
                                 "DROP FUNCTION open_case_elsewhere(bigint[], text); DROP FUNCTION next_case_code(text);"
                                 "DROP SEQUENCE cases_serial; DROP FUNCTION case_is_mine(bigint);"),
    ]
