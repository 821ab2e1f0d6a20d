"""Rows follow the household, the plan or the item that they belong to. A delivery is never changed but to be settled."""

_T = "assistance_services_"


def _follow(table: str, column: str, target: str) -> str:
    return (f"ALTER TABLE {_T}{table} ADD CONSTRAINT services_{table}_follows FOREIGN KEY ({column}, jurisdiction)"
            f" REFERENCES {target} (id, jurisdiction) ON UPDATE CASCADE;")


_ROWS = (("needsassessment", "household_id", "registry_household"), ("serviceplan", "household_id", "registry_household"),
         ("planitem", "plan_id", _T + "serviceplan"), ("voucher", "item_id", _T + "planitem"),
         ("delivery", "item_id", _T + "planitem"), ("evaluation", "delivery_id", _T + "delivery"))
FOLLOW = "".join(_follow(*row) for row in _ROWS) + f"""
CREATE FUNCTION services_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - '{{jurisdiction,settled_at}}'::text[] = to_jsonb(OLD) - '{{jurisdiction,settled_at}}'::text[]
     AND (OLD.settled_at IS NULL OR NEW.settled_at = OLD.settled_at) THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'a delivery is never changed' USING ERRCODE = '42501';
END $$;
CREATE TRIGGER services_keep BEFORE UPDATE OR DELETE ON {_T}delivery FOR EACH ROW EXECUTE FUNCTION services_keep();
"""
UNDO = "DROP FUNCTION services_keep() CASCADE;" + "".join(
    f"ALTER TABLE {_T}{table} DROP CONSTRAINT services_{table}_follows;" for table, _, _ in reversed(_ROWS))
