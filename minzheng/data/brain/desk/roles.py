"""Posts that work at the policy desk. Whether what they draft may become law is decided by the parameters' own rules."""

from __future__ import annotations

DESK_ROLES = ("data_officer", "county_clerk", "county_approver", "county_leader", "city_officer", "province_officer")
