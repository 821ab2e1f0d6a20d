import pytest

from minzheng.base import flow
from minzheng.base.errors import Refused
from minzheng.base.flow.models import Process
from minzheng.testing import acting_as

from .conftest import served


def test_a_guest_is_seated_served_and_leaves(tea, people, batch):
    subject = tea.to_taste()
    assert served == [subject]
    tea.do(subject, "taste", "good", people.reviewer)
    assert tea.keys(subject) == []
