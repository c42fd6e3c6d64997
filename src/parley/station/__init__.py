"""The running station: engine (pure), service (asyncio), gateway (the one door)."""
