//! A root, an intermediate, and chains with at most one fault each, made at start.

use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer,
    CrlDistributionPoint, CrlIssuingDistributionPoint, CrlScope, CustomExtension, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256,
    PublicKeyData, RevocationReason, RevokedCertParams, SerialNumber, SignatureAlgorithm,
    SigningKey, date_time_ymd,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

const DAY: u64 = 24 * 60 * 60;

/// What a server sends as its certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chain {
    Good,
    Expired,
    NotYetValid,
    SelfSigned,
    WrongName,
    /// Complete, but under a root nobody trusts.
    UntrustedRoot,
    MissingIntermediate,
    /// The leaf, then the root, then the intermediate.
    Misordered,
    /// Valid for two years.
    LongLived,
    /// Ends in three days.
    ExpiresSoon,
    /// For two thousand names besides.
    ManyNames,
    /// Sixty authorities, each of which vouches for the one before.
    Deep,
}

/// A certificate authority of the lab's own.
pub struct Authority {
    root: CertifiedIssuer<'static, KeyPair>,
    intermediate: CertifiedIssuer<'static, KeyPair>,
    /// The intermediate's key once more, for what is no certificate.
    signer: KeyPair,
}

/// What a responder says of a certificate (RFC 6960, section 2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OcspStatus {
    Good,
    /// Since yesterday, since the key is in other hands.
    Revoked,
    Unknown,
}

/// Who signs an OCSP response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OcspSigner {
    Issuer,
    /// One whom the issuer lets sign (RFC 6960, section 4.2.2.2).
    Delegate,
    /// One with a certificate of the issuer's that is not for it.
    Server,
}

/// A chain with the key of its leaf.
pub struct Issued {
    pub chain: Vec<CertificateDer<'static>>,
    pub key: PrivateKeyDer<'static>,
}

impl Authority {
    /// Makes a root and an intermediate, valid for ten years.
    pub fn generate() -> anyhow::Result<Self> {
        let root = CertifiedIssuer::self_signed(authority("Lab Root")?, KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let signer = KeyPair::try_from(key.serialize_der())?;
        let intermediate = CertifiedIssuer::signed_by(authority("Lab Intermediate")?, key, &root)?;
        Ok(Self { root, intermediate, signer })
    }

    /// Returns the root in PEM form, for `scan.trust_roots`.
    pub fn root_pem(&self) -> String {
        self.root.pem()
    }

    /// Returns the root in DER form.
    pub fn root_der(&self) -> CertificateDer<'static> {
        self.root.der().clone()
    }

