"""Statements of the bulk load. `stage_…` are temporary tables of the loading session."""

STAGING = """
CREATE TEMP TABLE stage_person (
  person_no bigint, hukou_village text, name text, name_pinyin text, sex smallint, ethnicity text, birth_date date,
  death_date date, residence_village text, address text, bank_name text, marital text, disability_class smallint,
  disability_grade smallint, occupation text, school_stage text, id_number bytea, id_index bytea, phone bytea,
  phone_digest bytea, phone_shown text, bank_account bytea, account_digest bytea, account_shown text, illness bytea
) ON COMMIT DROP;
CREATE TEMP TABLE stage_household (
  household_no bigint, hukou_village text, residence_village text, address text, registration text, founded_on date
) ON COMMIT DROP;
CREATE TEMP TABLE stage_member (household_no bigint, person_no bigint, relation text, valid_from date, valid_to date)
  ON COMMIT DROP;
CREATE TEMP TABLE stage_conflict (person_no bigint, department text, resource text, value text) ON COMMIT DROP;
CREATE TEMP TABLE stage_organisation (
  credit_code text, name text, kind text, village text, founded_on date, status text, registered_capital_fen bigint
) ON COMMIT DROP;
CREATE TEMP TABLE stage_id (person_no bigint PRIMARY KEY, id bigint, jurisdiction text) ON COMMIT DROP;
"""
DROP = "DROP TABLE stage_person, stage_household, stage_member, stage_conflict, stage_organisation, stage_id"

