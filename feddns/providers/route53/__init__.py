"""Amazon Route 53, by its API (2013-04-01) through boto3."""

from feddns.providers.route53.provider import Route53

__all__ = ["Route53"]
