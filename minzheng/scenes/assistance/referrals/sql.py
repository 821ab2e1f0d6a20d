"""Referrals and offers follow their household's place, events their referral; events are never changed."""

_T = "assistance_referrals_"
FOLLOW = f"""
ALTER TABLE {_T}referral ADD CONSTRAINT referral_follows FOREIGN KEY (household_id, jurisdiction)
  REFERENCES registry_household (id, jurisdiction) ON UPDATE CASCADE;
ALTER TABLE {_T}referralevent ADD CONSTRAINT referral_event_follows FOREIGN KEY (referral_id, jurisdiction)
  REFERENCES {_T}referral (id, jurisdiction) ON UPDATE CASCADE;
ALTER TABLE {_T}joboffer ADD CONSTRAINT job_offer_follows FOREIGN KEY (household_id, jurisdiction)
  REFERENCES registry_household (id, jurisdiction) ON UPDATE CASCADE;
CREATE FUNCTION referrals_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'jurisdiction' = to_jsonb(OLD) - 'jurisdiction' THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'what happened is never changed' USING ERRCODE = '42501';
END $$;
CREATE TRIGGER referrals_keep BEFORE UPDATE OR DELETE ON {_T}referralevent
  FOR EACH ROW EXECUTE FUNCTION referrals_keep();
CREATE FUNCTION referrals_message_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.message_mac <> OLD.message_mac OR NEW.person <> OLD.person THEN
    RAISE EXCEPTION 'what a referral says is never changed' USING ERRCODE = '42501';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER referrals_message_keep BEFORE UPDATE ON {_T}referral
  FOR EACH ROW EXECUTE FUNCTION referrals_message_keep();
"""
UNDO = f"""
DROP FUNCTION referrals_message_keep() CASCADE;
DROP FUNCTION referrals_keep() CASCADE;
ALTER TABLE {_T}joboffer DROP CONSTRAINT job_offer_follows;
ALTER TABLE {_T}referralevent DROP CONSTRAINT referral_event_follows;
ALTER TABLE {_T}referral DROP CONSTRAINT referral_follows;
"""
