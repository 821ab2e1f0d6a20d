"""The place follows the case. `temporary_given`: what a person got in a year anywhere in the province, the sum only."""

DOORS = """
ALTER TABLE temporary_emergency ADD CONSTRAINT emergency_follows FOREIGN KEY (case_id, jurisdiction)
  REFERENCES cases_case (id, jurisdiction) ON UPDATE CASCADE;
ALTER TABLE temporary_meeting ADD CONSTRAINT meeting_follows FOREIGN KEY (case_id, jurisdiction)
  REFERENCES cases_case (id, jurisdiction) ON UPDATE CASCADE;
CREATE FUNCTION temporary_given(key text, in_year integer) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(sum(given_fen), 0)::bigint FROM temporary_emergency
  WHERE person_key = key AND state = 'given' AND extract(year FROM given_on) = in_year
$$;
"""
UNDO = """
DROP FUNCTION temporary_given(text, integer);
ALTER TABLE temporary_meeting DROP CONSTRAINT meeting_follows;
ALTER TABLE temporary_emergency DROP CONSTRAINT emergency_follows;
"""
