"""特困人员救助供养: recognised person by person, with self-care assessment, care arrangement and random checks."""
