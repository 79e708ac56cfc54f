"""Keys, certificates and tokens for the lab's API servers."""

import base64
import datetime as dt
import ipaddress
import json
import secrets
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.lab.processes import LOOPBACK

LIFETIME = dt.timedelta(days=30)


class Authority:
    """A certificate authority, one serving certificate for loopback, and the key that signs ServiceAccount tokens.

    Attributes:
        ca: path of the authority's certificate.
        certificate: path of the serving certificate.
        key: path of the serving certificate's key.
        service_account_key: path of the key of ServiceAccount tokens.
        tokens: path of the file of static tokens, as `--token-auth-file` reads it.
        admin: the token of a member of `system:masters`.
        feddns: the token of the user `feddns`, who has the rights that its ClusterRole gives.
    """

    def __init__(self, folder: Path) -> None:
        self.ca = folder / "ca.crt"
        self.certificate = folder / "serving.crt"
        self.key = folder / "serving.key"
        self.service_account_key = folder / "service-account.key"
        self.tokens = folder / "tokens.csv"
        self.admin = secrets.token_hex(16)
        self.feddns = secrets.token_hex(16)
        self._write()

    def kubeconfig(self, name: str, url: str, token: str) -> str:
        """A kubeconfig for one API server, in JSON, which is YAML too.

        Args:
            name: the name of the cluster, the context and the user.
            url: the API server's URL.
            token: who its user is.
        """
        authority = base64.b64encode(self.ca.read_bytes()).decode()
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": name, "cluster": {"server": url, "certificate-authority-data": authority}}],
            "users": [{"name": name, "user": {"token": token}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "current-context": name,
        }
        return json.dumps(config, indent=2) + "\n"

    def _write(self) -> None:
        ca_key, serving_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "lab")])
        ca = _builder(ca_name, ca_name, ca_key).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        serving_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kube-apiserver")])
        loopback = x509.SubjectAlternativeName(
            [x509.IPAddress(ipaddress.ip_address(LOOPBACK)), x509.DNSName("localhost")]
        )
        serving = (
            _builder(serving_name, ca_name, serving_key)
            .add_extension(loopback, critical=False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        )
        _save_certificate(self.ca, ca.sign(ca_key, hashes.SHA256()))
        _save_certificate(self.certificate, serving.sign(ca_key, hashes.SHA256()))
        _save_key(self.key, serving_key)
        _save_key(self.service_account_key, ec.generate_private_key(ec.SECP256R1()))
        self.tokens.write_text(f'{self.admin},admin,admin,"system:masters"\n{self.feddns},feddns,feddns\n')


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + LIFETIME)
    )


def _save_certificate(path: Path, certificate: x509.Certificate) -> None:
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _save_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    path.write_bytes(pem)
