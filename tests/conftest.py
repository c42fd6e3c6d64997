"""What every test can rely on."""

from __future__ import annotations

import asyncio
import inspect
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How fast a machine under load makes and runs an example is no property of the code.
_KIND = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
# The same examples every time, so that a run which was green stays green; `make fuzz`, and
# `pytest --hypothesis-profile=explore`, look for others.
settings.register_profile("parley", derandomize=True, database=None, **_KIND)
settings.register_profile("explore", **_KIND)
settings.load_profile("parley")

_LONG = ("faults", "scenarios", "sim", "e2e", "browser")
"""Folders whose tests start processes or play long; after all others, in this order."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let what is quick fail first, and never in a process that ran stations or a browser."""
    here = Path(__file__).parent
    places = {name: number for number, name in enumerate(_LONG, start=1)}
    items.sort(key=lambda item: places.get(item.path.relative_to(here).parts[0], 0))


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test that is a coroutine in an event loop of its own."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    wanted = inspect.signature(pyfuncitem.obj).parameters
    arguments = {name: pyfuncitem.funcargs[name] for name in wanted}
    asyncio.run(pyfuncitem.obj(**arguments))
    return True
