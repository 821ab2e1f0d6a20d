"""Mapped import (映射导入): a table of another system becomes rows of ours by a saved mapping, first as a dry run."""
