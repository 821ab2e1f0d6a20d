"""What the public may ask of an issued document, and the rule that only a revocation changes it."""

SQL = """
CREATE FUNCTION documents_verify(wanted text)
RETURNS TABLE (kind text, number text, title text, issuer text, issued_at timestamptz, revoked_at timestamptz,
               digest bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT kind, number, title, issuer, issued_at, revoked_at, digest FROM documents_issued WHERE code = wanted;
$$;
CREATE FUNCTION documents_keep() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE before documents_issued := OLD;
BEGIN
  IF TG_OP = 'DELETE' OR OLD.revoked_at IS NOT NULL THEN
    RAISE EXCEPTION 'an issued document cannot be changed' USING ERRCODE = '42501';
  END IF;
  before.revoked_at := NEW.revoked_at;
  before.revoked_reason := NEW.revoked_reason;
  before.revoked_by := NEW.revoked_by;
  before.jurisdiction := NEW.jurisdiction;
  IF before IS DISTINCT FROM NEW THEN
    RAISE EXCEPTION 'an issued document cannot be changed' USING ERRCODE = '42501';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER documents_keep BEFORE UPDATE OR DELETE ON documents_issued
  FOR EACH ROW EXECUTE FUNCTION documents_keep();
"""

UNDO = """
DROP FUNCTION documents_verify(text);
DROP FUNCTION documents_keep() CASCADE;
"""
