"""Append-only triggers, and the door by which the web, which sees no rows, puts down a verified notice."""

APPEND_ONLY = """
CREATE FUNCTION exchange_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = '42501';
END $$;
CREATE TRIGGER exchange_record_keep BEFORE UPDATE OR DELETE ON exchange_exchangerecord
  FOR EACH STATEMENT EXECUTE FUNCTION exchange_append_only();
CREATE TRIGGER exchange_notice_keep BEFORE UPDATE OR DELETE ON exchange_inboundnotice
  FOR EACH STATEMENT EXECUTE FUNCTION exchange_append_only();
"""

# The number of the new notice, or null when the partner has used this nonce before. A new one tells the registry.
DOOR = """
CREATE FUNCTION exchange_take_notice(
  partner text, nonce_ text, event_ text, area text, body_ bytea, digest text, signature_ text, received timestamptz
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE number bigint;
BEGIN
  INSERT INTO exchange_inboundnotice
    (partner_code, nonce, kind, jurisdiction, body, body_digest, signature, received_at)
  SELECT p.code, nonce_, event_, area, body_, digest, signature_, received
  FROM exchange_partner p WHERE p.code = partner AND p.active
  ON CONFLICT (partner_code, nonce) DO NOTHING
  RETURNING id INTO number;
  IF number IS NOT NULL THEN
    PERFORM events_emit(event_, 'notice:' || number, area, jsonb_build_object('notice', number, 'partner', partner),
                        received);
  END IF;
  RETURN number;
END $$;
"""

UNDO = """
DROP FUNCTION exchange_append_only() CASCADE;
DROP FUNCTION exchange_take_notice(text, text, text, text, bytea, text, text, timestamptz);
"""
