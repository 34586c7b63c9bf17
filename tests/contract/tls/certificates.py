"""Certificates as a test wants them: right, of another authority, for another name, expired."""

from datetime import UTC, datetime
from pathlib import Path

import trustme

BEGUN, ENDED = datetime(2019, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)
BAD = ("of another authority", "for another name", "expired")


class Authority:
    """Ours, and what it signed; and another, whose certificates nobody trusts."""

    def __init__(self, folder: Path) -> None:
        self._ours, self._other = trustme.CA(), trustme.CA()
        self.pem = self._ours.cert_pem.bytes()
        self.file = folder / "our authority.pem"
        self.file.write_bytes(self.pem)
        self._folder = folder

    def server(self, host: str, how: str = "right") -> trustme.LeafCert:
        if how == "of another authority":
            return self._other.issue_cert(host)
        if how == "for another name":
            return self._ours.issue_cert("elsewhere.example")
        if how == "expired":
            return self._ours.issue_cert(host, not_before=BEGUN, not_after=ENDED)
        return self._ours.issue_cert(host)

    def client(self, name: str) -> dict[str, str]:
        """The settings for a certificate of this client."""
        issued = self._ours.issue_cert(name, common_name=name)
        certificate, key = self._folder / f"{name}.pem", self._folder / f"{name}.key"
        key.touch(0o600)
        key.write_bytes(issued.private_key_pem.bytes())
        certificate.write_bytes(b"".join(part.bytes() for part in issued.cert_chain_pems))
        return {"TLS_CERT_FILE": str(certificate), "TLS_KEY_FILE": str(key)}

    @property
    def trusted(self) -> dict[str, str]:
        return {"TLS_CA_FILE": str(self.file)}
