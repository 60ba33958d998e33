"""The contract tests need a worker, and their queue to themselves."""

import pytest

from deploy.processes import Process
from deploy.stack import Stack


@pytest.fixture(scope="session", autouse=True)
def worker(stack: Stack) -> Process:
    return stack.start_worker("--slots", "4")
