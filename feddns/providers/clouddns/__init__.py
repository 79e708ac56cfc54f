"""Google Cloud DNS, public and private managed zones."""

from feddns.providers.clouddns.provider import CloudDns

__all__ = ["CloudDns"]
