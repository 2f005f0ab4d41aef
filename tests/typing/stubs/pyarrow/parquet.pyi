# pyarrow makes most of its functions at run time, where a type checker cannot see them.
from typing import Any

def __getattr__(name: str) -> Any: ...
