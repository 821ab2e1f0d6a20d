"""What follows a case follows its place; and the counts of a county's draw, for who draws in one of its townships.

The lock keeps two draws of a county in order until the transaction ends.
"""

TABLES = ("tekun_selfcare", "tekun_care", "tekun_spotcheck")

FOLLOW = "".join(
    f"ALTER TABLE {table} ADD CONSTRAINT {table}_follows FOREIGN KEY (case_id, jurisdiction)"
    " REFERENCES cases_case (id, jurisdiction) ON UPDATE CASCADE;\n" for table in TABLES)
DOORS = """
CREATE FUNCTION tekun_drawn(place text, wanted integer) RETURNS TABLE (reached bigint, taken bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF left(scope_low(), 6) <> left(place, 6) THEN
    RAISE EXCEPTION 'another county' USING ERRCODE = '42501'; END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('tekun:draw:' || place || wanted, 0));
  RETURN QUERY SELECT count(*), count(*) FILTER (WHERE s.drawn) FROM tekun_spotcheck s
    WHERE s.county = place AND s.year = wanted;
END $$;
"""
UNFOLLOW = "".join(
    f"ALTER TABLE {table} DROP CONSTRAINT {table}_follows;" for table in TABLES)
UNDO = "DROP FUNCTION tekun_drawn(text, integer);"

# An institution may stand in another township than the person: its name and state, by its public credit code.
INSTITUTION = """
CREATE FUNCTION tekun_institution(wanted text) RETURNS TABLE (name text, status text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT o.name, o.status FROM registry_organisation o WHERE o.credit_code = wanted
$$;
"""
NO_INSTITUTION = "DROP FUNCTION tekun_institution(text);"

# Timers go off at the province, for every county.
FROM_ABOVE = """
CREATE OR REPLACE FUNCTION tekun_drawn(place text, wanted integer) RETURNS TABLE (reached bigint, taken bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF left(scope_low(), 6) <> left(place, 6) AND NOT (place >= scope_low() AND place < scope_high()) THEN
    RAISE EXCEPTION 'another county' USING ERRCODE = '42501'; END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('tekun:draw:' || place || wanted, 0));
  RETURN QUERY SELECT count(*), count(*) FILTER (WHERE s.drawn) FROM tekun_spotcheck s
    WHERE s.county = place AND s.year = wanted;
END $$;
"""
