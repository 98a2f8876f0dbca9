"""How a target is reached: one module per way."""

import sys
from typing import Any

# paramiko loads invoke, and with it asyncio and unittest.mock, to run what an ssh_config names
# after "Match exec". We read none that way, and it can do without: a fifth of the time in which
# collecting starts.
_modules: dict[str, Any] = sys.modules
_modules.setdefault("invoke", None)
