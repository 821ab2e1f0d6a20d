"""The population as the rules read it, straight from the registry's tables: `read_facts(low, high, on)`.

The household's head stands for the applicant; where the head has died or is missing, the spouse does, or the eldest.
Nothing unknown is guessed: a person without Means has nulls, and the rules then say what is lacking.
"""

from __future__ import annotations

import datetime as dt

import polars as pl
from django.db import connection

from minzheng.data.brain.rules import Relation, RuleCannotEvaluate, zone_of
from minzheng.data.brain.rules.facts import HOUSEHOLD_TERMS, MEMBER_TERMS, Kind, Term
from minzheng.scenes.assistance.intake import CHILD, GRANDCHILD, GRANDPARENT, PARENT, SPOUSE
from minzheng.scenes.assistance.monitoring.fixed import copy_out
from minzheng.scenes.assistance.monitoring.models import ASSETS, FLAGS, MARKS, MEMBER_AMOUNTS

C = pl.col
EPOCH = "date '1970-01-01'"
# As the household register words the relation to the head; the codes are the rules' relation to the applicant.
_WORDS: dict[Relation, tuple[str, ...]] = {
    Relation.SELF: ("户主",), Relation.SPOUSE: tuple(sorted(SPOUSE)), Relation.CHILD: tuple(sorted(CHILD)),
    Relation.PARENT: (*sorted(PARENT), "父亲", "母亲"), Relation.GRANDPARENT: tuple(sorted(GRANDPARENT)),
    Relation.GRANDCHILD: (*sorted(GRANDCHILD), "外孙女", "孙女"), Relation.SIBLING: ("兄弟", "姐妹", "兄弟姐妹"),
}
RELATION_OF = {word: code for code, words in _WORDS.items() for word in words}
_RELATION = "CASE " + " ".join(
    f"WHEN m.relation IN ({', '.join(repr(word) for word in dict.fromkeys(words))}) THEN {int(code)}"
    for code, words in _WORDS.items()) + f" ELSE {int(Relation.OTHER)} END"
# Who the others are to a member that stands in for the head: by the relation of both to the head.
_GENERATION = {Relation.SPOUSE: 0, Relation.CHILD: -1, Relation.PARENT: 1, Relation.GRANDPARENT: 2,
               Relation.GRANDCHILD: -2, Relation.SIBLING: 0}
_STEPS = {-1: Relation.CHILD, -2: Relation.GRANDCHILD, 1: Relation.PARENT, 2: Relation.GRANDPARENT}
STUDYING = ("小学", "初中", "高中", "中职")
_DEPENDENT = ("高中", "中职", "大专", "本科")
INCOMES = ("wage_fen", "business_fen", "property_fen", "transfer_fen", "other_fen")
YEAR = "income_year_fen"  # of the household; told of its applicant
ADULT = 18  # 《未成年人保护法》; only says who may stand in for a head

_HELD_KINDS = {"dibao": 1, "single": 2, "tekun": 3, "edge": 4, "rigid": 5}  # codes of rules.facts.Held
_PLACED = "{0}.jurisdiction >= %(low)s AND {0}.jurisdiction < %(high)s"
_MEMBERS = ("FROM registry_householdmember m JOIN registry_household h ON h.id = m.household_id"
            " WHERE " + _PLACED.format("m") + " AND " + _PLACED.format("h") +
            " AND m.valid_from <= %(on)s AND (m.valid_to IS NULL OR m.valid_to > %(on)s)"
            " AND h.founded_on <= %(on)s AND (h.ended_on IS NULL OR h.ended_on > %(on)s)")
_HOME = "hashtextextended(h.residence, 0)"


