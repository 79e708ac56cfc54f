"""What feddns has in the cluster that hosts it: orders, the lease of the leader, the clusters' kubeconfigs."""

from feddns.config.scalars import FilePath, ObjectName, Seconds, Section


class HostObject(Section, frozen=True):
    """A place in a cluster that hosts feddns.

    Attributes:
        namespace: it must be there.
        kubeconfig: path of the kubeconfig of its cluster, relative to the configuration file; by default the cluster of
            the pod that feddns runs in.
        context: the context in that file; its current one by default.
    """

    namespace: ObjectName
    kubeconfig: FilePath | None = None
    context: str | None = None


class ConfigMapSettings(HostObject, frozen=True):
    """A ConfigMap, which is made when it is first needed.

    Attributes:
        namespace: of the ConfigMap; it must be there.
        name: of the ConfigMap.
    """

    name: ObjectName = "feddns-state"


class LeaderElectionSettings(HostObject, frozen=True):
    """The Lease by which replicas agree on the one that writes; the others stand by with all they need to know.

    Attributes:
        namespace: of the Lease; it must be there.
        name: of the Lease, which is made when it is first needed.
        lease_duration: seconds after which the others take over from a leader that has not been heard.
        renew_deadline: seconds after which a leader that cannot renew its lease stops writing; less than
            `leaseDuration`.
        retry_period: seconds between two looks at the Lease; less than `renewDeadline`.
    """

    name: ObjectName = "feddns"
    lease_duration: Seconds = 6.0
    renew_deadline: Seconds = 4.0
    retry_period: Seconds = 1.0


class ClusterSecretsSettings(HostObject, frozen=True):
    """Secrets that each make a cluster of the federation, found while feddns runs.

    A Secret with the label `feddns.io/cluster: NAME` makes the cluster of that name. Its key `kubeconfig` says how
    to reach it; the annotations `feddns.io/region` and `feddns.io/zones` (separated by commas) say where it is, if its
    nodes do not.

    Attributes:
        namespace: of the Secrets; it must be there.
    """
