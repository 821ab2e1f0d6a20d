"""Triggers and doors of the audit tables, run by the first migration."""

APPEND_ONLY = """
CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = '42501';
END $$;
CREATE FUNCTION audit_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.xid := pg_current_xact_id()::text::bigint;
  NEW.written_at := clock_timestamp();
  RETURN NEW;
END $$;
CREATE TRIGGER audit_record_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_record
  FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER audit_seal_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seal
  FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER audit_record_stamp BEFORE INSERT ON audit_record FOR EACH ROW EXECUTE FUNCTION audit_stamp();
ALTER TABLE audit_record ENABLE ALWAYS TRIGGER audit_record_keep;
ALTER TABLE audit_record ENABLE ALWAYS TRIGGER audit_record_stamp;
ALTER TABLE audit_seal ENABLE ALWAYS TRIGGER audit_seal_keep;
"""

DOORS = """
CREATE FUNCTION audit_accesses_of(person bigint, before_id bigint, lim integer)
RETURNS TABLE (id bigint, at timestamptz, action text, reason text, by jsonb, refused boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF person IS DISTINCT FROM scope_person() THEN
    RAISE EXCEPTION 'another person' USING ERRCODE = '42501';
  END IF;
  RETURN QUERY
    SELECT r.id, r.at, r.action, coalesce(c.j ->> 'reason', ''), (c.j -> 'by') - 'account' - 'name' - 'person_id',
           r.refused
    FROM audit_record r, LATERAL (SELECT convert_from(r.canonical, 'UTF8')::jsonb AS j) c
    WHERE r.subject_person = person AND (before_id IS NULL OR r.id < before_id)
    ORDER BY r.id DESC LIMIT lim;
END $$;
CREATE FUNCTION audit_trail(kind text, object text, before_id bigint, lim integer)
RETURNS TABLE (id bigint, canonical bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN RETURN QUERY
  SELECT r.id, r.canonical FROM audit_record r
  WHERE r.obj_type = kind AND r.obj_id = object AND r.area >= scope_low() AND r.area < scope_high()
    AND (before_id IS NULL OR r.id < before_id)
  ORDER BY r.id DESC LIMIT lim;
END $$;
CREATE FUNCTION audit_search(since timestamptz, until timestamptz, who bigint, before_id bigint, lim integer)
RETURNS TABLE (id bigint, canonical bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN RETURN QUERY
  SELECT r.id, r.canonical FROM audit_record r
  WHERE r.area >= scope_low() AND r.area < scope_high() AND r.at >= since AND r.at < until
    AND (who IS NULL OR r.account = who) AND (before_id IS NULL OR r.id < before_id)
  ORDER BY r.id DESC LIMIT lim;
END $$;
CREATE FUNCTION audit_delay() RETURNS double precision
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(extract(epoch FROM clock_timestamp() - min(r.written_at)), 0)::double precision
  FROM audit_record r WHERE r.xid >= (SELECT coalesce(max(xid_to), 0) FROM audit_seal);
$$;
"""

NEWEST_SEAL = """
CREATE FUNCTION audit_newest_seal()
RETURNS TABLE (no bigint, count integer, body bytea, signature bytea, before bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.no, s.count, s.body, s.signature, (SELECT p.body FROM audit_seal p WHERE p.no = s.no - 1)
  FROM audit_seal s ORDER BY s.no DESC LIMIT 1;
$$;
"""

UNDO_NEWEST_SEAL = "DROP FUNCTION audit_newest_seal();"

UNDO = """
DROP FUNCTION audit_accesses_of(bigint, bigint, integer);
DROP FUNCTION audit_trail(text, text, bigint, integer);
DROP FUNCTION audit_search(timestamptz, timestamptz, bigint, bigint, integer);
DROP FUNCTION audit_delay();
DROP FUNCTION audit_append_only() CASCADE;
DROP FUNCTION audit_stamp() CASCADE;
"""
