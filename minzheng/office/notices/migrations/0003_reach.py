"""How people are reached: whether they have an account (the phone application), and what they wish."""

from django.db import migrations

DOOR = """
DROP FUNCTION notice_preference(bigint);
CREATE FUNCTION notice_reach(wanted bigint[])
RETURNS TABLE (person bigint, has_app boolean, sms boolean, quiet_from time, quiet_to time)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT w.person, EXISTS (SELECT 1 FROM identity_account a WHERE a.person_id = w.person AND a.is_active),
         coalesce(p.sms, true), coalesce(p.quiet_from, '21:00'), coalesce(p.quiet_to, '08:00')
  FROM unnest(wanted) AS w (person) LEFT JOIN notices_preference p ON p.person = w.person $$;
"""
BACK = """
DROP FUNCTION notice_reach(bigint[]);
CREATE FUNCTION notice_preference(wanted bigint) RETURNS TABLE (sms boolean, quiet_from time, quiet_to time)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.sms, p.quiet_from, p.quiet_to FROM notices_preference p WHERE p.person = wanted $$;
"""


class Migration(migrations.Migration):
    dependencies = [("notices", "0002_doors"), ("identity", "0001_initial")]
    operations = [migrations.RunSQL(DOOR, BACK)]
