"""A cluster observed through its API server, by the asynchronous half of the package `kubernetes`.

Importing that package runs its `__init__`, which imports the synchronous half too: 300 ms and 18 MB for nothing. So its
place is taken by a package of the same folder without that `__init__`; each of its submodules imports as ever.
"""

import sys
from importlib.util import find_spec, module_from_spec

if "kubernetes" not in sys.modules:
    _found = find_spec("kubernetes")
    if _found is None:
        raise ImportError("the package kubernetes is not installed")
    sys.modules["kubernetes"] = module_from_spec(_found)
