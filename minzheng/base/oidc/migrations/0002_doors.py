"""Outside systems are written through doors that check the acting administrator's post; approval tells the library."""

from django.db import migrations

DOORS = """
CREATE FUNCTION oidc_propose(client text, title text, place text, addresses text[], hashed text, why text,
                             moment timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE made bigint;
BEGIN
  PERFORM identity_require('system_admin', place);
  INSERT INTO oidc_application (client_id, name, office, redirect_uris, secret, purpose, proposed_by_id, proposed_at,
                                ended_reason)
  VALUES (client, title, place, addresses, hashed, why, scope_account(), moment, '') RETURNING id INTO made;
  RETURN made;
END $$;

CREATE FUNCTION oidc_approve(wanted bigint, moment timestamptz) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM identity_require('security_admin', (SELECT a.office FROM oidc_application a WHERE a.id = wanted));
  UPDATE oidc_application SET approved_by_id = scope_account(), approved_at = moment
  WHERE id = wanted AND approved_at IS NULL AND ended_at IS NULL AND proposed_by_id <> scope_account();
  IF NOT FOUND THEN RETURN false; END IF;
  INSERT INTO allauth_idp_oidc_client (id, name, secret, scopes, default_scopes, type, grant_types, redirect_uris,
    cors_origins, allow_uri_wildcards, response_types, skip_consent, created_at)
  SELECT client_id, name, secret, E'openid\\nprofile', 'openid', 'confidential', 'authorization_code',
    array_to_string(redirect_uris, E'\\n'), '', false, 'code', false, moment
  FROM oidc_application WHERE id = wanted;
  RETURN true;
END $$;

CREATE FUNCTION oidc_end(wanted bigint, moment timestamptz, why text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE place text := (SELECT a.office FROM oidc_application a WHERE a.id = wanted); client text;
BEGIN
  IF EXISTS (SELECT 1 FROM identity_post p WHERE p.id = nullif(current_setting('mz.post', true), '')::bigint
             AND p.role = 'security_admin') THEN
    PERFORM identity_require('security_admin', place);
  ELSE PERFORM identity_require('system_admin', place); END IF;
  UPDATE oidc_application SET ended_at = moment, ended_reason = why WHERE id = wanted AND ended_at IS NULL
  RETURNING client_id INTO client;
  IF client IS NULL THEN RETURN false; END IF;
  DELETE FROM allauth_idp_oidc_token WHERE client_id = client;
  DELETE FROM allauth_idp_oidc_client WHERE id = client;
  UPDATE oidc_signin SET ended_at = moment, ended_reason = '系统停用' WHERE application_id = wanted AND ended_at IS NULL;
  RETURN true;
END $$;
"""

UNDO = """
DROP FUNCTION oidc_end(bigint, timestamptz, text);
DROP FUNCTION oidc_approve(bigint, timestamptz);
DROP FUNCTION oidc_propose(text, text, text, text[], text, text, timestamptz);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("oidc", "0001_initial"),
        ("identity", "0002_administration"),
        ("allauth_idp_oidc", "0003_client_allow_uri_wildcards"),
    ]

    operations = [migrations.RunSQL(DOORS, UNDO)]
