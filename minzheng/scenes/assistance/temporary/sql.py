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

# Since there is 支出型救助, what a household got counts for each of its people.
EXPENSES = """
ALTER TABLE temporary_expense ADD CONSTRAINT expense_follows FOREIGN KEY (case_id, jurisdiction)
  REFERENCES cases_case (id, jurisdiction) ON UPDATE CASCADE;
CREATE FUNCTION temporary_given_to(keys text[], in_year integer) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(sum(given_fen), 0)::bigint FROM (
    SELECT given_fen FROM temporary_emergency
    WHERE person_key = ANY(keys) AND state = 'given' AND extract(year FROM given_on) = in_year
    UNION ALL
    SELECT given_fen FROM temporary_expense WHERE person_keys && keys AND extract(year FROM given_on) = in_year) g
$$;
CREATE OR REPLACE FUNCTION temporary_given(key text, in_year integer) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT temporary_given_to(ARRAY[key], in_year)
$$;
"""
UNDO_EXPENSES = """
CREATE OR REPLACE FUNCTION temporary_given(key text, in_year integer) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(sum(given_fen), 0)::bigint FROM temporary_emergency
  WHERE person_key = key AND state = 'given' AND extract(year FROM given_on) = in_year
$$;
DROP FUNCTION temporary_given_to(text[], integer);
ALTER TABLE temporary_expense DROP CONSTRAINT expense_follows;
"""
