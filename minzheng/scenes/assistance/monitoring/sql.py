"""Rows follow the person, household or alert that they are about, and cannot be filed under another place."""

_T = "assistance_monitoring_"


def _follow(table: str, column: str, target: str) -> str:
    return (f"ALTER TABLE {_T}{table} ADD CONSTRAINT monitoring_{table}_follows FOREIGN KEY ({column}, jurisdiction)"
            f" REFERENCES {target} (id, jurisdiction) ON UPDATE CASCADE;")


FOLLOW = "".join([
    _follow("means", "person_id", "registry_person"),
    _follow("meanssource", "person_id", "registry_person"),
    _follow("signal", "person_id", "registry_person"),
    _follow("listing", "household_id", "registry_household"),
    _follow("outcome", "household_id", "registry_household"),
    _follow("alert", "household_id", "registry_household"),
    *(_follow(table, "alert_id", _T + "alert") for table in ("reason", "ground", "alertevent")),
])
UNDO = "".join(f"ALTER TABLE {_T}{table} DROP CONSTRAINT monitoring_{table}_follows;" for table in (
    "means", "meanssource", "signal", "listing", "outcome", "alert", "reason", "ground", "alertevent"))

KEEP = f"""
CREATE FUNCTION assistance_monitoring_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'jurisdiction' = to_jsonb(OLD) - 'jurisdiction' THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'what happened is never changed' USING ERRCODE = '42501';
END $$;
CREATE TRIGGER assistance_monitoring_keep BEFORE UPDATE OR DELETE ON {_T}alertevent
  FOR EACH ROW EXECUTE FUNCTION assistance_monitoring_keep();
CREATE TRIGGER assistance_monitoring_keep BEFORE UPDATE OR DELETE ON {_T}meanssource
  FOR EACH ROW EXECUTE FUNCTION assistance_monitoring_keep();
"""
UNDO_KEEP = "DROP FUNCTION assistance_monitoring_keep() CASCADE;"
