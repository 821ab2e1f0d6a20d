"""Accounts and posts are written through doors that check the acting administrator's post; the three exclude the rest."""

from django.db import migrations, models

DOORS = """
-- The acting post, when it is in force, has the wanted role and reaches the place ('' = any).
CREATE FUNCTION identity_require(wanted text, place text) RETURNS void LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM identity_post p WHERE p.id = nullif(current_setting('mz.post', true), '')::bigint
                 AND p.account_id = scope_account() AND p.role = wanted AND p.approved_by_id IS NOT NULL
                 AND p.ended_at IS NULL) THEN
    RAISE EXCEPTION '% is needed', wanted USING ERRCODE = '42501'; END IF;
  IF place <> '' AND (place < scope_low() OR place >= scope_high()) THEN
    RAISE EXCEPTION 'outside the range' USING ERRCODE = '42501'; END IF;
END $$;

-- The account is nobody's yet, or has a post within the range, and none above or beside it.
CREATE FUNCTION identity_require_account(wanted bigint) RETURNS void LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM identity_account a WHERE a.id = wanted AND a.person_id IS NULL)
     OR EXISTS (SELECT 1 FROM identity_post p WHERE p.account_id = wanted AND p.ended_at IS NULL
                AND (p.office < scope_low() OR p.office >= scope_high())) THEN
    RAISE EXCEPTION 'outside the range' USING ERRCODE = '42501'; END IF;
END $$;

CREATE FUNCTION identity_make_account(login text, full_name text, secret text) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE made bigint;
BEGIN
  PERFORM identity_require('system_admin', '');
  INSERT INTO identity_account (username, name, password, email, is_active, must_change_password, failed_count,
                                session_key, created_at)
  VALUES (login, full_name, secret, '', true, true, 0, '', now()) ON CONFLICT (username) DO NOTHING RETURNING id INTO made;
  RETURN made;
END $$;

CREATE FUNCTION identity_propose_post(who bigint, what text, place text, scope text[], since date, until date,
                                      standin bigint, why text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE made bigint;
BEGIN
  PERFORM identity_require('system_admin', place);
  INSERT INTO identity_post (account_id, role, office, scenes, valid_from, valid_to, covers_id, proposed_by_id, reason)
  VALUES (who, what, place, scope, since, until, standin, scope_account(), why) RETURNING id INTO made;
  RETURN made;
END $$;

CREATE FUNCTION identity_approve_post(wanted bigint, moment timestamptz) RETURNS boolean LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM identity_require('security_admin', (SELECT p.office FROM identity_post p WHERE p.id = wanted));
  UPDATE identity_post SET approved_by_id = scope_account(), approved_at = moment
  WHERE id = wanted AND approved_by_id IS NULL AND ended_at IS NULL AND account_id <> scope_account()
    AND proposed_by_id IS DISTINCT FROM scope_account();
  RETURN FOUND;
END $$;

CREATE FUNCTION identity_end_post(wanted bigint, moment timestamptz) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE place text := (SELECT p.office FROM identity_post p WHERE p.id = wanted);
BEGIN
  IF EXISTS (SELECT 1 FROM identity_post p WHERE p.id = nullif(current_setting('mz.post', true), '')::bigint
             AND p.role = 'security_admin') THEN
    PERFORM identity_require('security_admin', place);
  ELSE PERFORM identity_require('system_admin', place); END IF;
  UPDATE identity_post SET ended_at = moment WHERE (id = wanted OR covers_id = wanted) AND ended_at IS NULL;
  RETURN FOUND;
END $$;

CREATE FUNCTION identity_unlock(who bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM identity_require('system_admin', ''); PERFORM identity_require_account(who);
  UPDATE identity_account SET failed_count = 0, locked_until = NULL WHERE id = who;
END $$;

CREATE FUNCTION identity_reset_password(who bigint, secret text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM identity_require('security_admin', ''); PERFORM identity_require_account(who);
  UPDATE identity_account SET password = secret, must_change_password = true, failed_count = 0, locked_until = NULL
  WHERE id = who;
  DELETE FROM django_session WHERE session_key = (SELECT session_key FROM identity_account WHERE id = who);
END $$;

CREATE FUNCTION identity_enable(who bigint, enabled boolean) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM identity_require('system_admin', ''); PERFORM identity_require_account(who);
  UPDATE identity_account SET is_active = enabled WHERE id = who;
  DELETE FROM django_session WHERE NOT enabled
    AND session_key = (SELECT session_key FROM identity_account WHERE id = who);
END $$;

CREATE FUNCTION identity_reset_second_factor(who bigint) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM identity_require('system_admin', ''); PERFORM identity_require_account(who);
  DELETE FROM mfa_authenticator WHERE user_id = who;
  RETURN FOUND;
END $$;
"""

EXCLUSIVE = """
-- 三员分立: an account with a post of one of the three administrators has no other post at the same time.
CREATE FUNCTION identity_exclusive() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE three text[] := ARRAY['system_admin', 'security_admin', 'audit_admin'];
BEGIN
  IF NEW.ended_at IS NOT NULL THEN RETURN NEW; END IF;
  PERFORM pg_advisory_xact_lock(7602, NEW.account_id::integer);
  IF EXISTS (SELECT 1 FROM identity_post p WHERE p.account_id = NEW.account_id AND p.id <> NEW.id AND p.ended_at IS NULL
             AND p.role <> NEW.role AND (p.role = ANY (three) OR NEW.role = ANY (three))
             AND p.valid_from <= coalesce(NEW.valid_to, 'infinity') AND NEW.valid_from <= coalesce(p.valid_to, 'infinity'))
  THEN RAISE EXCEPTION 'administrators hold no other post' USING ERRCODE = '23514', CONSTRAINT = 'post_three_apart'; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER identity_three_apart AFTER INSERT OR UPDATE ON identity_post
  FOR EACH ROW EXECUTE FUNCTION identity_exclusive();
"""

UNDO = """
DROP TRIGGER identity_three_apart ON identity_post;
DROP FUNCTION identity_exclusive();
DROP FUNCTION identity_reset_second_factor(bigint);
DROP FUNCTION identity_enable(bigint, boolean);
DROP FUNCTION identity_reset_password(bigint, text);
DROP FUNCTION identity_unlock(bigint);
DROP FUNCTION identity_end_post(bigint, timestamptz);
DROP FUNCTION identity_approve_post(bigint, timestamptz);
DROP FUNCTION identity_propose_post(bigint, text, text, text[], date, date, bigint, text);
DROP FUNCTION identity_make_account(text, text, text);
DROP FUNCTION identity_require_account(bigint);
DROP FUNCTION identity_require(text, text);
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0001_initial"), ("sessions", "0001_initial")]
    operations = [
        migrations.AddField(
            model_name="post", name="reason", field=models.CharField("原因", max_length=200, blank=True, default="")),
        migrations.RunSQL(DOORS + EXCLUSIVE, UNDO),
    ]
