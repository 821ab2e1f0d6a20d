"""A family on 低保, and files of the test's own."""

from __future__ import annotations

from minzheng.scenes.assistance.tekun.tests.conftest import own_store  # noqa: F401 (a fixture)
from minzheng.scenes.assistance.tests.conftest import zhang  # noqa: F401 (a fixture)
