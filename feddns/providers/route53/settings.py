"""The settings of the provider `route53`."""

from typing import Annotated

import msgspec

from feddns.config.scalars import FilePath, Seconds, Section

ZoneId = Annotated[
    str, msgspec.Meta(pattern=r"^[A-Z0-9]{1,32}(?![\s\S])", extra={"words": "an id such as Z1D633PJN98FT9"})
]
VpcId = Annotated[str, msgspec.Meta(pattern=r"^vpc-[0-9a-f]+(?![\s\S])", extra={"words": "an id such as vpc-1a2b3c4d"})]
RoleArn = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^arn:[a-z-]+:iam::\d{12}:role/\S+(?![\s\S])",
        extra={"words": "an ARN such as arn:aws:iam::111122223333:role/feddns"},
    ),
]
Region = Annotated[
    str, msgspec.Meta(pattern=r"^[a-z]+(-[a-z]+)+-\d+(?![\s\S])", extra={"words": "a region such as us-east-1"})
]
EndpointUrl = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^https?://[^/\s?#]+/?(?![\s\S])", extra={"words": "a URL such as https://route53.example.net:4566"}
    ),
]


class Route53Settings(Section, frozen=True):
    """A hosted zone of Amazon Route 53.

    Attributes:
        zone_id: the hosted zone's id; by default the one with the longest name that `dns.zone` is or ends in.
        private: whether it is a private hosted zone; needed where a public and a private one have the same name.
        vpc: a VPC that the private hosted zone is associated with; needed where several private ones have the same
            name.
        profile: the profile of the AWS configuration files to take the credentials from.
        role_arn: the role to assume for Route 53, such as one in the account that the zone is in.
        external_id: what the role's trust policy asks for as `sts:ExternalId`.
        web_identity_token_file: a file with an OpenID Connect token to assume the role with, in place of credentials.
        region: the AWS region, which only other partitions than the commercial one need, such as `cn-north-1`.
        endpoint_url: where the API is, if not at Amazon.
        requests_per_second: the most requests a second, all kinds together; Route 53 counts them by account, so leave
            some to others.
        burst: how many requests may go at once after a rest.
        gather: seconds from a batch that was sent to the next that is not full; a change after a rest goes at once.
        timeout: seconds until a request without an answer is given up; a connection is given up after 3 seconds.
        wait_for_sync: whether each batch ends only when all of Route 53's servers have it, about a minute later.
    """

    zone_id: ZoneId | None = None
    private: bool | None = None
    vpc: VpcId | None = None
    profile: str | None = None
    role_arn: RoleArn | None = None
    external_id: str | None = None
    web_identity_token_file: FilePath | None = None
    region: Region | None = None
    endpoint_url: EndpointUrl | None = None
    requests_per_second: Annotated[float, msgspec.Meta(gt=0, le=1000)] = 5.0
    burst: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 5
    gather: Seconds = 0.5
    timeout: Seconds = 10.0
    wait_for_sync: bool = False

    def __post_init__(self) -> None:
        """Refuse what contradicts itself.

        Raises:
            ValueError: a setting makes no sense beside another, or without it.
        """
        if self.vpc is not None and self.private is False:
            raise ValueError("`vpc` goes with private hosted zones only: leave it out, or set `private: true`")
        if self.role_arn is None and (self.external_id is not None or self.web_identity_token_file is not None):
            raise ValueError("`externalId` and `webIdentityTokenFile` are for assuming a role: set `roleArn` too")
        if self.web_identity_token_file is not None and (self.profile is not None or self.external_id is not None):
            raise ValueError(
                "a web identity takes neither `profile` nor `externalId`: leave out these, or `webIdentityTokenFile`"
            )
