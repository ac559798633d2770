"""The certificate that signs, and its key: the operator's, or one that a studio makes for itself.

C2PA takes no certificate that signed itself, so a studio's own is a chain of two: an authority, whose key is thrown
away once it has signed, and the signer. The rules for both are in the C2PA specification, "X.509 Certificates".
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from filelock import FileLock

from reelwright.domain.errors import InvalidInput

CERTIFICATE, KEY = "REELWRIGHT_C2PA_CERTIFICATE", "REELWRIGHT_C2PA_KEY"
"""The settings, as errors name them."""
OWN_NAME = "Reelwright studio"
OWN_YEARS = 10
_FILES = ("chain.pem", "key.pem")
_CURVES = {256: "ES256", 384: "ES384", 521: "ES512"}


@dataclass(frozen=True)
class Identity:
    """A chain of certificates, the signer's first, and its private key, both in PEM. `alg` is the
    algorithm's name in `c2pa.C2paSigningAlg`. `own`: the studio made it itself."""

    chain: str
    key: bytes
    alg: str
    own: bool

    def __repr__(self) -> str:
        return f"Identity({self.name}, own={self.own})"

    @property
    def leaf(self) -> x509.Certificate:
        """The signer's certificate."""
        return x509.load_pem_x509_certificates(self.chain.encode())[0]

    @property
    def name(self) -> str:
        """Whose it is."""
        return self.leaf.subject.rfc4514_string()

    @property
    def until(self) -> datetime:
        """The last moment at which it may sign."""
        return self.leaf.not_valid_after_utc

    def require_valid(self, now: datetime) -> None:
        """Raises `InvalidInput` naming the setting for a certificate that is not yet or no longer valid."""
        if not self.leaf.not_valid_before_utc <= now <= self.until:
            span = f"{self.leaf.not_valid_before_utc:%Y-%m-%d} to {self.until:%Y-%m-%d}"
            remedy = "remove the folder of the studio's own certificate" if self.own else "renew it"
            raise InvalidInput(f"the certificate is valid from {span}", field=CERTIFICATE, remedy=remedy)


def given(certificate: Path, key: Path) -> Identity:
    """The operator's own. Raises `InvalidInput` naming the setting."""
    chain, secret = _read(certificate, CERTIFICATE), _read(key, KEY)
    try:
        leaf = x509.load_pem_x509_certificates(chain)[0]
    except (ValueError, IndexError) as error:
        raise InvalidInput(
            "it holds no certificate in PEM", field=CERTIFICATE, remedy="name the chain, the signer's certificate first"
        ) from error
    try:
        private = load_pem_private_key(secret, None)
    except (ValueError, TypeError) as error:  # nothing of the file is quoted
        raise InvalidInput(
            "it holds no private key in PEM without a password", field=KEY, remedy="name a PKCS #8 file"
        ) from error
    spki = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if private.public_key().public_bytes(*spki) != leaf.public_key().public_bytes(*spki):
        raise InvalidInput(f"it is not the key of {CERTIFICATE}", field=KEY, remedy="name the two that belong together")
    plain = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Identity(chain.decode(), plain, _algorithm(private), own=False)


def own(folder: Path) -> Identity | None:
    """The studio's own, if there is one in its folder."""
    chain, key = (folder / name for name in _FILES)
    if not (chain.exists() and key.exists()):
        return None
    return Identity(chain.read_text(), key.read_bytes(), "ES256", own=True)


def own_or_new(folder: Path, now: datetime) -> Identity:
    """The studio's own, made when there is none yet or its time is over; 0600. Of workers that begin together one
    makes it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with FileLock(folder / "lock", mode=0o600):
        found = own(folder)
        if found is None or now > found.until:
            for name, data in zip(_FILES, _made(now), strict=True):
                _write(folder / name, data)
            found = own(folder)
    assert found is not None
    return found


def _made(now: datetime) -> tuple[bytes, bytes]:
    authority, signer = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = _name(f"{OWN_NAME} (self-made authority)")
    above = x509.SubjectKeyIdentifier.from_public_key(authority.public_key())
    root = (
        _begun(issuer, issuer, authority.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(above, critical=False)
        .sign(authority, SHA256())
    )
    leaf = (
        _begun(_name(f"{OWN_NAME} (self-made)"), issuer, signer.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(signer.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(above), critical=False)
        .sign(authority, SHA256())
    )
    key = signer.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return b"".join(part.public_bytes(Encoding.PEM) for part in (leaf, root)), key


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        # A day back: clocks of those who read it may be behind.
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * OWN_YEARS))
    )


def _name(common: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, OWN_NAME), x509.NameAttribute(NameOID.COMMON_NAME, common)]
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _algorithm(key: object) -> str:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "ED25519"
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.key_size in _CURVES:
        return _CURVES[key.curve.key_size]
    if isinstance(key, rsa.RSAPrivateKey):
        return "PS256"
    raise InvalidInput(
        "C2PA has no algorithm for this kind of key", field=KEY, remedy="use EC P-256, P-384, P-521, RSA or Ed25519"
    )


def _read(path: Path, field: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"it cannot be read: {error.strerror}", field=field, remedy="name a file in PEM") from error


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all, mode 0600."""
    temporary = path.with_suffix(".new")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
    temporary.replace(path)


def signing(certificate: Path | None, key: Path | None, folder: Path) -> Identity:
    """The one that signs here: the operator's where both settings name one, else the studio's own, made on first use.
    Raises `InvalidInput` naming the setting."""
    identity = configured(certificate, key)
    now = datetime.now(UTC)
    identity = identity or own_or_new(folder, now)
    identity.require_valid(now)
    return identity


def configured(certificate: Path | None, key: Path | None) -> Identity | None:
    """The operator's, if the settings name one."""
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        missing: Sequence[str] = (CERTIFICATE, KEY) if certificate is None else (KEY, CERTIFICATE)
        raise InvalidInput(f"{missing[1]} is set alone", field=missing[0], remedy="set both, or neither")
    return given(certificate, key)
