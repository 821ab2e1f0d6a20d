"""Doors: deferring a job needs no right on the queue's tables, and no reach beyond one's own scope."""

DOORS = """
CREATE FUNCTION jobs_push(run bigint, task text, queue text, lock_name text, queueing text, due timestamptz)
RETURNS void LANGUAGE sql VOLATILE SET search_path = public, pg_temp AS $$
  SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(queue, task, 0, lock_name, queueing,
    jsonb_build_object('run', r.id, 'jurisdiction', r.jurisdiction, 'args', r.args), due)
    ]::procrastinate_job_to_defer_v1[]) FROM jobs_run r WHERE r.id = run;
$$;
REVOKE ALL ON FUNCTION jobs_push(bigint, text, text, text, text, timestamptz) FROM PUBLIC;
CREATE FUNCTION jobs_defer(task text, queue text, code text, arguments jsonb, who bigint, lock_name text,
                           queueing text, due timestamptz) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE made bigint; low text := coalesce(current_setting('mz.low', true), '');
BEGIN
  IF low <> '' AND NOT (code >= low AND code < current_setting('mz.high', true)) THEN
    RAISE EXCEPTION 'job beyond the scope' USING ERRCODE = '42501';
  END IF;
  INSERT INTO jobs_run (name, jurisdiction, args, status, total, done, failed, stop_requested, note, outcome_bytes,
                        account)
  VALUES (task, code, arguments, 'queued', 0, 0, 0, false, '', 0, who) RETURNING id INTO made;
  PERFORM jobs_push(made, task, queue, lock_name, queueing, due);
  RETURN made;
END $$;
CREATE FUNCTION jobs_requeue(run bigint, queue text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE task text;
BEGIN
  UPDATE jobs_run SET status = 'queued', stop_requested = false, note = ''
  WHERE id = run AND status IN ('stopped', 'failed') AND jurisdiction >= scope_low() AND jurisdiction < scope_high()
  RETURNING name INTO task;
  IF task IS NULL THEN RETURN false; END IF;
  UPDATE procrastinate_jobs SET status = 'cancelled' WHERE status = 'todo' AND args ->> 'run' = run::text;
  PERFORM jobs_push(run, task, queue, 'run:' || run, 'run:' || run, NULL);
  RETURN true;
END $$;
CREATE FUNCTION jobs_health() RETURNS TABLE (waiting bigint, oldest_seconds double precision, running bigint,
                                             failed bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(*) FILTER (WHERE j.status = 'todo' AND (j.scheduled_at IS NULL OR j.scheduled_at <= now())),
         coalesce(extract(epoch FROM clock_timestamp() - min(r.queued_at) FILTER (
           WHERE j.status = 'todo' AND (j.scheduled_at IS NULL OR j.scheduled_at <= now()))), 0)::float8,
         count(*) FILTER (WHERE j.status = 'doing'),
         (SELECT count(*) FROM jobs_run f WHERE f.status = 'failed')
  FROM procrastinate_jobs j LEFT JOIN jobs_run r ON r.id = (j.args ->> 'run')::bigint
  WHERE j.status IN ('todo', 'doing');
$$;
GRANT USAGE ON SEQUENCE procrastinate_jobs_id_seq, procrastinate_events_id_seq, procrastinate_periodic_defers_id_seq
  TO mz_worker;
"""

UNDO = """
DROP FUNCTION jobs_health();
DROP FUNCTION jobs_requeue(bigint, text);
DROP FUNCTION jobs_defer(text, text, text, jsonb, bigint, text, text, timestamptz);
DROP FUNCTION jobs_push(bigint, text, text, text, text, timestamptz);
"""
