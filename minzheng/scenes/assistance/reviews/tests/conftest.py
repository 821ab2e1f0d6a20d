"""Households that are recognised already, and a place for their files."""

from __future__ import annotations

from minzheng.scenes.assistance.tekun.tests.conftest import own_store, wu  # noqa: F401 (fixtures)
from minzheng.scenes.assistance.tests.conftest import zhang  # noqa: F401 (a fixture)