_PEOPLE = """
INSERT INTO registry_person (
  jurisdiction, id_number, id_index, name, name_pinyin, sex, ethnicity, birth_date, death_date, residence,
  address, phone,
  bank_name, bank_account, marital, disability_class, disability_grade, illness, occupation, school_stage,
  version, updated_at)
SELECT hukou_village, id_number, id_index, name, name_pinyin, sex, ethnicity, birth_date, death_date, residence_village,
  address, phone, bank_name, bank_account, marital, disability_class, disability_grade, illness, occupation,
  school_stage, 1,
  %(now)s
FROM stage_person ORDER BY person_no
"""
_IDS = """
INSERT INTO stage_id SELECT s.person_no, p.id, p.jurisdiction FROM stage_person s
JOIN registry_person p ON p.id_index = s.id_index
"""
_HOUSEHOLDS = """
INSERT INTO registry_household (jurisdiction, number, residence, address, registration, founded_on, ended_on, version)
SELECT h.hukou_village, lpad(h.household_no::text, 9, '0'), h.residence_village, h.address, h.registration,
  h.founded_on, CASE WHEN m.gone THEN m.last END, 1
FROM stage_household h JOIN (
  SELECT household_no, max(valid_to) AS last, bool_and(valid_to IS NOT NULL) AS gone FROM stage_member
  GROUP BY household_no
) m USING (household_no) ORDER BY h.household_no
"""
_MEMBERS = """
INSERT INTO registry_householdmember (household_id, person_id, jurisdiction, relation, valid_from, valid_to, reason)
SELECT h.id, i.id, h.jurisdiction, m.relation, m.valid_from, m.valid_to, CASE WHEN m.valid_to IS NULL THEN ''
ELSE '死亡' END
FROM stage_member m JOIN stage_id i USING (person_no)
JOIN registry_household h ON h.number = lpad(m.household_no::text, 9, '0') ORDER BY m.household_no, m.person_no
"""
_GRAMS = """
INSERT INTO registry_namegram (gram, jurisdiction, person_id)
SELECT gram, jurisdiction, id FROM (
  SELECT substr(n.bare, g, 2) AS gram, i.jurisdiction, i.id
  FROM stage_person s JOIN stage_id i USING (person_no),
       LATERAL (SELECT lower(regexp_replace(s.name, '[[:space:]·.]', '', 'g')) AS bare) n,
       LATERAL generate_series(1, greatest(length(n.bare) - 1, 1)) g
  UNION SELECT replace(s.name_pinyin, ' ', ''), i.jurisdiction, i.id
  FROM stage_person s JOIN stage_id i USING (person_no)
  UNION SELECT regexp_replace(s.name_pinyin, '([a-z])[a-z]* ?', '\\1', 'g'), i.jurisdiction, i.id
  FROM stage_person s JOIN stage_id i USING (person_no)) k
WHERE gram <> '' ORDER BY gram, jurisdiction, id
"""
_SOURCES = """
INSERT INTO registry_attributesource (person_id, jurisdiction, attribute, department, resource, as_of, value, digest,
  state, recorded_at)
SELECT i.id, i.jurisdiction, v.attribute, v.department, v.resource, %(as_of)s, v.value, v.digest, 'current', %(now)s
FROM stage_person s JOIN stage_id i USING (person_no), LATERAL (VALUES
  ('name', '公安', '户籍信息', s.name, NULL::bytea),
  ('sex', '公安', '户籍信息', s.sex::text, NULL),
  ('birth_date', '公安', '户籍信息', s.birth_date::text, NULL),
  ('ethnicity', '公安', '户籍信息', s.ethnicity, NULL),
  ('jurisdiction', '公安', '户籍信息', s.hukou_village, NULL),
  ('residence', '公安', '居住登记', s.residence_village, NULL),
  ('address', '公安', '居住登记', s.address, NULL),
  ('death_date', '公安', '户籍注销', s.death_date::text, NULL),
  ('marital', '民政婚姻', '婚姻登记', s.marital, NULL),
  ('phone', '本人申报', '联系方式', CASE WHEN s.phone IS NOT NULL THEN s.phone_shown END, s.phone_digest),
  ('bank_name', '本人申报', '一卡通账户', nullif(s.bank_name, ''), NULL),
  ('bank_account', '本人申报', '一卡通账户', CASE WHEN s.bank_account IS NOT NULL THEN s.account_shown END,
   s.account_digest),
  ('disability_class', '残联', '残疾人证', nullif(s.disability_class, 0)::text, NULL),
  ('disability_grade', '残联', '残疾人证', nullif(s.disability_grade, 0)::text, NULL),
  ('occupation', '人社', '就业登记', nullif(s.occupation, ''), NULL),
  ('school_stage', '教育', '学籍', nullif(s.school_stage, ''), NULL)
) v (attribute, department, resource, value, digest)
WHERE v.value IS NOT NULL
"""
_CONFLICTS = """
INSERT INTO registry_attributesource (person_id, jurisdiction, attribute, department, resource, as_of, value, state,
  recorded_at)
SELECT i.id, i.jurisdiction, 'name', c.department, c.resource, %(as_of)s, c.value, 'conflict', %(now)s
FROM stage_conflict c JOIN stage_id i USING (person_no)
"""
_ORGANISATIONS = """
INSERT INTO registry_organisation (jurisdiction, credit_code, name, kind, founded_on, status, registered_capital_fen)
SELECT village, credit_code, name, kind, founded_on, status, registered_capital_fen FROM stage_organisation
ORDER BY credit_code
"""
ANALYZE = "ANALYZE stage_person; ANALYZE stage_id; ANALYZE stage_member; ANALYZE stage_household"
INSERTS = (_PEOPLE, _IDS, ANALYZE, _HOUSEHOLDS, _MEMBERS, _GRAMS, _SOURCES, _CONFLICTS, _ORGANISATIONS)

CHECKS = """
SELECT '人数', (SELECT count(*) FROM stage_person) <> (SELECT count(*) FROM stage_id)
UNION ALL SELECT '成员', (SELECT count(*) FROM stage_member) <>
  (SELECT count(*) FROM registry_householdmember m JOIN stage_id i ON i.id = m.person_id)
UNION ALL SELECT '户籍地', EXISTS (SELECT 1 FROM stage_person s
  WHERE NOT EXISTS (SELECT 1 FROM divisions_jurisdiction j WHERE j.code = s.hukou_village AND j.level = 5))
"""
