"""What is known of money and property: 车管, 税务, 不动产, 市场监管, 公积金, 银行, 证券, 保险, 非银支付, 农业农村."""

from __future__ import annotations

import numpy as np
import polars as pl

from minzheng.data.population import identifiers, lives, noise, showing
from minzheng.data.population.organisations import Work
from minzheng.data.population.world import BANKS, World

C = pl.col
_PLATE = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LETTERS = {
    "3201": "A",
    "3202": "B",
    "3203": "C",
    "3204": "D",
    "3205": "E",
    "3206": "F",
    "3207": "G",
    "3208": "H",
    "3209": "J",
    "3210": "K",
    "3211": "L",
    "3212": "M",
    "3213": "N",
}


def vehicles(w: World, work: Work, rng: np.random.Generator) -> pl.DataFrame:
    t = w.persons.filter(C("car_value_fen") > 0)
    n = t.height
    city = pl.Series([_LETTERS.get(v.code[:4], "Z") for v in w.villages]).gather(t["hukou"])
    serial, letters = np.arange(n), np.array(list(_PLATE))
    tail = pl.Series(
        ["".join(row) for row in np.stack([letters[serial // 34**k % 34] for k in (3, 2, 1, 0)], axis=1)],
        dtype=pl.String,
    )
    luck = rng.random(n)
    wheelchair = (t["disability_class"] == 4) & (t["car_value_fen"] < 3_000_000)
    t = t.with_columns(
        plate=pl.lit("苏") + city + "I" + tail,
        kind=pl.when(wheelchair)
        .then(pl.lit("残疾人机动轮椅车"))
        .when(pl.lit(luck < 0.05) & (C("cast_key") == ""))
        .then(pl.lit("货车"))
        .when(C("car_value_fen") < 1_200_000)
        .then(pl.lit("摩托车"))
        .otherwise(pl.lit("小型汽车")),
        brand=pl.Series(["大众", "丰田", "别克", "比亚迪", "吉利", "长安", "本田", "五菱", "奇瑞", "特斯拉"]).gather(
            rng.integers(0, 10, n)
        ),
        displacement_ml=pl.Series([1000, 1200, 1400, 1500, 1600, 1800, 2000, 2500]).gather(rng.integers(0, 8, n)),
        value_fen="car_value_fen",
        registered_on=showing.past(rng, w, n, 30, 4500),
        status=pl.when(pl.lit(luck > 0.985) & (C("cast_key") == "")).then(pl.lit("注销")).otherwise(pl.lit("正常")),
    )
    return showing.take(t, rng, "plate", "kind", "brand", "displacement_ml", "value_fen", "registered_on", "status")


def tax(w: World, work: Work, rng: np.random.Generator) -> pl.DataFrame:
    """Twelve whole months up to the photograph, one row a person and kind of income. Farm income and small
    casual work are unseen."""
    p = w.persons.select(
        "id_number",
        "name",
        "cast_key",
        "alive",
        "occupation",
        "wage_fen",
        "business_fen",
        "property_fen",
        "company_role",
        "serial",
    )
    p = p.with_row_index("row").filter("alive")
    payer, code = showing.employer(p, work)
    company = pl.Series(work.company).gather(p["row"])
    own = work.frame["name"].gather(company.clip(0)).zip_with(company >= 0, pl.Series([""] * p.height))
    own_code = work.frame["credit_code"].gather(company.clip(0)).zip_with(company >= 0, pl.Series([""] * p.height))
    p = p.with_columns(payer=payer, payer_code=code, _own=own, _own_code=own_code)
    parts = []
    salaried = C("occupation").is_in([lives.STAFF, lives.PUBLIC])
    for rows, kind, column, who in (
        (salaried & (C("wage_fen") > 0), "工资薪金", "wage_fen", "payer"),
        ((C("occupation") == lives.GIG) & (C("wage_fen") > 250_000), "劳务报酬", "wage_fen", ""),
        ((C("company_role").is_in([1, 2])) & (C("business_fen") > 500_000), "经营所得", "business_fen", "_own"),
        ((C("property_fen") > 0) & (C("serial") % 4 == 0), "财产租赁", "property_fen", ""),
    ):
        t = p.filter(rows)
        months = np.where(rng.random(t.height) < 0.9, 12, rng.integers(3, 12, t.height))
        drift = 0.9 + 0.2 * rng.random(t.height)
        drift = np.where(t["cast_key"].to_numpy() != "", 1.0, drift)
        months = np.where(t["cast_key"].to_numpy() != "", 12, months)
        total = (t[column].to_numpy() * months * drift).astype(np.int64)
        free = np.maximum(total - 500_000 * months - total * 17 // 100, 0)
        parts.append(
            t.with_columns(
                income_kind=pl.lit(kind),
                payer=C(who) if who else pl.lit(""),
                payer_code=C(f"{who}_code") if who else pl.lit(""),
                months=months,
                period_from=pl.lit(w.as_of).dt.offset_by("-11mo").dt.truncate("1mo"),
                period_to=pl.lit(w.as_of),
                total_fen=total,
                tax_fen=free * 3 // 100,
            ).select(
                "id_number",
                "name",
                "income_kind",
                "payer",
                "payer_code",
                "period_from",
                "period_to",
                "months",
                "total_fen",
                "tax_fen",
                "cast_key",
            )
        )
    return noise.seen(pl.concat(parts).sort("id_number", maintain_order=True), rng)


def real_estate(w: World, work: Work, rng: np.random.Generator) -> pl.DataFrame:
    parts = []
    for nth in (1, 2):
        t = w.persons.filter(C("homes") >= nth)
        n = t.height
        codes = pl.Series([v.code for v in w.villages])
        area = np.clip(rng.normal(9800, 2900, n) + (~t["urban"].to_numpy()) * 4200, 2800, 32_000).astype(np.int64)
        price = np.where(t["urban"].to_numpy(), rng.integers(6500, 24_000, n), rng.integers(900, 3200, n))
        luck = rng.random(n)
        second = pl.Series(["住宅", "商铺", "车库"]).gather(np.searchsorted([0.8, 0.9], luck))
        usage = pl.when("urban").then(pl.lit("住宅")).otherwise(pl.lit("宅基地住宅")) if nth == 1 else pl.lit(second)
        address = (
            C("hukou_address")
            if nth == 1
            else pl.format("锦绣商业街{}号", pl.lit(pl.Series(rng.integers(1, 400, n))))
        )
        parts.append(
            t.with_columns(
                certificate=pl.format(
                    "苏({})不动产权第{}号",
                    pl.lit(pl.Series(rng.integers(2005, 2026, n))),
                    (C("person_no") * 10 + nth).cast(pl.String).str.zfill(9),
                ),
                village=codes.gather(t["hukou"]),
                address=address,
                usage=usage,
                area_dm2=area,
                share_percent=pl.when((C("spouse") >= 0) & pl.lit(luck < 0.4)).then(50).otherwise(100),
                value_fen=area * price,
                mortgaged=pl.Series(rng.random(n) < 0.24) & (t["age"] < 55) & t["urban"],
                registered_on=showing.past(rng, w, n, 200, 7500),
                status=pl.lit("现势"),
            ).select(
                "id_number",
                "name",
                "certificate",
                "village",
                "address",
                "usage",
                "area_dm2",
                "share_percent",
                "value_fen",
                "mortgaged",
                "registered_on",
                "status",
                "cast_key",
            )
        )
    return noise.seen(pl.concat(parts).sort("id_number", maintain_order=True), rng)


def market(w: World, work: Work, rng: np.random.Generator) -> pl.DataFrame:
    t = w.persons.with_row_index("row").filter(C("company_role") > 0)
    f = work.frame[pl.Series(work.company).gather(t["row"])]
    t = t.with_columns(
        credit_code=f["credit_code"],
        organisation=f["name"],
        kind=f["kind"],
        registered_capital_fen=f["registered_capital_fen"],
        since=f["founded_on"],
        status=pl.when(C("cast_key") != "").then(pl.lit("存续")).otherwise(pl.lit(f["status"])),
        position=C("company_role").replace_strict(
            {1: "经营者", 2: "法定代表人", 3: "股东", 4: "高级管理人员"}, return_dtype=pl.String
        ),
        share_percent=pl.when(C("company_role") == 1)
        .then(100)
        .when(C("company_role") == 2)
        .then(pl.lit(pl.Series(rng.integers(51, 101, t.height))))
        .when(C("company_role") == 3)
        .then(pl.lit(pl.Series(rng.integers(1, 50, t.height))))
        .otherwise(0),
    )
    return showing.take(
        t,
        rng,
        "credit_code",
        "organisation",
        "kind",
        "position",
        "share_percent",
        "registered_capital_fen",
        "since",
        "status",
    )


def provident_fund(w: World, work: Work, rng: np.random.Generator) -> pl.DataFrame:
    t = w.persons.with_row_index("row").filter((C("fund") == 1) & C("alive"))
    employer, _ = showing.employer(t, work)
    monthly = t["wage_fen"] * 16 // 100
    t = t.with_columns(
        account=pl.format("990{}", C("person_no").cast(pl.String).str.zfill(9)),
        employer=employer,
        monthly_fen=monthly,
        balance_fen=monthly * pl.Series(rng.integers(3, 90, t.height)),
        last_paid_on=pl.lit(w.as_of).dt.truncate("1mo"),
        status=pl.lit("缴存"),
    )
    return showing.take(t, rng, "account", "employer", "monthly_fen", "balance_fen", "last_paid_on", "status")


def banks(w: World, work: Work, rng: np.random.Generator) -> pl.DataFrame:
    """The salary or pension account holds a part; larger savings sit in time deposits, and some people have a
    third account."""
    p = w.persons.filter(C("bank_account") != "").select(
        "id_number", "name", "cast_key", "deposits_fen", "bank", "account", "serial", "address"
    )
    n = p.height
    part = 0.15 + 0.5 * rng.random(n)
    total = p["deposits_fen"].to_numpy()
    split = total > 2_000_000
    current = np.where(split, (total * part).astype(np.int64), total)
    third = split & (rng.random(n) < 0.25)
    wealth = np.where(third, ((total - current) * 0.4).astype(np.int64), 0)
    shift = rng.integers(1, len(BANKS), n)
    own = p["bank"].to_numpy()
    parts = []
    for k, (kind, amount, rows, bank) in enumerate(
        (
            ("活期", current, np.ones(n, dtype=bool), own),
            ("定期", total - current - wealth, split, (own + shift) % len(BANKS)),
            ("理财", wealth, third, own),
        )
    ):
        t = p.filter(rows)
        money = amount[rows]
        account = (
            t["account"]
            if k == 0
            else identifiers.card_numbers(
                np.where(t["cast_key"].to_numpy() == "", 0, 9 * 10**12) + t["serial"].to_numpy() * 10 + k, bank[rows]
            )
        )
        average = np.where(
            t["cast_key"].to_numpy() == "", money * (0.75 + 0.5 * rng.random(len(money))), money
        ).astype(np.int64)
        parts.append(
            t.with_columns(
                bank=pl.Series(BANKS).gather(bank[rows]),
                account=account,
                kind=pl.lit(kind),
                balance_fen=money,
                average_12m_fen=average,
                opened_on=showing.past(rng, w, t.height, 60, 6500),
                as_of=pl.lit(w.as_of),
                status=pl.lit("正常"),
                contact_address=noise.stale(rng, t["address"], t["cast_key"]),
            ).select(
                "id_number",
                "name",
                "bank",
                "account",
                "kind",
                "balance_fen",
                "average_12m_fen",
                "opened_on",
                "as_of",
                "status",
                "contact_address",
                "cast_key",
            )
        )
    return noise.seen(pl.concat(parts), rng, typos=True)


def securities(w: World, work: Work, rng: np.random.Generator) -> pl.DataFrame:
    t = w.persons.filter((C("securities_fen") > 0) & C("alive"))
    cash = (t["securities_fen"].to_numpy() * 0.2 * rng.random(t.height)).astype(np.int64)
    t = t.with_columns(
        broker=pl.Series(["华东证券", "长江证券营业部", "金陵证券", "天天基金销售"]).gather(
            rng.integers(0, 4, t.height)
        ),
        account=pl.format("A990{}", C("person_no").cast(pl.String).str.zfill(8)),
        cash_fen=cash,
        market_value_fen=C("securities_fen") - cash,
        as_of=pl.lit(w.as_of),
    )
    return showing.take(t, rng, "broker", "account", "market_value_fen", "cash_fen", "as_of")


def insurance(w: World, work: Work, rng: np.random.Generator) -> pl.DataFrame:
    t = w.persons.filter((C("insurance_premium_fen") > 0) & C("alive"))
    n = t.height
    kind = rng.choice(5, n, p=[0.36, 0.28, 0.1, 0.12, 0.14])
    years = np.minimum(rng.integers(1, 12, n), np.maximum(t["age"].to_numpy().astype(np.int64), 1))
    cash = (
        np.where(np.isin(kind, (2, 3)), 0.85, np.where(kind == 0, 0.3, 0.0))
        * years
        * t["insurance_premium_fen"].to_numpy()
    )
    t = t.with_columns(
        insurer=pl.Series(["东吴人寿", "平安人寿", "中国人寿", "太平洋保险", "泰康人寿"]).gather(
            rng.integers(0, 5, n)
        ),
        policy=pl.format("P990{}", C("person_no").cast(pl.String).str.zfill(9)),
        kind=pl.Series(["重疾", "医疗", "年金", "分红两全", "意外"]).gather(kind),
        product=pl.Series(["安康重疾保障", "百万医疗", "福寿年金", "鑫利两全", "综合意外"]).gather(kind),
        annual_premium_fen="insurance_premium_fen",
        cash_value_fen=cash.astype(np.int64),
        effective_on=pl.Series((np.datetime64(w.as_of) - years * 365 + 60).astype("datetime64[D]")),
        status=pl.lit("有效"),
    )
    return showing.take(
        t,
        rng,
        "insurer",
        "policy",
        "product",
        "kind",
        "annual_premium_fen",
        "cash_value_fen",
        "effective_on",
        "status",
        typos=True,
    )


def payments(w: World, work: Work, rng: np.random.Generator) -> pl.DataFrame:
    t = w.persons.filter((C("payment_fen") > 0) & C("alive"))
    fund = np.where(rng.random(t.height) < 0.3, np.exp(rng.normal(7.5, 1.3, t.height)) * 100, 0).astype(np.int64)
    fund = np.where(t["cast_key"].to_numpy() == "", fund, 0)
    t = t.with_columns(
        provider=pl.Series(["支付宝", "财付通", "云闪付"]).gather(rng.choice(3, t.height, p=[0.45, 0.48, 0.07])),
        account=pl.format("Z990{}", C("person_no").cast(pl.String).str.zfill(9)),
        balance_fen="payment_fen",
        fund_fen=fund,
        inflow_12m_fen=(t["payment_fen"].to_numpy() * (2 + 20 * rng.random(t.height))).astype(np.int64),
        as_of=pl.lit(w.as_of),
    )
    return showing.take(
        t, rng, "provider", "account", "balance_fen", "fund_fen", "inflow_12m_fen", "as_of", typos=True
    )


def agriculture(w: World, work: Work, rng: np.random.Generator) -> pl.DataFrame:
    t = w.persons.filter(~C("urban") & (C("place") == 0) & C("alive") & (C("cast_key") == ""))
    area = np.clip(np.exp(rng.normal(5.9, 0.6, t.height)), 40, 6000).astype(np.int64)
    let = np.where(rng.random(t.height) < 0.55, area, 0)
    t = t.with_columns(contract_area_mu100=area, subsidy_year_fen=area * 120, leased_out_mu100=let)
    return showing.take(t, rng, "contract_area_mu100", "subsidy_year_fen", "leased_out_mu100")


TABLES = {
    "vehicles": vehicles,
    "tax": tax,
    "real_estate": real_estate,
    "market": market,
    "provident_fund": provident_fund,
    "banks": banks,
    "securities": securities,
    "insurance": insurance,
    "payments": payments,
    "agriculture": agriculture,
}
