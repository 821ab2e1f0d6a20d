"""Triggers of the ledger tables: entries are kept for ever, balance at commit, and are complete in one transaction."""

# ruff: noqa: S608 (only the constants below are put into the statements)
_KEPT = ("ledger_entry", "ledger_posting", "ledger_envelopesignature", "ledger_returnfile", "ledger_dayproof")

TRIGGERS = """
CREATE FUNCTION ledger_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = '42501'; END $$;

CREATE FUNCTION ledger_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.xid := pg_current_xact_id()::text::bigint; RETURN NEW; END $$;
CREATE TRIGGER ledger_entry_stamp BEFORE INSERT ON ledger_entry FOR EACH ROW EXECUTE FUNCTION ledger_stamp();

CREATE FUNCTION ledger_same_transaction() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.id = NEW.entry_id AND e.jurisdiction = NEW.jurisdiction
                 AND e.xid = pg_current_xact_id()::text::bigint) THEN
    RAISE EXCEPTION 'a posting belongs to an entry of its own transaction and county' USING ERRCODE = '23514';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ledger_posting_with_entry BEFORE INSERT ON ledger_posting
  FOR EACH ROW EXECUTE FUNCTION ledger_same_transaction();

CREATE FUNCTION ledger_balances() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE total numeric; many bigint;
BEGIN
  SELECT coalesce(sum(fen), 0), count(*) INTO total, many FROM ledger_posting WHERE entry_id = NEW.id;
  IF total <> 0 OR many < 2 THEN
    RAISE EXCEPTION 'entry % does not balance: % in % postings', NEW.key, total, many USING ERRCODE = '23514';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_entry_balances AFTER INSERT ON ledger_entry DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION ledger_balances();

CREATE FUNCTION ledger_line_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'what a payment line pays is never changed, nor is a line deleted' USING ERRCODE = '42501'; END $$;
-- the condition is in the trigger, not in the function: a million good updates then cost no call
CREATE TRIGGER ledger_paymentline_keep BEFORE UPDATE ON ledger_paymentline FOR EACH ROW
  WHEN (NEW.entitlement_id <> OLD.entitlement_id OR NEW.month <> OLD.month OR NEW.kind <> OLD.kind OR NEW.seq <> OLD.seq
        OR NEW.fen <> OLD.fen OR NEW.run_id <> OLD.run_id OR (OLD.state = 'paid' AND NEW.state <> 'paid'))
  EXECUTE FUNCTION ledger_line_keep();
CREATE TRIGGER ledger_paymentline_keep_rows BEFORE DELETE ON ledger_paymentline
  FOR EACH ROW EXECUTE FUNCTION ledger_line_keep();
CREATE TRIGGER ledger_paymentline_keep_all BEFORE TRUNCATE ON ledger_paymentline
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_keep();
""" + "".join(f"""
CREATE TRIGGER {table}_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_keep();
""" for table in _KEPT)

UNDO = "".join(f"DROP TRIGGER {table}_keep ON {table};\n" for table in _KEPT) + """
DROP TRIGGER ledger_paymentline_keep ON ledger_paymentline;
DROP TRIGGER ledger_paymentline_keep_rows ON ledger_paymentline;
DROP TRIGGER ledger_paymentline_keep_all ON ledger_paymentline;
DROP TRIGGER ledger_entry_balances ON ledger_entry;
DROP TRIGGER ledger_posting_with_entry ON ledger_posting;
DROP TRIGGER ledger_entry_stamp ON ledger_entry;
DROP FUNCTION ledger_line_keep();
DROP FUNCTION ledger_balances();
DROP FUNCTION ledger_same_transaction();
DROP FUNCTION ledger_stamp();
DROP FUNCTION ledger_keep();
"""

# 签批权限 that have been answered are history.
BANDS = """
CREATE FUNCTION ledger_bandset_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.state = 'draft' AND (NEW.jurisdiction, NEW.from_date, NEW.bands, NEW.source, NEW.drafted_by)
     = (OLD.jurisdiction, OLD.from_date, OLD.bands, OLD.source, OLD.drafted_by) THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'a set of signature bands is kept as drafted and answered: % refused', TG_OP USING ERRCODE = '42501';
END $$;
CREATE TRIGGER ledger_bandset_keep BEFORE UPDATE OR DELETE ON ledger_bandset FOR EACH ROW EXECUTE FUNCTION ledger_bandset_keep();
CREATE TRIGGER ledger_bandset_keep_all BEFORE TRUNCATE ON ledger_bandset FOR EACH STATEMENT EXECUTE FUNCTION ledger_keep();
"""
UNDO_BANDS = """
DROP TRIGGER ledger_bandset_keep ON ledger_bandset;
DROP TRIGGER ledger_bandset_keep_all ON ledger_bandset;
DROP FUNCTION ledger_bandset_keep();
"""

# A movement of a 备用金 is kept as written; only its papers and its settlement follow.
IMPREST = """
CREATE FUNCTION ledger_imprest_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'papers' - 'settlement_id' = to_jsonb(OLD) - 'papers' - 'settlement_id' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a movement of an imprest fund is kept: % refused', TG_OP USING ERRCODE = '42501';
END $$;
CREATE TRIGGER ledger_imprestmove_keep BEFORE UPDATE OR DELETE ON ledger_imprestmove
  FOR EACH ROW EXECUTE FUNCTION ledger_imprest_keep();
CREATE TRIGGER ledger_imprestmove_keep_all BEFORE TRUNCATE ON ledger_imprestmove
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_keep();
"""
UNDO_IMPREST = """
DROP TRIGGER ledger_imprestmove_keep ON ledger_imprestmove;
DROP TRIGGER ledger_imprestmove_keep_all ON ledger_imprestmove;
DROP FUNCTION ledger_imprest_keep();
"""