    /// Makes a certificate of the kind that vouches for logos, and returns it in PEM form with the
    /// authority above it. `logotype` is the value of the extension that holds the picture.
    pub fn issue_mark(&self, names: &[&str], logotype: &[u8]) -> anyhow::Result<String> {
        let mut leaf = CertificateParams::new(
            names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(),
        )?;
        leaf.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::Other(vec![1, 3, 6, 1, 5, 5, 7, 3, 31])];
        let picture =
            CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 12], logotype.to_vec());
        leaf.custom_extensions = vec![picture];
        set_validity(&mut leaf, now() - DAY, now() + 300 * DAY);
        let leaf = leaf.signed_by(&KeyPair::generate()?, &self.intermediate)?;
        Ok(format!("{}{}", leaf.pem(), self.intermediate.pem()))
    }

    /// Makes a good chain whose leaf has a serial number and the URL of a revocation list.
    pub fn issue_listed(&self, names: &[&str], serial: u64, url: &str) -> anyhow::Result<Issued> {
        let key = KeyPair::generate()?;
        let mut leaf = CertificateParams::new(
            names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(),
        )?;
        leaf.serial_number = Some(SerialNumber::from(serial));
        leaf.crl_distribution_points = vec![CrlDistributionPoint { uris: vec![url.to_owned()] }];
        set_validity(&mut leaf, now() - DAY, now() + 80 * DAY);
        let leaf = leaf.signed_by(&key, &self.intermediate)?.der().clone();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        Ok(Issued { chain: vec![leaf, self.intermediate.der().clone()], key })
    }

    /// Makes a good chain whose leaf names an OCSP responder, and a revocation list when there is one.
    pub fn issue_asked(
        &self,
        names: &[&str],
        responder: &str,
        list: Option<&str>,
    ) -> anyhow::Result<Issued> {
        let key = KeyPair::generate()?;
        let mut leaf = CertificateParams::new(
            names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(),
        )?;
        leaf.custom_extensions = vec![access(1, responder)?];
        let points = list.map(|url| CrlDistributionPoint { uris: vec![url.to_owned()] });
        leaf.crl_distribution_points = points.into_iter().collect();
        leaf.serial_number = Some(SerialNumber::from(7));
        set_validity(&mut leaf, now() - DAY, now() + 80 * DAY);
        let leaf = leaf.signed_by(&key, &self.intermediate)?.der().clone();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        Ok(Issued { chain: vec![leaf, self.intermediate.der().clone()], key })
    }

    /// Makes a leaf that comes alone and says where its issuer's certificate is.
    pub fn issue_alone(&self, names: &[&str], url: &str) -> anyhow::Result<Issued> {
        let key = KeyPair::generate()?;
        let mut leaf = CertificateParams::new(
            names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(),
        )?;
        leaf.custom_extensions = vec![access(2, url)?];
        set_validity(&mut leaf, now() - DAY, now() + 80 * DAY);
        let leaf = leaf.signed_by(&key, &self.intermediate)?.der().clone();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        Ok(Issued { chain: vec![leaf], key })
    }

    /// Returns the intermediate in DER form.
    pub fn intermediate_der(&self) -> CertificateDer<'static> {
        self.intermediate.der().clone()
    }

    /// Makes an OCSP response of yesterday about the certificate of a `CertID`, good for six days
    /// (RFC 6960, section 4.2.1).
    pub fn ocsp_response(
        &self,
        cert_id: &[u8],
        status: OcspStatus,
        signer: OcspSigner,
    ) -> anyhow::Result<Vec<u8>> {
        let time = |seconds| der(0x18, generalized_time(seconds).as_bytes());
        let status = match status {
            OcspStatus::Good => vec![0x80, 0],
            OcspStatus::Revoked => {
                der(0xa1, &[time(now() - DAY), der(0xa0, &[0x0a, 1, 1])].concat())
            }
            OcspStatus::Unknown => vec![0x82, 0],
        };
        let next = der(0xa0, &time(now() + 6 * DAY));
        let single = [cert_id, &status, &time(now() - DAY), &next].concat();
        let by_key = der(0xa2, &der(4, &[7; 20]));
        let list = der(0x30, &der(0x30, &single));
        let data = der(0x30, &[by_key, time(now() - DAY), list].concat());
        let (signature, certificates) = match signer {
            OcspSigner::Issuer => (self.signer.sign(&data)?, Vec::new()),
            OcspSigner::Delegate | OcspSigner::Server => {
                let key = KeyPair::generate()?;
                let mut params = CertificateParams::new(vec!["ocsp.test".to_owned()])?;
                params.extended_key_usages = vec![match signer {
                    OcspSigner::Delegate => ExtendedKeyUsagePurpose::OcspSigning,
                    _ => ExtendedKeyUsagePurpose::ServerAuth,
                }];
                set_validity(&mut params, now() - DAY, now() + 80 * DAY);
                let own = params.signed_by(&key, &self.intermediate)?;
                (key.sign(&data)?, der(0xa0, &der(0x30, own.der())))
            }
        };
        // ecdsa-with-SHA256
        let algorithm = der(0x30, &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]);
        let signature = der(3, &[&[0][..], &signature].concat());
        let basic = der(0x30, &[data, algorithm, signature, certificates].concat());
        // id-pkix-ocsp-basic
        let kind = [6, 9, 0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1];
        let response = der(0x30, &[&kind[..], &der(4, &basic)].concat());
        Ok(der(0x30, &[&[0x0a, 1, 0][..], &der(0xa0, &response)].concat()))
    }

    /// Makes a good chain whose leaf holds a timestamp of each of some public logs (RFC 6962, section
    /// 3.3); nobody signed them.
    pub fn issue_logged(&self, names: &[&str], logs: &[u8]) -> anyhow::Result<Issued> {
        let timestamp = |log: &u8| {
            let id = [*log; 32];
            // The whole, a version, the log, a time, no extensions, an algorithm, a signature.
            [&[0, 50, 0][..], &id, &[0; 8], &[0, 0], &[4, 3], &[0, 3, 1, 2, 3]].concat()
        };
        let all: Vec<u8> = logs.iter().flat_map(timestamp).collect();
        let list = [&u16::try_from(all.len())?.to_be_bytes()[..], &all].concat();
        let octet_string = [&[4, u8::try_from(list.len())?][..], &list].concat();
        let key = KeyPair::generate()?;
        let mut leaf = CertificateParams::new(
            names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(),
        )?;
        let oid = [1, 3, 6, 1, 4, 1, 11_129, 2, 4, 2];
        leaf.custom_extensions = vec![CustomExtension::from_oid_content(&oid, octet_string)];
        set_validity(&mut leaf, now() - DAY, now() + 80 * DAY);
        let leaf = leaf.signed_by(&key, &self.intermediate)?.der().clone();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        Ok(Issued { chain: vec![leaf, self.intermediate.der().clone()], key })
    }

    /// Makes the list of serial numbers that the intermediate has revoked, good for a week, and for
    /// the certificates that name one URL when there is one.
    pub fn revocation_list(&self, serials: &[u64], url: Option<&str>) -> anyhow::Result<Vec<u8>> {
        let revoked = |serial: &u64| RevokedCertParams {
            serial_number: SerialNumber::from(*serial),
            revocation_time: date_time_ymd(1970, 1, 1) + Duration::from_secs(now() - DAY),
            reason_code: Some(RevocationReason::KeyCompromise),
            invalidity_date: None,
        };
        let scope = url.map(|url| CrlIssuingDistributionPoint {
            distribution_point: CrlDistributionPoint { uris: vec![url.to_owned()] },
            scope: Some(CrlScope::UserCertsOnly),
        });
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(1970, 1, 1) + Duration::from_secs(now() - DAY),
            next_update: date_time_ymd(1970, 1, 1) + Duration::from_secs(now() + 6 * DAY),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: scope,
            revoked_certs: serials.iter().map(revoked).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        Ok(list.signed_by(&self.intermediate)?.der().to_vec())
    }

    /// Makes a good chain whose leaf has a given RSA key, in the form of RFC 8017, section A.1.1.
    pub(crate) fn issue_for_rsa(
        &self,
        names: &[&str],
        key: &[u8],
    ) -> anyhow::Result<Vec<CertificateDer<'static>>> {
        let mut leaf = CertificateParams::new(
            names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(),
        )?;
        set_validity(&mut leaf, now() - DAY, now() + 80 * DAY);
        let leaf = leaf.signed_by(&RsaKey(key), &self.intermediate)?.der().clone();
        Ok(vec![leaf, self.intermediate.der().clone()])
    }

    /// Makes a chain for `names`.
    pub fn issue(&self, names: &[&str], chain: Chain) -> anyhow::Result<Issued> {
        let key = KeyPair::generate()?;
        let names = match chain {
            Chain::WrongName => vec!["elsewhere.example".to_owned()],
            Chain::ManyNames => {
                let more = (0..2_000).map(|number| format!("n{number}.{}", names[0]));
                names.iter().map(|name| (*name).to_owned()).chain(more).collect()
            }
            _ => names.iter().map(|name| (*name).to_owned()).collect(),
        };
        let mut leaf = CertificateParams::new(names.clone())?;
        leaf.distinguished_name.push(DnType::CommonName, names[0].as_str());
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let now = now();
        let (from, to) = match chain {
            Chain::Expired => (now - 60 * DAY, now - DAY),
            Chain::NotYetValid => (now + 10 * DAY, now + 60 * DAY),
            Chain::LongLived => (now - DAY, now + 730 * DAY),
            Chain::ExpiresSoon => (now - 87 * DAY, now + 3 * DAY),
            _ => (now - DAY, now + 80 * DAY),
        };
        set_validity(&mut leaf, from, to);
        let intermediate = self.intermediate.der().clone();
        let certificates = match chain {
            Chain::SelfSigned => vec![leaf.self_signed(&key)?.der().clone()],
            Chain::UntrustedRoot => {
                let stranger = CertifiedIssuer::self_signed(
                    authority("Stranger Root")?,
                    KeyPair::generate()?,
                )?;
                vec![leaf.signed_by(&key, &stranger)?.der().clone(), stranger.der().clone()]
            }
            Chain::Deep => self.deep(&leaf, &key)?,
            Chain::MissingIntermediate => {
                vec![leaf.signed_by(&key, &self.intermediate)?.der().clone()]
            }
            Chain::Misordered => {
                let leaf = leaf.signed_by(&key, &self.intermediate)?;
                vec![leaf.der().clone(), self.root.der().clone(), intermediate]
            }
            _ => vec![leaf.signed_by(&key, &self.intermediate)?.der().clone(), intermediate],
        };
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        Ok(Issued { chain: certificates, key })
    }

    /// Makes a chain of authorities down from the root, and a leaf under the last.
    fn deep(
        &self,
        leaf: &CertificateParams,
        key: &KeyPair,
    ) -> anyhow::Result<Vec<CertificateDer<'static>>> {
        let mut chain = Vec::new();
        let first = authority("Lab Authority 0")?;
        let mut above = CertifiedIssuer::signed_by(first, KeyPair::generate()?, &self.root)?;
        for number in 1..60 {
            chain.push(above.der().clone());
            let next = authority(&format!("Lab Authority {number}"))?;
            above = CertifiedIssuer::signed_by(next, KeyPair::generate()?, &above)?;
        }
        chain.push(above.der().clone());
        chain.push(leaf.signed_by(key, &above)?.der().clone());
        chain.reverse();
        Ok(chain)
    }
}

