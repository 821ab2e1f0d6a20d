"""Doors of leave: agreeing makes the cover post, ending ends it. Nobody writes posts but through them."""

DOORS = """
-- The acting post is of a role that approves this leave, reaches its office, and belongs to neither of the two.
CREATE FUNCTION identity_cover_leave(wanted bigint, moment timestamptz) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE l identity_leave; absent identity_post; made bigint;
BEGIN
  SELECT * INTO l FROM identity_leave WHERE id = wanted AND state = 'asked' AND jurisdiction >= scope_low()
    AND jurisdiction < scope_high() FOR UPDATE;
  IF NOT FOUND THEN RETURN NULL; END IF;
  IF NOT EXISTS (SELECT 1 FROM identity_post p WHERE p.id = nullif(current_setting('mz.post', true), '')::bigint
                 AND p.account_id = scope_account() AND p.role = ANY(l.heads) AND p.approved_by_id IS NOT NULL
                 AND p.ended_at IS NULL AND p.covers_id IS NULL)
     OR scope_account() IN (l.account_id, l.stand_in_id) THEN
    RAISE EXCEPTION 'the head of the office is needed' USING ERRCODE = '42501'; END IF;
  SELECT * INTO absent FROM identity_post WHERE id = l.post_id AND ended_at IS NULL AND covers_id IS NULL;
  IF NOT FOUND THEN RETURN NULL; END IF;
  INSERT INTO identity_post (account_id, role, office, scenes, valid_from, valid_to, covers_id, proposed_by_id,
                             approved_by_id, approved_at, reason)
  VALUES (l.stand_in_id, absent.role, absent.office, absent.scenes, l.valid_from, l.valid_to, absent.id, l.account_id,
          scope_account(), moment, l.reason) RETURNING id INTO made;
  RETURN made;
END $$;

CREATE FUNCTION identity_uncover_leave(wanted bigint, moment timestamptz) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE identity_post SET ended_at = moment WHERE ended_at IS NULL AND id = (
    SELECT l.cover_id FROM identity_leave l WHERE l.id = wanted AND l.state = 'approved' AND l.jurisdiction >= scope_low()
      AND l.jurisdiction < scope_high());
  RETURN FOUND;
END $$;
"""

UNDO = "DROP FUNCTION identity_uncover_leave(bigint, timestamptz); DROP FUNCTION identity_cover_leave(bigint, timestamptz);"
