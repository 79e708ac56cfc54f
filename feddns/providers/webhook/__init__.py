"""Servers that speak ExternalDNS' webhook provider protocol, and so the DNS services behind them."""

from feddns.providers.webhook.provider import Webhook

__all__ = ["Webhook"]
