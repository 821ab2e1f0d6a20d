"""Doors of 异地办理: reading one person whose register is elsewhere, run by the second migration.

A grant names a person, the place that may read, and which encrypted items may be opened there (`fields`).
"""

DOORS = """
SET LOCAL check_function_bodies = off;  -- the scope functions are made after the migrations
CREATE OR REPLACE FUNCTION registry_allow(number_index bytea, why text, last_day date, at timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE found bigint;
BEGIN
  IF length(why) < 4 OR last_day > (at AT TIME ZONE 'Asia/Shanghai')::date + 366 THEN
    RAISE EXCEPTION 'a reason and an end within a year are needed' USING ERRCODE = '22023'; END IF;
  SELECT id INTO found FROM registry_person WHERE id_index = number_index;
  IF found IS NOT NULL THEN  -- who has the number may open the number, nothing else
    INSERT INTO registry_grant (person_id, jurisdiction, reason, account, granted_at, until, fields)
    VALUES (found, scope_low(), why, scope_account(), at, last_day, ARRAY['id_number'])
    ON CONFLICT (person_id, jurisdiction) DO UPDATE
    SET until = greatest(registry_grant.until, excluded.until), reason = excluded.reason, account = excluded.account,
        granted_at = excluded.granted_at,
        fields = ARRAY(SELECT DISTINCT unnest(registry_grant.fields || excluded.fields) ORDER BY 1);
  END IF;
  RETURN found;
END $$;

-- Passes on no more than the acting place has: all of `allowed` for its own people, the granted items for the others.
CREATE FUNCTION registry_share(wanted bigint[], target text, why text, allowed text[], last_day date, at timestamptz)
RETURNS SETOF bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF length(why) < 4 OR last_day > (at AT TIME ZONE 'Asia/Shanghai')::date + 366
     OR NOT allowed <@ ARRAY['id_number', 'phone', 'bank_account'] THEN
    RAISE EXCEPTION 'a reason, known items and an end within a year are needed' USING ERRCODE = '22023'; END IF;
  IF NOT EXISTS (SELECT 1 FROM divisions_jurisdiction WHERE code = target) THEN
    RAISE EXCEPTION 'unknown jurisdiction' USING ERRCODE = '22023'; END IF;
  RETURN QUERY
  WITH mine AS (
    SELECT p.id, allowed AS items FROM registry_person p
    WHERE p.id = ANY (wanted) AND p.jurisdiction >= scope_low() AND p.jurisdiction < scope_high()
  ), lent AS (
    SELECT g.person_id AS id, array_agg(DISTINCT item) FILTER (WHERE item = ANY (allowed)) AS items
    FROM registry_grant g LEFT JOIN LATERAL unnest(g.fields) item ON true
    WHERE g.person_id = ANY (wanted) AND g.until >= (at AT TIME ZONE 'Asia/Shanghai')::date
      AND g.jurisdiction >= scope_low() AND g.jurisdiction < scope_high()
      AND g.person_id NOT IN (SELECT mine.id FROM mine)
    GROUP BY g.person_id
  )
  INSERT INTO registry_grant AS known (person_id, jurisdiction, reason, account, granted_at, until, fields)
  SELECT id, target, why, scope_account(), at, last_day, coalesce(items, '{}')
  FROM (SELECT * FROM mine UNION ALL SELECT * FROM lent) people
  ON CONFLICT (person_id, jurisdiction) DO UPDATE
  SET until = greatest(known.until, excluded.until), reason = excluded.reason, account = excluded.account,
      granted_at = excluded.granted_at,
      fields = ARRAY(SELECT DISTINCT unnest(known.fields || excluded.fields) ORDER BY 1)
  RETURNING known.person_id;
END $$;

CREATE FUNCTION registry_granted_value(wanted bigint, item text, on_day date) RETURNS TABLE (value bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT CASE item WHEN 'id_number' THEN p.id_number WHEN 'phone' THEN p.phone
         WHEN 'bank_account' THEN p.bank_account END
  FROM registry_person p WHERE p.id = wanted AND EXISTS (
    SELECT 1 FROM registry_grant g WHERE g.person_id = p.id AND g.until >= on_day AND item = ANY (g.fields)
    AND g.jurisdiction >= scope_low() AND g.jurisdiction < scope_high()) $$;
"""

DROP_DOORS = """
DROP FUNCTION registry_granted_value(bigint, text, date);
DROP FUNCTION registry_share(bigint[], text, text, text[], date, timestamptz);
"""
