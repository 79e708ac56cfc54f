"""Every setting, its default and its bounds, grouped by the part that uses it.

The text of `feddns.yaml` has these fields in camelCase. A field's docstring line is its line in the reference.
"""

from typing import Annotated, Any, Literal

import msgspec

from feddns.config.health import BudgetSettings, HealthSettings
from feddns.config.host import ClusterSecretsSettings, ConfigMapSettings, LeaderElectionSettings
from feddns.config.scalars import FilePath, FolderPath, Owner, Seconds, Section, Ttl


class TargetSettings(Section, frozen=True):
    """One of several zones that are written, each by a writer of its own.

    Attributes:
        zone: the DNS zone that the names are written into, such as `example.com`.
        provider: exactly one key, the provider's name, with the provider's own settings under it.
        name: what people, logs and `--target` call it; the zone by default, so that targets of one zone need names.
    """

    zone: str
    provider: dict[str, Any]
    name: str = ""


class DnsSettings(Section, frozen=True):
    """Which names are written where: into one `zone` through one `provider`, or into several `targets`.

    Attributes:
        zone: the DNS zone that the names are written into, such as `example.com`.
        provider: exactly one key, the provider's name, with the provider's own settings under it.
        targets: instead of `zone` and `provider`, several of them, each with the whole of the names: a public and a
            private zone, or twins of one zone at two vendors.
        ttl: seconds that answers may be kept; the annotation `feddns.io/ttl` of a service goes before it.
        max_values: the most addresses of one family in one answer; which ones is chosen by a stable hash.
        ttl_floor: TTLs are halved, but not below this, while the withdrawal of an address is pending, and are this
            while a cluster is drained.
        no_healthy_shards: what a service without any healthy shard has: no records (`remove`) or the last ones
            (`keep`); the annotation `feddns.io/no-healthy-shards` of a service goes before it.
        load_balancer_hostnames: what a load balancer with a host name gives: its addresses (`resolve`), or where the
            host name is the only value of a scope a CNAME to it (`cname`), or an alias of it (`alias`) if the provider
            can make one of this host name.
    """

    zone: str = ""
    provider: dict[str, Any] = msgspec.field(default_factory=dict)
    targets: tuple[TargetSettings, ...] = ()
    ttl: Ttl = 180
    ttl_floor: Ttl = 30
    max_values: Annotated[int, msgspec.Meta(ge=1, le=100)] = 8
    no_healthy_shards: Literal["remove", "keep"] = "remove"
    load_balancer_hostnames: Literal["resolve", "cname", "alias"] = "resolve"


class HostnameSettings(Section, frozen=True):
    """One domain, and the namespaces whose Services may have hostnames in it, by the annotation `feddns.io/hostname`.

    Attributes:
        domain: such as `acme.com`; it stands for itself and for all names below it.
        namespaces: shell patterns such as `team-*` are allowed.
    """

    domain: str
    namespaces: tuple[str, ...]


