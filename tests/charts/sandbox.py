"""A pod's container on this machine, as a kubelet and a container runtime would start it.

The pod is what the API server has of it: its command line, environment, user, capabilities and mounts. It sees a root
file system of its own, read-only, in which this checkout and its interpreter stand in place of the image. Its network
is the machine's.
"""

import base64
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from tests.charts.chart import Object
from tests.lab.cluster import Cluster
from tests.lab.processes import LOOPBACK, Process
from tests.rules.files import ROOT

IMAGE_ENTRYPOINT: Final = ("feddns",)
IMAGE_ENVIRONMENT: Final = {"PATH": f"{sys.prefix}/bin:/usr/bin:/bin", "HOME": "/"}
SYSTEM: Final = ("/usr", "/bin", "/lib", "/lib64", "/etc/ssl", "/proc", "/dev")
ACCOUNT: Final = "/var/run/secrets/kubernetes.io/serviceaccount"

_TOKEN_S: Final = 3600


class Container:
    """The one container of a pod.

    Attributes:
        process: what runs in it.
        ports: the container's ports by name.
    """

    def __init__(self, cluster: Cluster, namespace: str, spec: Object, folder: Path) -> None:
        """Plan a container; `prepare` reads what it mounts.

        Args:
            cluster: where the pod is.
            namespace: of the pod.
            spec: of the pod, as the API server has it.
            folder: an empty one, for volumes and the log.
        """
        self._cluster = cluster
        self._namespace = namespace
        self._spec = spec
        self._folder = folder
        (self._container,) = spec["containers"]
        self.ports: dict[str, int] = {port["name"]: port["containerPort"] for port in self._container.get("ports", ())}
        self.process = Process((), folder / "log")

    async def prepare(self, aliases: Sequence[str] = ()) -> None:
        """Make the folders that are mounted; again, to bring what has changed to a running container.

        Args:
            aliases: names of Services that lead to this machine.
        """
        self._folder.chmod(0o755)  # that of a test is its user's alone
        (self._folder / "hosts").write_text(f"{LOOPBACK} localhost {' '.join(aliases)}\n")
        for volume in self._spec.get("volumes", ()):
            folder = self._folder / "volumes" / volume["name"]
            if "emptyDir" in volume:
                self._make_empty(folder)
            else:
                _swap(folder, await self._content(volume), self._group)
        if self._spec.get("automountServiceAccountToken", True):
            _swap(self._folder / "volumes" / "account", await self._account(), self._group)

    def start(self) -> None:
        """Start what the container is to run; `prepare` comes first."""
        self.process = Process(self._sandboxed(), self._folder / "log")
        self.process.start()

    def run(self) -> tuple[int, str]:
        """Run what the container is to run to its end; gives its exit code and all that it printed."""
        done = subprocess.run(
            self._sandboxed(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        return done.returncode, done.stdout

    def execute(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command beside what runs, as `kubectl exec` does."""
        inside = ["nsenter", f"--target={self.process.pid}", "--mount", f"--root=/proc/{self.process.pid}/root"]
        return subprocess.run(
            [*inside, *self._confined(command)], capture_output=True, text=True, timeout=60, check=False
        )

    async def probe(self, name: str) -> bool:
        """Ask once as the kubelet does, such as for the `readinessProbe`."""
        asked = self._container[name]["httpGet"]
        url = f"http://{LOOPBACK}:{self.ports[asked['port']]}{asked['path']}"
        patience = aiohttp.ClientTimeout(total=self._container[name]["timeoutSeconds"])
        try:
            async with aiohttp.ClientSession(timeout=patience) as session, session.get(url) as answer:
                return HTTPStatus.OK <= answer.status < HTTPStatus.BAD_REQUEST
        except (aiohttp.ClientError, TimeoutError):
            return False

    def stop(self) -> None:
        """End it as the kubelet does: SIGTERM, and after the grace period SIGKILL."""
        self.process.stop(self._spec["terminationGracePeriodSeconds"])

    @property
    def _group(self) -> int:
        group: int = self._spec["securityContext"]["fsGroup"]
        return group

    async def _content(self, volume: Object) -> dict[str, bytes]:
        api, place = self._cluster.api, f"/api/v1/namespaces/{self._namespace}"
        if "configMap" in volume:
            found = await api.request("GET", f"{place}/configmaps/{volume['configMap']['name']}")
            return {key: text.encode() for key, text in found["data"].items()}
        found = await api.request("GET", f"{place}/secrets/{volume['secret']['secretName']}")
        return {key: base64.b64decode(text) for key, text in found["data"].items()}

    async def _account(self) -> dict[str, bytes]:
        path = f"/api/v1/namespaces/{self._namespace}/serviceaccounts/{self._spec['serviceAccountName']}/token"
        asked = {"spec": {"expirationSeconds": _TOKEN_S}}
        token = (await self._cluster.api.request("POST", path, asked))["status"]["token"]
        ca = (self._cluster.folder / "ca.crt").read_bytes()
        return {"token": token.encode(), "ca.crt": ca, "namespace": self._namespace.encode()}

    def _make_empty(self, folder: Path) -> None:
        if not folder.exists():
            folder.mkdir(parents=True)
            os.chown(folder, 0, self._group)
            folder.chmod(0o2777)

    def _mounts(self) -> Iterator[tuple[str, str, bool]]:
        """What is mounted where, and whether it may be written."""
        for folder in {*SYSTEM, str(ROOT), sys.prefix, sys.base_prefix}:
            if Path(folder).exists():
                yield folder, folder, False
        for mount in self._container.get("volumeMounts", ()):
            source = self._folder / "volumes" / mount["name"]
            yield str(source), mount["mountPath"], not mount.get("readOnly", False)
        yield str(self._folder / "hosts"), "/etc/hosts", False
        if self._spec.get("automountServiceAccountToken", True):
            yield str(self._folder / "volumes" / "account"), ACCOUNT, False

    def _sandboxed(self) -> list[str]:
        root = shlex.quote(str(self._folder / "root"))
        script = [f"mkdir -p {root}", f"mount -t tmpfs -o mode=755 root {root}"]
        for source, target, is_writable in sorted(self._mounts(), key=lambda mount: mount[1]):
            at = f"{root}{shlex.quote(target)}"
            script.append(f"mkdir -p {at}" if Path(source).is_dir() else f"mkdir -p $(dirname {at}) && touch {at}")
            script.append(f"mount --rbind {shlex.quote(source)} {at}")
            if not is_writable and target not in {"/proc", "/dev"}:
                script.append(f"mount -o remount,bind,ro {at}")
        if self._container["securityContext"]["readOnlyRootFilesystem"]:
            script.append(f"mount -o remount,ro {root}")
        script.append(f"exec chroot {root} {shlex.join(self._confined(self._command()))}")
        return ["unshare", "--mount", "--", "sh", "-euc", "\n".join(script)]

    def _command(self) -> list[str]:
        return [*self._container.get("command", IMAGE_ENTRYPOINT), *self._container.get("args", ())]

    def _confined(self, command: Sequence[str]) -> list[str]:
        """The command under the user, the capabilities and the environment that the pod gives it."""
        user, own = self._spec["securityContext"], self._container["securityContext"]
        assert user["runAsNonRoot"]
        confined = ["setpriv", f"--reuid={user['runAsUser']}", f"--regid={user['runAsGroup']}"]
        confined.append(f"--groups={user['fsGroup']}")
        if own["capabilities"]["drop"] == ["ALL"]:
            confined += ["--bounding-set=-all", "--inh-caps=-all"]
        if not own["allowPrivilegeEscalation"]:
            confined.append("--no-new-privs")
        # A change of user takes away the signal that ends a process with its parent.
        confined += ["--", "setpriv", "--pdeathsig=KILL", "--"]
        variables = [f"{name}={value}" for name, value in self._environment().items()]
        return [*confined, "env", "--ignore-environment", *variables, *command]

    def _environment(self) -> Mapping[str, str]:
        host = urlsplit(self._cluster.url)
        cluster = {"KUBERNETES_SERVICE_HOST": str(host.hostname), "KUBERNETES_SERVICE_PORT": str(host.port)}
        own = {variable["name"]: variable["value"] for variable in self._container.get("env", ())}
        return {**IMAGE_ENVIRONMENT, **cluster, **own}


def _swap(folder: Path, content: Mapping[str, bytes], group: int) -> None:
    """Fill a folder as the kubelet does: all files change at once, by one symbolic link that is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    number = sum(1 for _ in folder.iterdir())
    fresh = folder / f"..{number}"
    fresh.mkdir()
    for name, octets in content.items():
        (fresh / name).write_bytes(octets)
        os.chown(fresh / name, 0, group)
        (fresh / name).chmod(0o440)
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(f"..data/{name}")
    link = folder / "..data_tmp"
    link.symlink_to(fresh.name)
    link.replace(folder / "..data")
    for old in folder.iterdir():
        if old.is_dir() and not old.is_symlink() and old != fresh:
            shutil.rmtree(old)
