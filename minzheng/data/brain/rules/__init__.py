"""Rules as data and formulas. Scenes register schemes and parameter files; others ask `evaluate` and `value`."""

from minzheng.data.brain.rules.catalogue import load as load_parameters
from minzheng.data.brain.rules.explain import Assessment, Condition, Explanation, Part, Reading, evaluate, numbers
from minzheng.data.brain.rules.facts import (
    Absence,
    CarePlace,
    ChildBenefit,
    DisabilityKind,
    Emergency,
    Fact,
    Held,
    HouseholdFacts,
    MemberFacts,
    Relation,
)
from minzheng.data.brain.rules.parameters import Applied, lookup, value
from minzheng.data.brain.rules.population import evaluate_population
from minzheng.data.brain.rules.record import assessment_from_json, assessment_to_json, facts_from_json, facts_to_json
from minzheng.data.brain.rules.refusal import RuleCannotEvaluate
from minzheng.data.brain.rules.scheme import Scheme, next_month, register
from minzheng.data.brain.rules.zones import zone_of

__all__ = [
    "Absence",
    "Applied",
    "Assessment",
    "CarePlace",
    "ChildBenefit",
    "Condition",
    "DisabilityKind",
    "Emergency",
    "Explanation",
    "Fact",
    "Held",
    "HouseholdFacts",
    "MemberFacts",
    "Part",
    "Reading",
    "Relation",
    "RuleCannotEvaluate",
    "Scheme",
    "assessment_from_json",
    "assessment_to_json",
    "evaluate",
    "evaluate_population",
    "facts_from_json",
    "facts_to_json",
    "load_parameters",
    "lookup",
    "next_month",
    "numbers",
    "register",
    "value",
    "zone_of",
]
