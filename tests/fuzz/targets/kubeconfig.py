"""Kubeconfigs, which come from files and from Secrets: a context, or an error about credentials."""

from feddns.clusters.kubernetes.failures import CredentialsError
from feddns.clusters.kubernetes.kubeconfig import find_context


def fuzz(data: bytes) -> None:
    for name in (None, "us"):
        try:
            context = find_context(data, "kubeconfig", name)
        except CredentialsError as error:
            assert str(error)
        else:
            assert isinstance(context.cluster["server"], str)