class NamespaceSettings(Section, frozen=True):
    """Namespaces whose services are federated; shell patterns such as `team-*` are allowed.

    Attributes:
        include: only these; empty for all.
        exclude: never these.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


class ServiceSettings(Section, frozen=True):
    """Which services are federated.

    Attributes:
        select: every Service of type LoadBalancer (`all`), or those annotated `feddns.io/federate: "true"`
            (`annotated`).
        selector: a Kubernetes label selector, such as `tier=web,env!=dev`; empty for all.
        namespaces: namespaces to include and to exclude.
        events: whether owners of Services are told, by Kubernetes Events beside the Service, of problems, of verdicts
            that change and of failovers; needs the access rule for it in each cluster.
    """

    select: Literal["all", "annotated"] = "all"
    selector: str = ""
    namespaces: NamespaceSettings = NamespaceSettings()
    events: bool = True


class WatchSettings(Section, frozen=True):
    """How clusters are watched.

    Attributes:
        connect_timeout: seconds until a connection, or the first byte of an answer, is given up.
        silence: seconds without a byte after which a watch is taken to be broken and opened again.
        lost_after: seconds without hearing from an API server after which its cluster is Unknown.
        longest_backoff: the longest pause in seconds between two attempts to reach an API server.
        start_grace: seconds that one-shot commands wait for every cluster to be listed.
    """

    connect_timeout: Seconds = 5.0
    silence: Seconds = 30.0
    lost_after: Seconds = 45.0
    longest_backoff: Seconds = 30.0
    start_grace: Seconds = 15.0


class ServersSettings(Section, frozen=True):
    """The servers that are asked for the answers of a target.

    Attributes:
        addresses: IP addresses, such as `192.0.2.53`, `192.0.2.53:5353` or `[2001:db8::53]:53`; port 53 by default.
        target: its name; empty for all targets.
    """

    addresses: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    target: str = ""


class VisibleSettings(Section, frozen=True):
    """How it is measured when a write can be seen: the zone's authoritative servers are asked for its answer.

    Attributes:
        enabled: false to ask nobody.
        within: seconds after which it is given up, counted and told in the log.
        servers: the servers to ask instead of those that the provider or the zone names, as where feddns cannot reach
            these or the system's resolver does not know them.
    """

    enabled: bool = True
    within: Seconds = 60.0
    servers: tuple[ServersSettings, ...] = ()

    def addresses(self, target: str) -> tuple[str, ...]:
        """The servers that were given for a target; none where they are to be found."""
        return next((each.addresses for each in self.servers if each.target in ("", target)), ())


class WriteSettings(Section, frozen=True):
    """How zones are written.

    Attributes:
        reread: seconds between two readings of a whole zone, which repair what others changed.
        deadline: seconds that one batch may take, retries included.
        visible: how it is measured when a write can be seen.
    """

    reread: Seconds = 600.0
    deadline: Seconds = 60.0
    visible: VisibleSettings = VisibleSettings()


class ClusterSettings(Section, frozen=True):
    """One cluster: reached by a kubeconfig, from inside (`inCluster`), or read from a folder of manifests.

    Attributes:
        name: a name for people and logs, unique in the federation.
        kubeconfig: path of a kubeconfig file; relative to the configuration file.
        context: the context in that file; its current one by default.
        in_cluster: true to use the ServiceAccount of the pod that feddns runs in.
        manifests: path of a folder of YAML or JSON as kubectl prints it; relative to the configuration file.
        region: the cluster's region; read from its nodes' labels by default.
        zones: the cluster's zones; read from its nodes' labels by default.
    """

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=253)]
    kubeconfig: FilePath | None = None
    context: str | None = None
    in_cluster: bool = False
    manifests: FolderPath | None = None
    region: str | None = None
    zones: tuple[str, ...] | None = None


class WebSettings(Section, frozen=True):
    """What is told over HTTP: `/metrics`, `/healthz` and `/readyz`.

    Attributes:
        listen: the address and port to answer on, such as `0.0.0.0:9797` or `[::]:9797`; nothing is served by default.
    """

    listen: str | None = None


class StateSettings(Section, frozen=True):
    """Where it is kept what operators have ordered: drains, evictions, and whether all is frozen.

    Attributes:
        file: path of a file, relative to the configuration file, that is made when it is first needed.
        config_map: instead of the file, a ConfigMap.
    """

    file: Annotated[str, msgspec.Meta(min_length=1, extra={"words": "the path of a file"})] = "feddns-state.json"
    config_map: ConfigMapSettings | None = None


class Settings(Section, frozen=True):
    """The whole of `feddns.yaml`.

    Attributes:
        federation: the federation's name, a DNS label that stands in every name.
        owner: who holds the claim on the names in the zone; two installations that share a zone and a federation's
            name must differ.
        dns: which names are written where.
        clusters: the clusters of the federation.
        cluster_secrets: where further clusters are found, so that joining needs no change of this file; nowhere by
            default.
        services: which services are federated.
        hostnames: the domains that services may have further names in; none by default.
        watch: how clusters are watched.
        write: how zones are written.
        health: how the shards of a service are judged.
        budget: limits that stop a mass mistake.
        state: where it is kept what operators have ordered.
        leader_election: how several replicas agree on the one that writes; by default there is one that always does.
        web: what is told over HTTP.
    """

    federation: str
    dns: DnsSettings
    clusters: tuple[ClusterSettings, ...] = ()
    cluster_secrets: ClusterSecretsSettings | None = None
    owner: Owner = "default"
    services: ServiceSettings = ServiceSettings()
    hostnames: tuple[HostnameSettings, ...] = ()
    watch: WatchSettings = WatchSettings()
    write: WriteSettings = WriteSettings()
    health: HealthSettings = HealthSettings()
    budget: BudgetSettings = BudgetSettings()
    state: StateSettings = StateSettings()
    leader_election: LeaderElectionSettings | None = None
    web: WebSettings = WebSettings()
