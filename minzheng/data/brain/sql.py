"""The trigger that tells every process of a change. The number comes from a sequence, so a rolled back change's number
is never used again and no process keeps a book that has never been in force."""

TURN = """
CREATE SEQUENCE brain_turn;
CREATE FUNCTION brain_next_turn() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO brain_parameterturn (id, turn) VALUES (1, nextval('brain_turn'))
  ON CONFLICT (id) DO UPDATE SET turn = excluded.turn;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION brain_next_turn() FROM PUBLIC;
CREATE TRIGGER brain_turn AFTER INSERT OR UPDATE OR DELETE ON brain_parameterversion
FOR EACH STATEMENT EXECUTE FUNCTION brain_next_turn();
"""

UNDO = """
DROP TRIGGER brain_turn ON brain_parameterversion;
DROP FUNCTION brain_next_turn();
DROP SEQUENCE brain_turn;
"""
