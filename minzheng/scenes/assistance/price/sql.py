"""A line stays as it was listed, but for its outcome. `price_had`: which of these people have the supplement of a month,
anywhere in the province, and no more than that."""

DOORS = """
CREATE FUNCTION price_had(people bigint[], month date) RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT m.person_id FROM benefits_entitlementmember m
  WHERE m.person_id = ANY(people) AND m.exclusive_group = 'price' AND m.during @> month
$$;
CREATE FUNCTION price_line_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'planned' OR to_jsonb(NEW) - '{state,note}'::text[] <> to_jsonb(OLD) - '{state,note}'::text[] THEN
    RAISE EXCEPTION 'price_line keeps what was listed' USING ERRCODE = '42501';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER price_line_keeps BEFORE UPDATE ON price_line FOR EACH ROW EXECUTE FUNCTION price_line_keeps();
"""
UNDO = """
DROP TRIGGER price_line_keeps ON price_line;
DROP FUNCTION price_line_keeps();
DROP FUNCTION price_had(bigint[], date);
"""
