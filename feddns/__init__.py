"""One DNS answer for a service that runs in many Kubernetes clusters."""

from typing import Final

__version__: Final = "0.1.0"
