"""政策仿真: policy drafts, what they would change for whom and at whose cost, and past months computed again."""
