"""What the synthetic population is calibrated to, with the source of each figure.

Marks: [bulletin] 江苏省统计公报 or 第七次人口普查公报; [report] a provincial department's published report;
[estimate] our own derivation from published figures; [sample] no citable source was found, the value is
only plausible and must never be shown as a fact.
"""

from __future__ import annotations

from datetime import date
from typing import Final

AS_OF: Final = date(2026, 10, 31)
"""The day the synthetic world is photographed: the end of the last whole month before the demonstration's clock."""

AGE_0_14: Final = 1110 / 8526  # [bulletin] 2024, 万人
AGE_15_64: Final = 5822 / 8526  # [bulletin] 2024
AGE_65_PLUS: Final = 1594 / 8526  # [bulletin] 2024
AGE_60_PLUS: Final = 2089 / 8526  # [report] 老龄事业发展报告, end of 2023: 24.5 %
AGE_80_PLUS: Final = 295 / 8526  # [estimate] receivers of 尊老金 290–300 万, 2023
CENTENARIANS: Final = 8683 / 85_260_000  # [report] 2023
MALE: Final = 4321 / 8526  # [bulletin] 2024
BIRTH_RATE: Final = 0.0050  # [bulletin] 2024
DEATH_RATE: Final = 0.0075  # [bulletin] 2024
URBAN: Final = 0.755  # [bulletin] 2024
HOUSEHOLD_SIZE: Final = (
    2.60  # [bulletin] 2020 census, family households; collective households (8.4 %) are not generated
)
BENEFIT_RATE: Final = 60 / 8526  # [estimate] 低保 persons about 60 万, 2023
DISABLED_RATE: Final = 165 / 8526  # [estimate] 持证残疾人 about 165 万, 2022
MINORITY_RATE: Final = 0.007  # [estimate] 2020 census, about 0.7 %

CITY_PEOPLE: Final = {  # [bulletin] 2020 census; the thirteen add up to 84 748 016, the provincial total
    "3201": 9_314_685, "3202": 7_462_135, "3203": 9_083_790, "3204": 5_278_121, "3205": 12_748_262, "3206": 7_726_635,
    "3207": 4_599_360, "3208": 4_556_230, "3209": 6_709_629, "3210": 4_559_797, "3211": 3_210_418, "3212": 4_512_762,
    "3213": 4_986_192,
}  # fmt: skip

ELDER_BANDS: Final = ((60, 70, 0.497), (70, 80, 0.325), (80, 90, 0.153), (90, 100, 0.0246), (100, 106, 0.0004))
"""Shares of the people aged 60 and over: 60–69 is 50.4 % in the 2023 report; 2017 hukou bands moved on six
years [estimate]."""

CHILD_YEAR_WEIGHTS: Final = (50, 50, 50, 51, 53, 57, 66, 76, 93, 99, 108, 104, 103, 105, 107, 106, 104, 103)
"""Living children by single year of age, oldest seventeen: 0–6 after the birth rates 2018–2024 [bulletin], the
rest [estimate]."""

CLASS_NAMES: Final = ("", "视力", "听力", "言语", "肢体", "智力", "精神", "多重")
CLASS_SHARES: Final = (0.12, 0.11, 0.015, 0.52, 0.09, 0.10, 0.045)  # [sample]
GRADE_SHARES: Final = (0.14, 0.27, 0.29, 0.30)  # [sample]

SERIOUS_ILLNESSES: Final = (  # the seventeen of one Jiangsu city's assistance rules, 2022 (secondary source)
    "白血病", "终末期肾病", "恶性肿瘤", "器官移植后抗排异", "再生障碍性贫血", "系统性红斑狼疮", "血友病",
    "肝硬化失代偿期", "重症类风湿关节炎", "强直性脊柱炎",
    "糖尿病合并严重并发症", "艾滋病机会感染", "慢阻肺", "尘肺", "地中海贫血", "克罗恩病", "渐冻人病",
)  # fmt: skip
ILLNESS_SHARES: Final = (  # [sample]
    0.02, 0.07, 0.48, 0.02, 0.01, 0.03, 0.005, 0.06, 0.04, 0.03, 0.13, 0.005, 0.06, 0.02, 0.005, 0.01, 0.005,
)  # fmt: skip
ILLNESS_RATE: Final = 0.009  # [sample]

STANDARD_FEN: Final = {"3201": 110_000, "3202": 110_000, "3204": 110_000, "3205": 110_000, "3211": 110_000,
                       "3206": 90_000, "3210": 90_000, "3212": 90_000}  # fmt: skip
"""低保 standard by city, fen a month, only to decide who is poor here [sample]; the others have STANDARD_NORTH_FEN."""
STANDARD_NORTH_FEN: Final = 80_000  # [sample]
BASIC_PENSION_FEN: Final = 22_000  # 城乡居民基础养老金, fen a month [sample]

MEAN_BIRTH_AGE: Final = (
    27.5  # mother's age at the first child [sample]; first marriages 2022 average 27.49 years [report]
)
EMIGRANT_RATE: Final = 0.12  # households that live outside their hukou village but inside the list [sample]
PRISON_RATE: Final = 0.0010  # of adults [sample]
