"""Exchange (部门交换): asking other departments over signed HTTP and taking their signed notices."""
