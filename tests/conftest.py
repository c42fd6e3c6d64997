"""What every test can rely on."""

from __future__ import annotations

import asyncio
import inspect

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test that is a coroutine in an event loop of its own."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    wanted = inspect.signature(pyfuncitem.obj).parameters
    arguments = {name: pyfuncitem.funcargs[name] for name in wanted}
    asyncio.run(pyfuncitem.obj(**arguments))
    return True


OPEN_WORK = {
    "test_no_module_is_longer_than_a_reader_can_hold": "traffic is to be split",
}
"""Tests of what is under construction, each with what is missing; to be emptied, never grown."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Expect the tests of unfinished parts to fail, with the reason told."""
    for item in items:
        reason = OPEN_WORK.get(item.name.partition("[")[0])
        if reason is not None:
            item.add_marker(pytest.mark.xfail(reason=reason, strict=False))
