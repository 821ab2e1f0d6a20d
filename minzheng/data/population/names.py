"""Chinese names that fit a person's year of birth, sex and family, with their pinyin for sorting.

Surname shares are the national order of the last census as commonly reported, given-name characters the taste of
each period; both are [sample].
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl
from pypinyin import lazy_pinyin

from minzheng.data.registry.names import pinyin

Ints = npt.NDArray[np.int64]

_SURNAMES: Final = (
    "王716 李680 张674 刘480 陈490 杨290 黄185 赵190 吴260 周270 徐270 孙225 马120 朱260 胡140 郭95 何95 "
    "高110 林75 罗62 郑80 梁60 谢72 宋85 唐88 许92 邓48 韩68 冯64 曹86 彭58 曾42 肖46 田44 董58 袁74 潘70 "
    "蔡66 蒋88 余52 于50 杜46 叶50 程54 苏48 魏50 吕48 丁86 任40 沈112 姚66 卢42 姜50 崔32 钟36 谭24 陆98 "
    "汪54 范56 金62 石40 廖20 贾32 夏58 韦16 付28 方42 白24 邹36 孟38 熊22 秦46 邱30 江34 尹28 薛42 闫20 "
    "段18 雷16 侯34 龙12 史34 陶46 黎10 贺16 顾104 毛34 郝14 龚34 邵40 万26 钱68 严44 覃6 武18 戴52 莫10 "
    "孔28 向8 汤36 仇14 庄22 季30 费14 殷24 施36 管16 嵇4 宗12 葛34 柏10 束5 惠6 缪18 欧阳4 诸葛1 司徒1 "
    "上官1"
)
_ETHNIC: Final = (
    ("回族", 0.30, "马丁沙白金穆哈米"), ("苗族", 0.15, "龙石吴杨麻廖"), ("土家族", 0.12, "田向彭覃冉谭"),
    ("满族", 0.10, "关佟赵富金白"), ("壮族", 0.08, "韦覃农黄陆蒙"),
    ("蒙古族", 0.07, "包白鲍陈韩"), ("彝族", 0.07, "阿杨李普沙"), ("维吾尔族", 0.06, ""), ("藏族", 0.05, ""),
)  # fmt: skip
_UYGHUR: Final = (
    ("买买提", "艾力", "阿不都", "吐尔逊", "阿卜杜拉", "亚森", "玉素甫", "库尔班", "艾尔肯", "伊力哈木"),
    (
        "阿依古丽",
        "古丽娜尔",
        "热依汗",
        "阿米娜",
        "帕提古丽",
        "再娜甫",
        "米热古丽",
        "茹仙古丽",
        "祖丽胡玛尔",
        "哈丽旦",
    ),
)
_TIBETAN: Final = (
    ("扎西", "多吉", "次仁", "平措", "旺堆", "格桑", "丹增", "罗布"),
    ("卓玛", "央金", "白玛", "德吉", "措姆", "曲珍", "拉姆", "达娃"),
)

# periods: born before 1950, 1950–69, 1970–84, 1985–99, 2000–11, from 2012;
# each: first characters, second characters, single-character names
_TASTE: Final[dict[int, tuple[tuple[str, str, str], ...]]] = {
    1: (
        ("德福永金文国玉桂长寿荣兴宝庆发茂忠善", "才根生林祥财明贵元祥山海义清华宝荣和", "根福荣贵祥林"),
        ("建国志卫爱新永红文正学德明小春长玉金", "国华军民明平强生林荣根龙兵成祥忠良义", "军平明华强勇"),
        ("建志海国晓永文伟小红卫宏立春玉庆俊学", "军明华伟东峰强平林波辉勇斌忠亮兵荣清", "伟军勇涛强斌峰刚健辉波磊鹏"),
        ("志晓海文俊嘉家建宇子小明成天国立振永", "杰超鹏飞伟峰辉龙强东阳明亮涛林波凯健", "超杰鹏磊涛凯浩伟亮飞斌坤"),
        ("子浩宇俊嘉志家文天思明博泽睿晨梓一振", "轩豪杰宇涵阳博辰文昊翔哲睿航恒鹏毅成", "浩杰轩睿涛昊翔"),
        ("子浩宇梓沐一奕泽俊嘉铭亦睿承致柏景彦", "轩宸辰泽睿宇洋帆航熙霖泓朗恒安远珩言", "宸睿辰朗"),
    ),
    2: (
        ("秀桂玉凤兰素金月巧翠阿淑惠菊银荷彩桃", "英兰珍芳妹华珠娣云花梅凤宝琴仙娥莲香", "英珍芳凤"),
        ("秀玉桂淑惠建美爱丽小红月文春素国凤雪", "英兰芳华珍萍琴梅芬霞云珠妹娟红玲香娣", "萍芳英玲红霞敏"),
        ("丽晓红玉小海美春爱秀雪文艳建永冬月亚", "霞红燕芳萍娟梅华丽敏静琴云英玲琳芬艳", "燕丽敏静芳红娟艳霞琴颖萍"),
        ("晓丽婷雪雅佳思文梦慧小玉海莉春美欣艳", "婷静燕丽娜敏洁莹琳云雯倩霞萍慧玲蓉佳", "婷静丽娜倩洁莹雪敏颖佳"),
        ("雨欣思佳梦诗子雅嘉可梓紫语一心晨文静", "涵怡萱欣彤琪瑶雯悦婷妍琳桐颖洁菲轩然", "悦欣怡婷琪瑶"),
        ("梓一语若沐诗可雨欣奕思艺芷婉书清安苏", "涵萱妍桐彤汐诺宁瑶熙悦恩晗玥沫然琪棠", "玥汐悦宁"),
    ),
}  # fmt: skip
_PERIODS: Final = (1950, 1970, 1985, 2000, 2012)
_SINGLE_ODDS: Final = np.array((0.10, 0.16, 0.36, 0.30, 0.12, 0.08))


def _zipf(n: int) -> npt.NDArray[np.float64]:
    weights = 1 / (np.arange(n) + 4.0)
    return np.asarray(weights / weights.sum())


@cache
def _surnames() -> tuple[list[str], npt.NDArray[np.float64]]:
    texts = [part.rstrip("0123456789") for part in _SURNAMES.split()]
    weights = np.array([float(part[len(text) :]) for part, text in zip(_SURNAMES.split(), texts, strict=True)])
    return texts, weights / weights.sum()


def surname_codes(rng: np.random.Generator, n: int) -> Ints:
    texts, weights = _surnames()
    return rng.choice(len(texts), n, p=weights)


def given_names(rng: np.random.Generator, male: npt.NDArray[np.bool_], birth_year: Ints) -> tuple[Ints, list[str]]:
    """Codes of a given name for each person and the list that they point into."""
    pool: list[str] = []
    codes = np.zeros(len(male), dtype=np.int64)
    period = np.searchsorted(np.array(_PERIODS), birth_year, side="right")
    for sex in (1, 2):
        for era, (firsts, seconds, singles) in enumerate(_TASTE[sex]):
            rows = np.flatnonzero((male == (sex == 1)) & (period == era))
            start = len(pool)
            pool += [a + b for a in firsts for b in seconds]
            first = rng.choice(len(firsts), len(rows), p=_zipf(len(firsts)))
            second = rng.choice(len(seconds), len(rows), p=_zipf(len(seconds)))
            same = np.array([[a == b for b in seconds] for a in firsts])[first, second]
            second = np.where(same, (second + 1) % len(seconds), second)
            single = rng.random(len(rows)) < _SINGLE_ODDS[era]
            one = len(pool) + rng.integers(0, len(singles), len(rows))
            pool += list(singles)
            codes[rows] = np.where(single, one, start + first * len(seconds) + second)
    return codes, pool


def name_column(surname: Ints, given: Ints, pool: list[str]) -> tuple[pl.Series, pl.Series]:
    """Names and their pinyin."""
    texts, _ = _surnames()
    fronts, backs = pl.Series(texts), pl.Series(pool)
    fronts_py, backs_py = pl.Series([pinyin(t) for t in texts]), pl.Series([" ".join(lazy_pinyin(g)) for g in pool])
    s, g = pl.Series(surname), pl.Series(given)
    names = fronts.gather(s) + backs.gather(g)
    return names.alias("name"), (fronts_py.gather(s) + " " + backs_py.gather(g)).alias("name_pinyin")


def minority(
    rng: np.random.Generator, rows: Ints, male: npt.NDArray[np.bool_], names: list[str]
) -> dict[int, tuple[str, str]]:
    """For the given rows (`names` are theirs): row -> (ethnicity, name). Han-style names keep their given
    part; Uyghur names are
    名·父名, Tibetan ones two words."""
    shares = np.array([share for _, share, _ in _ETHNIC])
    picks = rng.choice(len(_ETHNIC), len(rows), p=shares / shares.sum())
    draws = rng.integers(0, 1 << 30, (len(rows), 2))
    found: dict[int, tuple[str, str]] = {}
    for row, name, pick, (a, b) in zip(rows.tolist(), names, picks.tolist(), draws.tolist(), strict=True):
        ethnicity, _, surnames = _ETHNIC[pick]
        sex = 0 if male[row] else 1
        if ethnicity == "维吾尔族":
            name = f"{_UYGHUR[sex][a % 10]}·{_UYGHUR[0][b % 10]}"
        elif ethnicity == "藏族":
            name = _TIBETAN[a % 2][b % 8] + _TIBETAN[sex][a % 8]
        else:
            name = surnames[a % len(surnames)] + name[1:]
        found[row] = (ethnicity, name)
    return found
