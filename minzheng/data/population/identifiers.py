"""Numbers with valid check digits from blocks that nobody can own, computed for whole columns at once."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

Ints = npt.NDArray[np.int64]

ID_PREFIX: Final = 329900  # province 32, no such division: GB 11643 numbers that cannot belong to a person
CAST_SEQUENCE: Final = 900  # sequences 900–999 of each day are kept for the fixed cast
_ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS: Final = pl.Series(list("10X98765432"))
_CREDIT_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ORG_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Exhausted(ValueError):
    """More numbers were asked of one day and sex than GB 11643 has under a single prefix."""


def _digits(numbers: Ints, width: int) -> list[Ints]:
    return [numbers // 10 ** (width - 1 - i) % 10 for i in range(width)]


def id_stems(yyyymmdd: Ints, male: npt.NDArray[np.bool_], order: Ints) -> Ints:
    """17-digit stems, unique: `order` (any numbers) decides who gets which sequence within a birthday and sex.
    Odd sequence = male."""
    group = yyyymmdd * 2 + male
    by_group = np.lexsort((order, group))
    ordered = group[by_group]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    rank = np.arange(len(ordered)) - np.repeat(starts, np.diff(np.r_[starts, len(ordered)]))
    half = CAST_SEQUENCE // 2
    if len(rank) and rank.max() >= half:
        raise Exhausted(f"more than {half} people of one sex were born on one day")
    ranks = np.empty_like(rank)
    ranks[by_group] = rank
    sequence = (ranks * 7 + yyyymmdd * 13) % half * 2 + male  # 7 and 450 are coprime, so distinct ranks stay distinct
    stems: Ints = (ID_PREFIX * 10**8 + yyyymmdd) * 1000 + sequence
    return stems


def id_numbers(stems: Ints) -> pl.Series:
    """Full 18-character numbers with their GB 11643 check digit."""
    total = sum(
        (d * w for d, w in zip(_digits(stems, 17), _ID_WEIGHTS, strict=True)), np.zeros(len(stems), dtype=np.int64)
    )
    return (
        pl.select(pl.lit(pl.Series(stems)).cast(pl.String) + _ID_CHECKS.gather(total % 11))
        .to_series()
        .alias("id_number")
    )


def cast_id(birth: str, sequence: int) -> str:
    """The number of a fixed cast member: `birth` is YYYYMMDD, `sequence` 900–999 with the parity of the sex."""
    if not CAST_SEQUENCE <= sequence <= 999:
        raise ValueError("cast sequences are 900 to 999")
    return str(id_numbers(np.array([int(f"{ID_PREFIX}{birth}{sequence}")], dtype=np.int64))[0])


def card_numbers(serials: Ints, bank: Ints) -> pl.Series:
    """19-digit account numbers: 990, bank (two digits), serial (13 digits), Luhn digit."""
    stem = (990 * 100 + bank.astype(np.int64)) * 10**13 + serials
    total = np.zeros(len(stem), dtype=np.int64)
    for place, digit in enumerate(reversed(_digits(stem, 18))):
        if place % 2 == 0:
            digit = digit * 2
            digit = digit - 9 * (digit > 9)
        total += digit
    return pl.select(
        pl.lit(pl.Series(stem)).cast(pl.String) + pl.lit(pl.Series((10 - total % 10) % 10)).cast(pl.String)
    ).to_series()


def phones(serials: Ints) -> pl.Series:
    """11-digit numbers of the unassigned block 160, scattered, unique for serials below 98,000,000."""
    return pl.Series(16_000_000_000 + serials * 48_271 % 98_000_000).cast(pl.String)


def _org_code(stem: str) -> str:
    total = sum(_ORG_ALPHABET.index(c) * w for c, w in zip(stem, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    return stem + "0123456789X"[(11 - total % 11) % 11]


def credit_codes(kinds: list[str], first: int = 0) -> list[str]:
    """统一社会信用代码 (GB 32100) of division 329900; `kinds` holds the two leading characters (91 enterprise,
    92 self-employed …)."""
    weights = [pow(3, i, 31) for i in range(17)]
    found = []
    for serial, kind in enumerate(kinds, start=first):
        stem = f"{kind}{ID_PREFIX}" + _org_code(f"T{serial:07d}")
        total = sum(_CREDIT_ALPHABET.index(c) * w for c, w in zip(stem, weights, strict=True))
        found.append(stem + _CREDIT_ALPHABET[(31 - total % 31) % 31])
    return found
