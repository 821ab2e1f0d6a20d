"""Closed months stay as written: rows never change, a closing only learns that it was superseded."""

KEEP = """
CREATE FUNCTION statistics_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'statistics_closing' AND TG_OP = 'UPDATE' AND to_jsonb(OLD) ->> 'superseded_at' IS NULL
     AND to_jsonb(NEW) - 'superseded_at' = to_jsonb(OLD) - 'superseded_at' THEN RETURN NEW; END IF;
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = '42501';
END $$;
CREATE TRIGGER statistics_line_keep BEFORE UPDATE OR DELETE ON statistics_line FOR EACH ROW EXECUTE FUNCTION statistics_keep();
CREATE TRIGGER statistics_closing_keep BEFORE UPDATE OR DELETE ON statistics_closing FOR EACH ROW EXECUTE FUNCTION statistics_keep();
"""
UNDO = """
DROP TRIGGER statistics_line_keep ON statistics_line;
DROP TRIGGER statistics_closing_keep ON statistics_closing;
DROP FUNCTION statistics_keep();
"""

# One row a recognised household of the range in the month [first, next). Older than 60 is 老年人 (老年人权益保障法 art. 2), younger
# than 18 未成年人. Members registered in another county are counted as persons; their groups are not known here.
ROWS = """
SELECT r.jurisdiction, r.kind, r.id AS recognition, r.case_code, r.head,
  r.valid_from < %(next)s AND (r.ended_on IS NULL OR r.ended_on >= %(next)s) AND (r.valid_to IS NULL OR r.valid_to >= %(last)s) AS standing,
  r.valid_from >= %(first)s AS began,
  coalesce(r.ended_on < %(next)s, false) OR coalesce(r.valid_to < %(last)s, false) AS ended,
  coalesce(p.persons, 0) AS persons, coalesce(p.elderly, 0) AS elderly, coalesce(p.minors, 0) AS minors,
  coalesce(p.disabled, 0) AS disabled, coalesce(p.ill, 0) AS ill, coalesce(d.fen, 0) AS fen
FROM recognitions_recognition r
LEFT JOIN LATERAL (
  SELECT count(*) AS persons, count(*) FILTER (WHERE n.birth_date <= %(last)s::date - interval '60 years') AS elderly,
    count(*) FILTER (WHERE n.birth_date > %(last)s::date - interval '18 years') AS minors,
    count(*) FILTER (WHERE n.disability_grade > 0) AS disabled, count(*) FILTER (WHERE n.illness IS NOT NULL) AS ill
  FROM recognitions_recognitionmember m LEFT JOIN registry_person n ON n.id = m.person
  WHERE m.recognition_id = r.id AND m.during @> %(last)s::date) p ON true
LEFT JOIN LATERAL (
  SELECT sum(l.fen)::bigint AS fen FROM benefits_entitlement e JOIN ledger_paymentline l ON l.entitlement_id = e.id
  WHERE e.case_code = r.case_code AND l.month = %(first)s AND l.state NOT IN ('reissued', 'cancelled')) d ON true
WHERE r.jurisdiction >= %(low)s AND r.jurisdiction < %(high)s AND r.valid_from < %(next)s
  AND (r.ended_on IS NULL OR r.ended_on >= %(first)s) AND (r.valid_to IS NULL OR r.valid_to >= %(first)s)
"""
