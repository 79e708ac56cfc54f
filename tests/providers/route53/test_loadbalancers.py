import pytest
from botocore.session import Session

from feddns.providers.route53 import loadbalancers
from feddns.providers.route53.loadbalancers import bare, hosted_zone_id, with_both_families


@pytest.mark.parametrize(
    ("hostname", "zone_id"),
    [
        ("a-1.eu-west-1.elb.amazonaws.com.", "Z32O12XQLNTSW2"),
        ("internal-a-1.eu-west-1.elb.amazonaws.com.", "Z32O12XQLNTSW2"),
        ("dualstack.a-1.eu-west-1.elb.amazonaws.com.", "Z32O12XQLNTSW2"),
        ("a-1.elb.eu-west-1.amazonaws.com.", "Z2IFOLAFXWLO4F"),
        ("a-1.cn-north-1.elb.amazonaws.com.cn.", "Z1GDH35T77C1KE"),
        ("a-1.elb.cn-north-1.amazonaws.com.cn.", "Z3QFB96KMJ7ED6"),
        ("a-1.cn-north-1.elb.amazonaws.com.", None),
        ("a-1.eu-west-1.elb.amazonaws.com.cn.", None),
        ("a-1.atlantis-1.elb.amazonaws.com.", None),
        ("eu-west-1.elb.amazonaws.com.", None),
        ("a-1.eu-west-1.elb.amazonaws.com.example.net.", None),
        ("a-1.eu-west-1.elb.amazonaws.com", None),
        ("d111111abcdef8.cloudfront.net.", None),
        ("www.example.com.", None),
    ],
)
def test_a_load_balancers_hosted_zone_is_told_by_its_name(hostname: str, zone_id: str | None) -> None:
    assert hosted_zone_id(hostname) == zone_id


def test_both_kinds_of_load_balancers_are_known_in_every_region_that_the_sdk_knows() -> None:
    session = Session()
    regions = {
        region
        for partition in ("aws", "aws-cn", "aws-us-gov")
        for region in session.get_available_regions("elbv2", partition_name=partition)
    }
    for table in (loadbalancers._APPLICATION_OR_CLASSIC, loadbalancers._NETWORK):  # noqa: SLF001  # the table itself
        assert regions <= table.keys()
        assert len(set(table.values())) == len(table)


def test_the_prefix_for_both_families_goes_before_names_of_application_and_classic_load_balancers_alone() -> None:
    classic, network = "a-1.eu-west-1.elb.amazonaws.com.", "a-1.elb.eu-west-1.amazonaws.com."
    assert with_both_families(classic) == f"dualstack.{classic}"
    assert with_both_families(f"dualstack.{classic}") == f"dualstack.{classic}"
    assert with_both_families(network) == network
    assert with_both_families("www.example.com.") == "www.example.com."


def test_the_prefix_is_taken_from_load_balancers_alone() -> None:
    assert bare("dualstack.a-1.eu-west-1.elb.amazonaws.com.") == "a-1.eu-west-1.elb.amazonaws.com."
    assert bare("dualstack.example.com.") == "dualstack.example.com."
