"""What was found in the bills follows its case's place."""

DOORS = """
ALTER TABLE rigid_billcheck ADD CONSTRAINT rigid_billcheck_follows FOREIGN KEY (case_id, jurisdiction)
  REFERENCES cases_case (id, jurisdiction) ON UPDATE CASCADE;
"""
UNDO = "ALTER TABLE rigid_billcheck DROP CONSTRAINT rigid_billcheck_follows;"
