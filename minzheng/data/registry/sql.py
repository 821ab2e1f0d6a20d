"""Constraints, keys and doors of the registry, run by the first migration."""

KEYS = """
ALTER TABLE registry_householdmember
  ADD CONSTRAINT registry_member_one_household
  EXCLUDE USING gist (int8range(person_id, person_id, '[]') WITH &&, daterange(valid_from, valid_to) WITH &&),
  ADD CONSTRAINT registry_member_one_head
  EXCLUDE USING gist (int8range(household_id, household_id, '[]') WITH &&, daterange(valid_from, valid_to) WITH &&)
  WHERE (relation = '户主'),
  ADD CONSTRAINT registry_member_person FOREIGN KEY (person_id) REFERENCES registry_person (id),
  ADD CONSTRAINT registry_member_place FOREIGN KEY (household_id, jurisdiction)
  REFERENCES registry_household (id, jurisdiction) ON UPDATE CASCADE;
CREATE INDEX registry_member_by_person ON registry_householdmember (person_id);
ALTER TABLE registry_attributesource ADD CONSTRAINT registry_source_place FOREIGN KEY (person_id, jurisdiction)
  REFERENCES registry_person (id, jurisdiction) ON UPDATE CASCADE;
ALTER TABLE registry_namegram ADD CONSTRAINT registry_gram_place FOREIGN KEY (person_id, jurisdiction)
  REFERENCES registry_person (id, jurisdiction) ON UPDATE CASCADE;
ALTER TABLE registry_grant ADD CONSTRAINT registry_grant_person FOREIGN KEY (person_id) REFERENCES registry_person (id);
"""

# The doors see all rows, as the owner. Each answers the minimum and takes nothing that could be browsed.
DOORS = """
SET LOCAL check_function_bodies = off;  -- the scope functions are made after the migrations
CREATE FUNCTION registry_my_household() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  SELECT household_id FROM registry_householdmember
  WHERE person_id = scope_person() AND valid_to IS NULL LIMIT 1 $$;

CREATE FUNCTION registry_my_family()
RETURNS TABLE (person bigint, name text, sex smallint, birth_date date, relation text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.id, p.name, p.sex, p.birth_date, m.relation
  FROM registry_householdmember mine
  JOIN registry_householdmember m ON m.household_id = mine.household_id AND m.valid_to IS NULL
  JOIN registry_person p ON p.id = m.person_id
  WHERE mine.person_id = scope_person() AND mine.valid_to IS NULL AND p.death_date IS NULL ORDER BY m.id $$;

CREATE FUNCTION registry_exists(number_index bytea) RETURNS TABLE (person bigint, county text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT id, left(jurisdiction, 6) || '000000' FROM registry_person WHERE id_index = number_index $$;

CREATE FUNCTION registry_match(number_index bytea, called text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT id FROM registry_person WHERE id_index = number_index AND name = called AND death_date IS NULL $$;

CREATE FUNCTION registry_other_household(wanted bigint, since_day date)
RETURNS TABLE (since date, until date, county text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT valid_from, valid_to, left(jurisdiction, 6) || '000000' FROM registry_householdmember
  WHERE person_id = wanted AND (valid_to IS NULL OR valid_to > since_day) ORDER BY valid_from DESC LIMIT 1 $$;

CREATE FUNCTION registry_allow(number_index bytea, why text, last_day date, at timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE found bigint;
BEGIN
  IF length(why) < 4 OR last_day > (at AT TIME ZONE 'Asia/Shanghai')::date + 366 THEN
    RAISE EXCEPTION 'a reason and an end within a year are needed' USING ERRCODE = '22023'; END IF;
  SELECT id INTO found FROM registry_person WHERE id_index = number_index;
  IF found IS NOT NULL THEN
    INSERT INTO registry_grant (person_id, jurisdiction, reason, account, granted_at, until)
    VALUES (found, scope_low(), why, scope_account(), at, last_day)
    ON CONFLICT (person_id, jurisdiction) DO UPDATE
    SET until = greatest(registry_grant.until, excluded.until), reason = excluded.reason, account = excluded.account,
        granted_at = excluded.granted_at;
  END IF;
  RETURN found;
END $$;

CREATE FUNCTION registry_briefs(wanted bigint[], on_day date)
RETURNS TABLE (id bigint, jurisdiction text, name text, sex smallint, birth_date date, death_date date,
               disability_class smallint, disability_grade smallint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.id, p.jurisdiction, p.name, p.sex, p.birth_date, p.death_date, p.disability_class, p.disability_grade
  FROM registry_person p
  WHERE p.id = ANY (wanted) AND EXISTS (
    SELECT 1 FROM registry_grant g WHERE g.person_id = p.id AND g.until >= on_day
    AND g.jurisdiction >= scope_low() AND g.jurisdiction < scope_high()) $$;

CREATE FUNCTION registry_move(wanted bigint, target text) RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE origin text;
BEGIN
  SELECT jurisdiction INTO origin FROM registry_person WHERE id = wanted AND jurisdiction >= scope_low()
    AND jurisdiction < scope_high() FOR UPDATE;
  IF origin IS NULL THEN RAISE EXCEPTION 'the person is not within the scope' USING ERRCODE = '42501'; END IF;
  IF NOT EXISTS (SELECT 1 FROM divisions_jurisdiction WHERE code = target AND level = 5) THEN
    RAISE EXCEPTION 'unknown village' USING ERRCODE = '22023'; END IF;
  UPDATE registry_person SET jurisdiction = target, version = version + 1 WHERE id = wanted;
  RETURN origin;
END $$;

CREATE FUNCTION registry_move_household(wanted bigint, target text) RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE origin text;
BEGIN
  SELECT jurisdiction INTO origin FROM registry_household WHERE id = wanted AND jurisdiction >= scope_low()
    AND jurisdiction < scope_high() FOR UPDATE;
  IF origin IS NULL THEN RAISE EXCEPTION 'the household is not within the scope' USING ERRCODE = '42501'; END IF;
  IF NOT EXISTS (SELECT 1 FROM divisions_jurisdiction WHERE code = target AND level = 5) THEN
    RAISE EXCEPTION 'unknown village' USING ERRCODE = '22023'; END IF;
  UPDATE registry_household SET jurisdiction = target, version = version + 1 WHERE id = wanted;
  RETURN origin;
END $$;
"""

DROP_DOORS = """
DROP FUNCTION registry_move_household(bigint, text);
DROP FUNCTION registry_move(bigint, text);
DROP FUNCTION registry_briefs(bigint[], date);
DROP FUNCTION registry_allow(bytea, text, date, timestamptz);
DROP FUNCTION registry_other_household(bigint, date);
DROP FUNCTION registry_match(bytea, text);
DROP FUNCTION registry_exists(bytea);
DROP FUNCTION registry_my_family();
DROP FUNCTION registry_my_household() CASCADE;
"""
