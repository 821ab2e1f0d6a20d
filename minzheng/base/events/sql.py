"""The door through which events are written, and the numbers for the health page."""

DOORS = """
CREATE FUNCTION events_emit(event text, subject text, code text, content jsonb, happened timestamptz) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE made bigint;
BEGIN
  -- one writer per aggregate until it commits, so that versions become visible in their order
  PERFORM pg_advisory_xact_lock(hashtextextended('events:' || subject, 0));
  INSERT INTO events_outbox (name, aggregate, version, area, payload, at, status, attempts, error)
  SELECT event, subject, coalesce(max(version), 0) + 1, code, content, happened, 'pending', 0, ''
  FROM events_outbox WHERE aggregate = subject
  RETURNING id INTO made;
  RETURN made;
END $$;
CREATE FUNCTION events_health() RETURNS TABLE (pending bigint, oldest_seconds double precision, dead bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(*) FILTER (WHERE status = 'pending'),
         coalesce(extract(epoch FROM clock_timestamp() - min(next_at) FILTER (WHERE status = 'pending')), 0)::float8,
         count(*) FILTER (WHERE status = 'dead')
  FROM events_outbox WHERE status <> 'done';
$$;
"""

UNDO = """
DROP FUNCTION events_emit(text, text, text, jsonb, timestamptz);
DROP FUNCTION events_health();
"""

OPERATING = """
CREATE FUNCTION events_dead(most integer) RETURNS TABLE (id bigint, name text, aggregate text, version integer,
  area text, attempts integer, error text, waiting bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT o.id, o.name, o.aggregate, o.version, o.area, o.attempts, o.error,
         (SELECT count(*) FROM events_outbox p
          WHERE p.aggregate = o.aggregate AND p.version > o.version AND p.status <> 'done')
  FROM events_outbox o WHERE o.status = 'dead' AND o.area >= scope_low() AND o.area < scope_high()
  ORDER BY o.id LIMIT least(most, 200);
$$;
CREATE FUNCTION events_retry(wanted bigint) RETURNS text
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE events_outbox SET status = 'pending', attempts = 0, next_at = clock_timestamp()
  WHERE id = wanted AND status = 'dead' AND area >= scope_low() AND area < scope_high() RETURNING area;
$$;
"""

UNDO_OPERATING = """
DROP FUNCTION events_dead(integer);
DROP FUNCTION events_retry(bigint);
"""
