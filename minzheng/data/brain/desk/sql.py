"""The door by which a shared result is read from inside its place, below the office that made it.

It answers only for a share that has not run out, to whom stands within the result's place, and only what holds no small
cells. A link alone opens nothing.
"""

DOOR = """
SET LOCAL check_function_bodies = off;  -- the scope functions are made after the migrations
CREATE FUNCTION policydesk_shared(wanted text, today date) RETURNS SETOF policydesk_run
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT * FROM policydesk_run r
  WHERE r.share_code = wanted AND wanted <> '' AND r.shared_until >= today AND r.finished_at IS NOT NULL
    AND scope_low() >= r.jurisdiction
    AND scope_high() <= CASE
      WHEN substr(r.jurisdiction, 3, 2) = '00' THEN rpad((left(r.jurisdiction, 2)::int + 1)::text, 12, '0')
      WHEN substr(r.jurisdiction, 5, 2) = '00' THEN rpad((left(r.jurisdiction, 4)::int + 1)::text, 12, '0')
      ELSE rpad((left(r.jurisdiction, 6)::int + 1)::text, 12, '0') END $$;
"""

UNDO = "DROP FUNCTION policydesk_shared(text, date);"
