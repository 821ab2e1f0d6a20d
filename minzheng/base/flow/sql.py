"""Doors of the workflow room."""

PLACE = """
CREATE FUNCTION flow_place(wanted text) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public AS
$$ SELECT jurisdiction FROM public.flow_process WHERE subject = wanted $$;
"""

# The case moves to another place: whoever answers for it now gives it away with all that belongs to it. Open tasks lie
# with the same level's office of the new place, unclaimed.
MOVE = """
CREATE FUNCTION flow_move(wanted text, target text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE held public.flow_process;
BEGIN
  IF target !~ '^[1-9][0-9]{11}$' THEN RAISE EXCEPTION 'not a jurisdiction code' USING ERRCODE = '22023'; END IF;
  SELECT * INTO held FROM public.flow_process
   WHERE subject = wanted AND jurisdiction >= public.scope_low() AND jurisdiction < public.scope_high() FOR UPDATE;
  IF NOT FOUND THEN RETURN false; END IF;
  IF EXISTS (SELECT FROM public.flow_task WHERE process_id = held.id AND status IN ('ready', 'claimed', 'suspended')
             AND level >= 4 AND substr(target, 7, 3) = '000')
     OR EXISTS (SELECT FROM public.flow_task WHERE process_id = held.id AND level = 5
             AND status IN ('ready', 'claimed', 'suspended') AND substr(target, 10, 3) = '000')
  THEN RAISE EXCEPTION 'the new place is above the level of an open task' USING ERRCODE = '22023'; END IF;
  UPDATE public.flow_process SET jurisdiction = target, version = version + 1 WHERE id = held.id;
  UPDATE public.flow_task SET jurisdiction = target, version = version + 1,
    office = CASE WHEN status IN ('ready', 'claimed', 'suspended')
      THEN rpad(left(target, CASE level WHEN 1 THEN 2 WHEN 2 THEN 4 WHEN 3 THEN 6 WHEN 4 THEN 9 ELSE 12 END), 12, '0')
      ELSE office END,
    assignee = CASE WHEN status IN ('ready', 'claimed', 'suspended') THEN NULL ELSE assignee END,
    assignee_name = CASE WHEN status IN ('ready', 'claimed', 'suspended') THEN '' ELSE assignee_name END,
    claimed_at = CASE WHEN status IN ('ready', 'claimed', 'suspended') THEN NULL ELSE claimed_at END,
    status = CASE WHEN status = 'claimed' THEN 'ready' ELSE status END
   WHERE process_id = held.id;
  UPDATE public.flow_cosign SET jurisdiction = target FROM public.flow_task t
   WHERE t.id = task_id AND t.process_id = held.id;
  UPDATE public.flow_task_event SET jurisdiction = target WHERE process_id = held.id;
  UPDATE public.flow_timer SET jurisdiction = target WHERE process_id = held.id;
  UPDATE public.flow_clock SET jurisdiction = target WHERE subject = held.subject;
  RETURN true;
END $$;
"""

UNDO = "DROP FUNCTION flow_move(text, text); DROP FUNCTION flow_place(text);"
