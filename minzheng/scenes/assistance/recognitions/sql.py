"""Members follow their recognition's place. `recognition_held`: kind and place by person on a day, province-wide and no
more than that, for what excludes one another."""

DOORS = """
ALTER TABLE recognitions_recognitionmember ADD CONSTRAINT recognition_member_place FOREIGN KEY (recognition_id, jurisdiction)
  REFERENCES recognitions_recognition (id, jurisdiction) ON UPDATE CASCADE;
CREATE FUNCTION recognition_held(people bigint[], day date)
RETURNS TABLE (person bigint, kind text, county text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT m.person, m.kind::text, left(m.jurisdiction, 6) || '000000'
  FROM recognitions_recognitionmember m WHERE m.person = ANY(people) AND m.during @> day
$$;
"""
UNDO = """
DROP FUNCTION recognition_held(bigint[], date);
ALTER TABLE recognitions_recognitionmember DROP CONSTRAINT recognition_member_place;
"""

# Households that were paid before this register existed.
FROM_BENEFITS = """
WITH made AS (
  INSERT INTO recognitions_recognition (kind, jurisdiction, case_code, decision, household, head, head_name, persons,
    valid_from, end_cause, created_at)
  SELECT 'dibao', jurisdiction, case_code, decision, household_id, head_id, head_name, persons, start_month, '', now()
  FROM benefits_entitlement WHERE scheme = 'dibao' AND status <> 'ended' RETURNING id, decision)
INSERT INTO recognitions_recognitionmember (recognition_id, jurisdiction, person, name, relation, kind, during)
SELECT made.id, e.jurisdiction, m.person_id, coalesce(d ->> 'name', ''), coalesce(d ->> 'relation', ''), 'dibao', m.during
FROM made JOIN benefits_entitlement e USING (decision) JOIN benefits_entitlementmember m ON m.entitlement_id = e.id
LEFT JOIN LATERAL jsonb_array_elements(e.members) d ON (d ->> 'person_id')::bigint = m.person_id
WHERE NOT isempty(m.during);
"""
