"""What 低保边缘 says for those who apply for it: the conditions are those of 低保."""

from __future__ import annotations

from minzheng.data.brain.rules.explain import Explanation, Reading
from minzheng.data.brain.rules.text import yuan
from minzheng.scenes.assistance.policy import dibao_words, words
from minzheng.scenes.assistance.policy.dibao import FULL


def explain(reading: Reading) -> Explanation:
    kind = reading.number("dibao_kind")
    people = [m for m, yes in zip(reading.facts.members, reading.members("edge_member"), strict=True) if yes]
    fits = reading.number("edge_kind") == 1
    conditions = tuple(dibao_words.conditions(reading, kind, apply_for_edge=True))
    per_capita = yuan(reading.number("dibao_per_capita"))
    if fits:
        sentence = (f"建议将{words.names(people)}认定为低保边缘家庭成员,不发放保障金:人均月收入 {per_capita},"
                    f"低于低保边缘上限 {dibao_words.edge_limit(reading)}")
    elif kind == FULL:
        sentence = f"人均月收入 {per_capita},低于低保标准,应按低保办理"
    else:
        sentence = f"不符合低保边缘条件:人均月收入 {per_capita},低保边缘上限 {dibao_words.edge_limit(reading)}"
    return Explanation("edge" if fits else "none", "低保边缘" if fits else "不符合", fits, sentence, (), conditions,
                       len(people), tuple(m.key for m in people) if fits else ())
