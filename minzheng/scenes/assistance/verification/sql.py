"""Rows below a request follow its jurisdiction, and cannot be filed under another."""

_CHILDREN = ("requestmember", "sourceanswer", "report")

FOLLOW = "".join(
    f"ALTER TABLE verification_{child} ADD CONSTRAINT verification_{child}_place FOREIGN KEY (request_id, jurisdiction)"
    " REFERENCES verification_verificationrequest (id, jurisdiction) ON UPDATE CASCADE;"
    for child in _CHILDREN)
FOLLOW = (
    "ALTER TABLE verification_verificationrequest ADD CONSTRAINT verification_request_place UNIQUE (id, jurisdiction);"
    + FOLLOW)

UNDO = "".join(f"ALTER TABLE verification_{child} DROP CONSTRAINT verification_{child}_place;" for child in _CHILDREN)
UNDO += "ALTER TABLE verification_verificationrequest DROP CONSTRAINT verification_request_place;"

KEEP = """
CREATE FUNCTION verification_report_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'jurisdiction' = to_jsonb(OLD) - 'jurisdiction' THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'a report is never changed' USING ERRCODE = '42501';
END $$;
CREATE TRIGGER verification_report_keep BEFORE UPDATE OR DELETE ON verification_report
  FOR EACH ROW EXECUTE FUNCTION verification_report_keep();
"""
UNDO_KEEP = "DROP FUNCTION verification_report_keep() CASCADE;"
