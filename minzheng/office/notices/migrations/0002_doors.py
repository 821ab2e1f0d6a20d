"""How a person wants to be told, for whoever writes the notice; and the wording of a sent notice is frozen."""

from django.db import migrations

DOORS = """
CREATE FUNCTION notice_preference(wanted bigint) RETURNS TABLE (sms boolean, quiet_from time, quiet_to time)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.sms, p.quiet_from, p.quiet_to FROM notices_preference p WHERE p.person = wanted $$;

CREATE FUNCTION notices_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.key, NEW.channel, NEW.person, NEW.account, NEW.template, NEW.title, NEW.body, NEW.created_at)
     IS DISTINCT FROM
     (OLD.key, OLD.channel, OLD.person, OLD.account, OLD.template, OLD.title, OLD.body, OLD.created_at)
  THEN RAISE EXCEPTION 'a notice is not rewritten' USING ERRCODE = '42501'; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER notices_keep BEFORE UPDATE ON notices_notice FOR EACH ROW EXECUTE FUNCTION notices_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_initial")]
    operations = [
        migrations.RunSQL(DOORS, "DROP TRIGGER notices_keep ON notices_notice; DROP FUNCTION notices_frozen();"
                                 "DROP FUNCTION notice_preference(bigint);"),
    ]
