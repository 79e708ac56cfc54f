"""A cluster observed through its API server, by the asynchronous half of the package `kubernetes`.

Importing that package runs its `__init__`, which imports the synchronous half too: 300 ms and 18 MB for nothing; that
of `kubernetes.aio` imports another 50 ms of what is never used. So their places are taken by packages of the same
folders without those `__init__`s; each of their submodules imports as ever.
"""

import sys
from importlib.util import find_spec, module_from_spec

for _name in ("kubernetes", "kubernetes.aio"):
    if _name not in sys.modules:
        _found = find_spec(_name)
        if _found is None:
            raise ImportError("the package kubernetes is not installed")
        sys.modules[_name] = module_from_spec(_found)
