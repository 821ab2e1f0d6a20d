"""Triggers of the benefit tables: dated rows are kept as written, children follow their entitlement, shares are whole."""

# ruff: noqa: S608 (only the constants below are put into the statements)
_KEPT = ("benefits_entitlementamount", "benefits_entitlementchange", "benefits_budgetmove", "benefits_fundingshare")
_CHILDREN = ("amount", "pause", "member", "change")

TRIGGERS = """
CREATE FUNCTION benefits_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- the only change allowed is the place, when an entitlement moves and its rows follow by foreign key
  IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'jurisdiction' = to_jsonb(OLD) - 'jurisdiction' THEN RETURN NEW; END IF;
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = '42501';
END $$;
CREATE FUNCTION benefits_keep_all() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only: TRUNCATE refused', TG_TABLE_NAME USING ERRCODE = '42501'; END $$;
CREATE FUNCTION benefits_shares_are_whole() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  IF (SELECT sum(basis_points) FROM benefits_fundingshare WHERE scheme = NEW.scheme
      AND jurisdiction = NEW.jurisdiction AND from_month = NEW.from_month) <> 10000 THEN
    RAISE EXCEPTION 'funding shares do not add up to 10000' USING ERRCODE = '23514';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER benefits_shares AFTER INSERT ON benefits_fundingshare DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION benefits_shares_are_whole();
""" + "".join(f"""
CREATE TRIGGER {table}_keep BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION benefits_keep();
CREATE TRIGGER {table}_keep_all BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION benefits_keep_all();
""" for table in _KEPT) + "".join(f"""
ALTER TABLE benefits_{child} ADD CONSTRAINT {child}_follows FOREIGN KEY (entitlement_id, jurisdiction)
  REFERENCES benefits_entitlement (id, jurisdiction) ON UPDATE CASCADE;
""" for child in (*(f"entitlement{name}" for name in _CHILDREN), "review"))

UNDO = "".join(f"""
ALTER TABLE benefits_{child} DROP CONSTRAINT {child}_follows;
""" for child in (*(f"entitlement{name}" for name in _CHILDREN), "review")) + "".join(f"""
DROP TRIGGER {table}_keep ON {table};
DROP TRIGGER {table}_keep_all ON {table};
""" for table in _KEPT) + """
DROP TRIGGER benefits_shares ON benefits_fundingshare;
DROP FUNCTION benefits_shares_are_whole();
DROP FUNCTION benefits_keep();
DROP FUNCTION benefits_keep_all();
"""