def _words(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


_PERSON = [
    ("person_id", "p.id", "int8"), ("birth", f"p.birth_date - {EPOCH}", "int4"),
    ("died", f"p.death_date - {EPOCH}", "int4"), ("disability_kind", "p.disability_class", "int2"),
    ("disability_grade", "p.disability_grade", "int2"), ("ill", "(p.illness IS NOT NULL)::int", "int2"),
    ("home", "CASE WHEN p.residence = '' THEN NULL ELSE hashtextextended(p.residence, 0) END", "int8"),
    ("studying", f"(p.school_stage IN ({_words(STUDYING)}))::int", "int2"),
    ("student", f"(p.school_stage IN ({_words(_DEPENDENT)}))::int", "int2"),
]
_MEANS = [("person_id", "p.person_id", "int8"), *((name, f"p.{name}", "int8") for name in MEMBER_AMOUNTS),
          ("financial_fen", "p.financial_fen", "int8"),
          *((name, f"p.{name}", "int2") for name in (*ASSETS[1:], *MARKS))]


def read_facts(low: str, high: str, on: dt.date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Households whose place lies in [low, high) as they stood on the day, and their living members, in the columns of
    `rules.evaluate_population` (households also `jurisdiction`, persons also `person_id`). Within the scope in force."""
    where = {"low": low, "high": high, "on": on}
    members = copy_out([("household_id", "m.household_id", "int8"), ("person_id", "m.person_id", "int8"),
                        ("relation", _RELATION, "int2"), ("place", "m.jurisdiction", "int8"),
                        ("household_home", _HOME, "int8")], _MEMBERS, where)
    persons = _keyed("registry_person p", "p.id", _PERSON, members, where)
    means = _keyed("assistance_monitoring_means p", "p.person_id", _MEANS, members, where)
    people = members.join(persons, on="person_id", how="left", maintain_order="left").join(
        means, on="person_id", how="left", maintain_order="left")
    day = (on - dt.date(1970, 1, 1)).days
    people = people.filter(C("died").is_null() | (C("died") > day)).sort("household_id", maintain_order=True)
    people = _applicants(people, day).with_columns(
        birth_date=C("birth").cast(pl.Date), **{name: C(name).cast(pl.Boolean) for name in FLAGS},
        serious_illness=C("ill").cast(pl.Boolean), studying=C("studying").cast(pl.Boolean),
        dependent_adult=(C("student") == 1) & (C("birth") <= _years_back(on, ADULT)),
        lives_together=(C("home") == C("household_home")).fill_null(True), absence=C("absence").fill_null(0))
    people = _held(people, where)
    people = _rare(people, where)
    return _households(people, on), _persons(people)


def _years_back(on: dt.date, years: int) -> int:
    """The day on which somebody was born who is so old today, in days since 1970."""
    day = dt.date(on.year - years, on.month, 28 if (on.month, on.day) == (2, 29) else on.day)
    return (day - dt.date(1970, 1, 1)).days


def _keyed(table: str, key: str, columns: list[tuple[str, str, str]], members: pl.DataFrame,
           where: dict[str, object]) -> pl.DataFrame:
    """The rows filed in the same range, and by number those of members who are registered elsewhere."""
    found = copy_out(columns, f"FROM {table} WHERE " + _PLACED.format("p"), where)
    missing = members.join(found.select("person_id"), on="person_id", how="anti")["person_id"]
    if missing.is_empty():
        return found
    elsewhere = copy_out(columns, f"FROM {table} WHERE {key} = ANY (%(ids)s)", {"ids": missing.to_list()})
    return pl.concat([found, elsewhere])


def _applicants(people: pl.DataFrame, day: int) -> pl.DataFrame:
    """Gives each household exactly one applicant: the head, else the spouse, else the eldest."""
    headed = people.filter(C("relation") == int(Relation.SELF)).select("household_id")
    orphaned = people.join(headed, on="household_id", how="anti")
    if orphaned.is_empty():
        return people
    first = orphaned.sort("household_id", C("relation") != int(Relation.SPOUSE), "birth", "person_id",
                          nulls_last=True).group_by("household_id", maintain_order=True).first()
    chosen = first.select("household_id", chosen="person_id", seat="relation")
    table = {int(a) * 10 + int(b): int(_to(a, b)) for a in Relation for b in Relation}
    moved = orphaned.join(chosen, on="household_id").with_columns(
        new=pl.when(C("person_id") == C("chosen")).then(int(Relation.SELF)).otherwise(
            (C("seat").cast(pl.Int64) * 10 + C("relation")).replace_strict(table, return_dtype=pl.Int64)).cast(pl.Int16))
    return people.join(moved.select("person_id", "new"), on="person_id", how="left", maintain_order="left").with_columns(
        relation=pl.coalesce("new", "relation")).drop("new")


def _to(seat: Relation, other: Relation) -> Relation:
    """What `other` is to the one in `seat`, from both relations to a head who is gone."""
    if seat not in _GENERATION or other not in _GENERATION:
        return Relation.OTHER
    steps = _GENERATION[other] - _GENERATION[seat]
    if steps == 0:
        return Relation.SIBLING if seat == Relation.CHILD else Relation.OTHER
    return _STEPS.get(steps, Relation.OTHER)


def _held(people: pl.DataFrame, where: dict[str, object]) -> pl.DataFrame:
    """What each member is recognised as already."""
    code = "CASE r.kind " + " ".join(f"WHEN '{kind}' THEN {n}" for kind, n in _HELD_KINDS.items()) + " END"
    held = copy_out([("person_id", "r.person", "int8"), ("held", code, "int2")],
                    "FROM recognitions_recognitionmember r WHERE " + _PLACED.format("r") + " AND r.during @> %(on)s::date",
                    where)
    return people.join(held.unique("person_id"), on="person_id", how="left", maintain_order="left").with_columns(
        held=C("held").fill_null(0))


def _rare(people: pl.DataFrame, where: dict[str, object]) -> pl.DataFrame:
    """Words of the vocabulary that only few people have (法定义务人数, 自理能力 …), from their newest source."""
    words = [name for name in (*MEMBER_TERMS, YEAR) if name not in people.columns]
    number = "CASE s.attribute " + " ".join(f"WHEN '{word}' THEN {n}" for n, word in enumerate(words)) + " END"
    inner = ("SELECT DISTINCT ON (person_id, attribute) person_id, attribute, value"  # noqa: S608 (words of our vocabulary)
             f" FROM assistance_monitoring_meanssource p WHERE {_PLACED.format('p')} AND as_of <= %(on)s"
             f" AND attribute IN ({', '.join(repr(word) for word in words)})"
             " ORDER BY person_id, attribute, as_of DESC, id DESC")
    rows = copy_out([("person_id", "s.person_id", "int8"), ("word", number, "int2"), ("value", "s.value", "int8")],
                    f"FROM ({inner}) s", where)
    for n, word in enumerate(words):
        mine = rows.filter(C("word") == n).select("person_id", C("value").alias(word))
        if mine.is_empty():
            people = people.with_columns(pl.lit(None, dtype=pl.Int64).alias(word))
        else:
            people = people.join(mine, on="person_id", how="left", maintain_order="left")
    return people


def _as_kind(name: str, term: Term) -> pl.Expr:
    if term.kind is Kind.DATE:
        return C(name)
    return C(name).cast(pl.Boolean if term.kind is Kind.FLAG else pl.Int64)


def _persons(people: pl.DataFrame) -> pl.DataFrame:
    return people.select("household_id", "person_id", *(_as_kind(name, term) for name, term in MEMBER_TERMS.items()))


def _households(people: pl.DataFrame, on: dt.date) -> pl.DataFrame:
    """What the members own together: unknown for the household where it is unknown of an adult. The income of twelve
    months as told, else twelve times the months' where those of all members are known."""
    grown = C("birth") <= _years_back(on, ADULT)
    owned = [pl.when((C(name).is_null() & grown).any()).then(None).otherwise(C(name).sum()).cast(pl.Int64).alias(name)
             for name in ("financial_fen", "vehicles", "houses")]
    spared = [C(name).sum().cast(pl.Int64) for name in ("vehicles_exempt", "houses_exempt")]
    monthly = pl.sum_horizontal(*INCOMES, ignore_nulls=False)
    year = pl.coalesce(C(YEAR).max(), pl.when(monthly.is_null().any()).then(None).otherwise(monthly.sum() * 12))
    homes = people.group_by("household_id", maintain_order=True).agg(
        *owned, *spared, year.cast(pl.Int64).alias(YEAR), C("place").first(), hukou_here=pl.lit(True).first())
    places = homes["place"].unique().to_list()
    zones = {place: _zone(str(place)) for place in places}
    homes = homes.with_columns(zone=C("place").replace_strict(zones, return_dtype=pl.String),
                               jurisdiction=C("place").cast(pl.String)).drop("place")
    blank = [pl.lit(None, dtype=pl.Boolean if term.kind is Kind.FLAG else pl.Int64).alias(name)
             for name, term in HOUSEHOLD_TERMS.items() if name not in homes.columns and not term.claim]
    return homes.with_columns(blank)


def _zone(place: str) -> str:
    try:
        return zone_of(place)
    except RuleCannotEvaluate:
        return "z999999"  # no such zone: the rules refuse these households with a reason


def counties(low: str, high: str) -> list[tuple[str, int]]:
    """Counties in [low, high) with the number of their households, in order: for dividing the work."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT left(jurisdiction, 6) || '000000', count(*) FROM registry_household"
                       " WHERE jurisdiction >= %s AND jurisdiction < %s GROUP BY 1 ORDER BY 1", [low, high])
        return [(str(code), int(count)) for code, count in cursor.fetchall()]
