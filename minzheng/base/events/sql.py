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
