"""Rows follow their household or need. What the database itself holds: one claim a need (a unique index), no contact data
before a match, gifts only for a match and by its own representative, feedback only by the household. Two doors serve
representatives of charities, who see no row of a household: the board, and claiming from it."""

_T = "assistance_socialforces_"


def _follow(table: str, column: str, target: str) -> str:
    return (f"ALTER TABLE {_T}{table} ADD CONSTRAINT social_{table}_follows FOREIGN KEY ({column}, jurisdiction)"
            f" REFERENCES {target} (id, jurisdiction) ON UPDATE CASCADE;")


_ROWS = (("need", "household_id", "registry_household"), ("claim", "need_id", _T + "need"),
         ("disclosure", "claim_id", _T + "claim"), ("gift", "claim_id", _T + "claim"), ("feedback", "gift_id", _T + "gift"))
FOLLOW = "".join(_follow(*row) for row in _ROWS)

_ACTING = "nullif(current_setting('mz.person', true), '')::bigint"
_HEAD = "RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$"
KEEP = f"""
CREATE FUNCTION social_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'jurisdiction' = to_jsonb(OLD) - 'jurisdiction' THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'what happened is never changed' USING ERRCODE = '42501';
END $$;
CREATE TRIGGER social_keep BEFORE UPDATE OR DELETE ON {_T}disclosure FOR EACH ROW EXECUTE FUNCTION social_keep();
CREATE TRIGGER social_keep BEFORE UPDATE OR DELETE ON {_T}gift FOR EACH ROW EXECUTE FUNCTION social_keep();
CREATE TRIGGER social_keep BEFORE UPDATE OR DELETE ON {_T}feedback FOR EACH ROW EXECUTE FUNCTION social_keep();

CREATE FUNCTION social_disclose() {_HEAD}
BEGIN
  PERFORM 1 FROM {_T}claim WHERE id = NEW.claim_id AND state = 'matched' FOR UPDATE;
  IF NOT FOUND THEN RAISE EXCEPTION 'no contact data before a match' USING ERRCODE = '42501'; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER social_disclose BEFORE INSERT ON {_T}disclosure FOR EACH ROW EXECUTE FUNCTION social_disclose();

CREATE FUNCTION social_give() {_HEAD}
DECLARE held {_T}claim;
BEGIN
  SELECT * INTO held FROM {_T}claim WHERE id = NEW.claim_id FOR UPDATE;
  IF held.state IS DISTINCT FROM 'matched' OR ({_ACTING} IS NOT NULL AND held.representative IS DISTINCT FROM {_ACTING}) THEN
    RAISE EXCEPTION 'a gift needs a match of its own representative' USING ERRCODE = '42501';
  END IF;
  UPDATE {_T}claim SET state = 'served', version = version + 1 WHERE id = held.id;
  UPDATE {_T}need SET state = 'served', version = version + 1 WHERE id = held.need_id;
  RETURN NEW;
END $$;
CREATE TRIGGER social_give BEFORE INSERT ON {_T}gift FOR EACH ROW EXECUTE FUNCTION social_give();

CREATE FUNCTION social_say() {_HEAD}
DECLARE wanted {_T}need;
BEGIN
  SELECT n.* INTO wanted FROM {_T}gift g JOIN {_T}claim c ON c.id = g.claim_id JOIN {_T}need n ON n.id = c.need_id
  WHERE g.id = NEW.gift_id FOR UPDATE OF n;
  IF {_ACTING} IS NOT NULL AND {_ACTING} NOT IN (wanted.person, wanted.consent_person) THEN
    RAISE EXCEPTION 'only the household says what it thinks' USING ERRCODE = '42501';
  END IF;
  UPDATE {_T}need SET state = 'closed', version = version + 1 WHERE id = wanted.id AND state = 'served';
  RETURN NEW;
END $$;
CREATE TRIGGER social_say BEFORE INSERT ON {_T}feedback FOR EACH ROW EXECUTE FUNCTION social_say();
"""  # noqa: S608 (own table names)

DOORS = f"""
CREATE FUNCTION social_board(day date)
RETURNS TABLE (need bigint, kind text, topic text, title text, description text, township text, until date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT n.id, n.kind::text, n.topic::text, n.title::text, n.description::text, left(n.jurisdiction, 9) || '000', n.until
  FROM {_T}need n WHERE n.state = 'open' AND n.until >= day
    AND EXISTS (SELECT 1 FROM {_T}representative r JOIN registry_organisation o ON o.id = r.organisation
                WHERE r.person = scope_person() AND day BETWEEN r.valid_from AND r.valid_to AND o.status = '存续')
  ORDER BY n.until, n.id LIMIT 100
$$;
CREATE FUNCTION social_claim(wanted bigint, plan_ text, key_ text, day date, now_ timestamptz)
RETURNS TABLE (claim bigint, outcome text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE me {_T}representative; thing {_T}need; number bigint;
BEGIN
  SELECT r.* INTO me FROM {_T}representative r JOIN registry_organisation o ON o.id = r.organisation
  WHERE r.person = scope_person() AND day BETWEEN r.valid_from AND r.valid_to AND o.status = '存续';
  IF NOT FOUND THEN RETURN QUERY SELECT NULL::bigint, 'nobody'; RETURN; END IF;
  SELECT c.id INTO number FROM {_T}claim c WHERE c.key = key_ AND c.representative = me.person;
  IF FOUND THEN RETURN QUERY SELECT number, 'known'; RETURN; END IF;
  SELECT * INTO thing FROM {_T}need n WHERE n.id = wanted FOR UPDATE;
  IF NOT FOUND OR thing.state <> 'open' OR thing.until < day THEN RETURN QUERY SELECT NULL::bigint, 'taken'; RETURN; END IF;
  INSERT INTO {_T}claim (need_id, jurisdiction, organisation, organisation_name, representative, document, title,
    description, how, state, claimed_at, decided_name, end_reason, key, version)
  VALUES (thing.id, thing.jurisdiction, me.organisation, me.organisation_name, me.person, '', thing.title,
    thing.description, plan_, 'claimed', now_, '', '', key_, 1) RETURNING id INTO number;
  UPDATE {_T}need SET state = 'claimed', version = version + 1 WHERE id = thing.id;
  PERFORM events_emit('social.claimed', 'need:' || thing.id, thing.jurisdiction, jsonb_build_object('claim', number), now_);
  RETURN QUERY SELECT number, 'claimed';
END $$;
"""  # noqa: S608 (own table names)
UNDO = """
DROP FUNCTION social_claim(bigint, text, text, date, timestamptz);
DROP FUNCTION social_board(date);
DROP FUNCTION social_say() CASCADE;
DROP FUNCTION social_give() CASCADE;
DROP FUNCTION social_disclose() CASCADE;
DROP FUNCTION social_keep() CASCADE;
""" + "".join(f"ALTER TABLE {_T}{table} DROP CONSTRAINT social_{table}_follows;" for table, _, _ in reversed(_ROWS))
