"""Rows follow their case's jurisdiction; the public reads three values and may object, and reaches nothing else."""

from django.db import migrations

CHILDREN = ("publicity", "objection")
KEYS = "".join(
    f"ALTER TABLE publicity_{child} ADD CONSTRAINT publicity_{child}_case FOREIGN KEY (case_id, jurisdiction)"
    f" REFERENCES cases_case (id, jurisdiction) ON UPDATE CASCADE DEFERRABLE INITIALLY IMMEDIATE;\n"
    for child in CHILDREN)
UNDO_KEYS = "".join(f"ALTER TABLE publicity_{child} DROP CONSTRAINT publicity_{child}_case;\n" for child in CHILDREN)

DOORS = """
-- What the public may read of one village or township. One that has ended is gone even before the daily job ran.
CREATE FUNCTION publicity_open(wanted text, what text, day date, lim integer)
RETURNS TABLE (ticket uuid, name text, members integer, amount_fen bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF wanted !~ '^[1-9][0-9]{11}$' OR substr(wanted, 7, 3) = '000' THEN
    RAISE EXCEPTION 'a township or village is needed' USING ERRCODE = '22023'; END IF;
  RETURN QUERY
    SELECT p.ticket, p.name::text, p.members::integer, p.amount_fen FROM publicity_publicity p
    WHERE p.state IN ('open', 'disputed') AND p.kind = what
      AND (p.ends_on IS NULL OR p.ends_on >= day)
      AND (p.place = wanted OR right(wanted, 3) = '000' AND p.place > wanted AND p.place < left(wanted, 9) || 'z')
    ORDER BY p.id LIMIT least(lim, 500);
END $$;

-- An objection by anybody while the notice is shown. Limits: 5 a day from one source, 50 a day on one notice.
CREATE FUNCTION publicity_object(shown uuid, content bytea, who bytea, tel bytea, origin bytea, moment timestamptz,
                                 day date)
RETURNS TABLE (outcome text, code text, area text) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE p publicity_publicity%ROWTYPE;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('publicity:' || encode(origin, 'hex'), 0));
  SELECT * INTO p FROM publicity_publicity q WHERE q.ticket = shown AND q.kind = 'case'
    AND q.state IN ('open', 'disputed') AND q.starts_on <= day AND q.ends_on >= day FOR UPDATE;
  IF NOT FOUND THEN RETURN QUERY SELECT 'gone', '', ''; RETURN; END IF;
  IF (SELECT count(*) FROM publicity_objection o WHERE o.source = origin AND o.at > moment - interval '1 day') >= 5
     OR (SELECT count(*) FROM publicity_objection o WHERE o.publicity_id = p.id AND o.at > moment - interval '1 day')
        >= 50 THEN
    RETURN QUERY SELECT 'often', '', ''; RETURN; END IF;
  INSERT INTO publicity_objection (publicity_id, case_id, jurisdiction, at, text, name, phone, source, answered_by)
  VALUES (p.id, p.case_id, p.jurisdiction, moment, content, who, tel, origin, '');
  UPDATE publicity_publicity SET state = 'disputed' WHERE id = p.id AND state = 'open';
  RETURN QUERY SELECT CASE WHEN p.state = 'open' THEN 'first' ELSE 'more' END, c.code::text, p.jurisdiction
    FROM cases_case c WHERE c.id = p.case_id;
  IF p.state = 'open' THEN
    PERFORM events_emit('publicity.disputed', c.code::text, p.jurisdiction,
                        jsonb_build_object('case', c.code, 'publicity', p.id), moment)
    FROM cases_case c WHERE c.id = p.case_id;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("publicity", "0001_initial"), ("cases", "0002_doors"), ("events", "0001_initial")]
    operations = [
        migrations.RunSQL(KEYS, UNDO_KEYS),
        migrations.RunSQL(DOORS, "DROP FUNCTION publicity_object(uuid, bytea, bytea, bytea, bytea, timestamptz, date);"
                                 "DROP FUNCTION publicity_open(text, text, date, integer);"),
    ]
