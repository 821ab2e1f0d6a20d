"""Signatures in PDFs (pyHanko) with a local certificate, made at set-up and kept in the key ring."""

from __future__ import annotations

import datetime as dt
import io
import json
from dataclasses import dataclass

from asn1crypto import keys as asn1_keys  # type: ignore[import-untyped]
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import PdfSignatureMetadata, SimpleSigner, signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from minzheng.base.crypto import KeyMissing, KeyRing
from minzheng.base.crypto.ring import Key, ring

USE = "pdf:document"
YEARS = 3


@dataclass(frozen=True)
class Certificates:
    """PEM texts of the signing certificate and of the root that readers have to trust."""

    signer: str
    root: str


def make_certificate(keys: KeyRing, organisation: str = "民政一体化平台") -> bool:
    """Make a root (its key is thrown away) and a signing certificate, unless there is one; says whether it did."""
    if keys.find(USE):
        return False
    now = dt.datetime.now(dt.UTC)
    root_key, key = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    root_name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
                           x509.NameAttribute(NameOID.COMMON_NAME, "文书签章根证书")])
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
                      x509.NameAttribute(NameOID.COMMON_NAME, "文书签章")])

    issuer = root_key.public_key()

    def build(subject: x509.Name, public: rsa.RSAPublicKey, ca: bool) -> x509.Certificate:
        usage = x509.KeyUsage(not ca, not ca, False, False, False, ca, ca, False, False)
        return (x509.CertificateBuilder().subject_name(subject).issuer_name(root_name).public_key(public)
                .serial_number(x509.random_serial_number()).not_valid_before(now - dt.timedelta(days=1))
                .not_valid_after(now + dt.timedelta(days=365 * (YEARS + 7 * ca)))
                .add_extension(x509.BasicConstraints(ca=ca, path_length=0 if ca else None), critical=True)
                .add_extension(usage, critical=True)
                .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
                .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer), critical=False)
                .sign(root_key, hashes.SHA256()))

    def pem(certificate: x509.Certificate) -> str:
        return certificate.public_bytes(serialization.Encoding.PEM).decode()

    root, leaf = build(root_name, root_key.public_key(), True), build(name, key.public_key(), False)
    secret = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8,
                               serialization.NoEncryption())
    keys.ensure(USE, secret, json.dumps({"signer": pem(leaf), "root": pem(root)}))
    return True


def certificates() -> Certificates:
    """The certificates in use; raises KeyMissing. The root's PEM is what a PDF reader imports as trusted."""
    return Certificates(**json.loads(_key().public))


def _key() -> Key:
    keys = ring()
    if keys.folder is None:
        make_certificate(keys)
    return keys.active(USE)


def _asn1(pem: str) -> asn1_x509.Certificate:
    loaded = x509.load_pem_x509_certificate(pem.encode())
    return asn1_x509.Certificate.load(loaded.public_bytes(serialization.Encoding.DER))


def sign_pdf(content: bytes, *, reason: str = "") -> bytes:
    """The PDF with an invisible signature over all of it; raises KeyMissing."""
    key = _key()
    found = certificates()
    registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    registry.register(_asn1(found.root))
    signer = SimpleSigner(signing_cert=_asn1(found.signer), signing_key=asn1_keys.PrivateKeyInfo.load(key.secret),
                          cert_registry=registry)
    meta = PdfSignatureMetadata(field_name="Seal", md_algorithm="sha256", reason=reason or None,
                                subfilter=SigSeedSubFilter.PADES)
    out = io.BytesIO()
    try:
        signers.PdfSigner(meta, signer=signer).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(content)), output=out)
    except SigningError as error:
        raise KeyMissing("文书签名失败") from error
    return out.getvalue()


def check_pdf(content: bytes) -> bool:
    """Whether the PDF carries one signature of ours over all of its bytes."""
    roots = [_asn1(json.loads(key.public)["root"]) for key in ring().all() if key.use == USE]
    try:
        found = PdfFileReader(io.BytesIO(content)).embedded_signatures
        if len(found) != 1:
            return False
        status = validate_pdf_signature(found[0], ValidationContext(trust_roots=roots))
        return bool(status.bottom_line) and status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    except (PdfReadError, ValueError, IndexError, KeyError):
        return False