/// The public half of an RSA key.
struct RsaKey<'k>(&'k [u8]);

impl PublicKeyData for RsaKey<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}

/// Makes the extension that tells a place of the issuer's (RFC 5280, section 4.2.2.1): by method 1 of
/// its OCSP responder, by method 2 of its certificate.
fn access(method: u8, url: &str) -> anyhow::Result<CustomExtension> {
    let uri = [&[0x86, u8::try_from(url.len())?][..], url.as_bytes()].concat();
    let access = [&[6, 8, 0x2b, 6, 1, 5, 5, 7, 0x30, method][..], &uri].concat();
    let access = der(0x30, &der(0x30, &access));
    Ok(CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], access))
}

fn authority(name: &str) -> anyhow::Result<CertificateParams> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name.push(DnType::CommonName, name);
    if name.starts_with("Lab ") {
        params.distinguished_name.push(DnType::OrganizationName, "Lab");
    }
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    set_validity(&mut params, now() - 365 * DAY, now() + 3_650 * DAY);
    Ok(params)
}

/// Writes a value in DER form.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let low = |octets: usize| octets.to_le_bytes()[0];
    let head = match length {
        0..0x80 => vec![tag, low(length)],
        0x80..0x100 => vec![tag, 0x81, low(length)],
        _ => vec![tag, 0x82, low(length >> 8), low(length)],
    };
    [&head, content].concat()
}

/// Writes a time, in seconds since 1970, as `20261102100000Z`.
fn generalized_time(seconds: u64) -> String {
    let time = date_time_ymd(1970, 1, 1) + Duration::from_secs(seconds);
    let (month, day) = (u8::from(time.month()), time.day());
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    format!("{:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z", time.year())
}

/// Sets the validity, in seconds since 1970.
fn set_validity(params: &mut CertificateParams, from: u64, to: u64) {
    params.not_before = date_time_ymd(1970, 1, 1) + Duration::from_secs(from);
    params.not_after = date_time_ymd(1970, 1, 1) + Duration::from_secs(to);
}

#[expect(clippy::disallowed_methods, reason = "certificates of the lab are valid today")]
fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}
