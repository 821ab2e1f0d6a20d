"""Synthetic population: deterministic people, households and what each department knows of them. See SCHEMA.md."""

from minzheng.data.population.files import Manifest, generate
from minzheng.data.population.places import Village, village

__all__ = ["Manifest", "Village", "generate", "village"]
