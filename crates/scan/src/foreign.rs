//! Every parser of bytes that others write, behind one door.
//!
//! [`PARSERS`] is the one list: the fuzz targets in `fuzz/` call these functions, and the tests
//! below run each over its committed seeds and over what a property test makes of them. None may
//! panic, hang or keep more than its bounds allow. What a parser makes is judged where a check
//! takes it as it is, so the checks are driven too.
//!
//! To add a parser: a function, its line in [`PARSERS`], `fuzz/fuzz_targets/<name>.rs`, and seeds in
//! `fuzz/seeds/<name>/`. A house rule finds the one that was forgotten.

use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::task::{Context, Poll};

use hickory_proto::op::Message;
use hickory_proto::rr::{Name, RData, RecordType};
use model::Timestamp;
use rustls_pki_types::CertificateDer;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::catalogue::MODULES;
use crate::evidence::Evidence;
use crate::judge;
use crate::kev::ExploitedFlaws;
use crate::modules::breaches::list;
use crate::modules::cookies::ReceivedCookie;
use crate::modules::dns_email::rpki::origins;
use crate::modules::dns_email::rpki::vrps::Vrps;
use crate::modules::dns_email::svcb::ech::{self, EchConfigs};
use crate::modules::dns_email::{caa, dkim, dmarc, spf};
use crate::modules::dnssec::denial::Proofs;
use crate::modules::dnssec::signature::{RecordSet, Work};
use crate::modules::email_auth::bimi::{Mark, mark, picture};
use crate::modules::email_auth::{MailEvidence, MtaSts, injection, policy};
use crate::modules::http_headers::evidence::{End, Hop, HttpEvidence, Walk};
use crate::modules::http_headers::location::Place;
use crate::modules::http_headers::{exposure, framing, leak, markup, securitytxt};
use crate::modules::javascript::{flaws, libraries, sri};
use crate::modules::open_ports::{greeting, ssh};
use crate::modules::reputation::feed::Feed;
use crate::modules::ssl_tls::certificate::{self, CertificateFacts};
use crate::modules::ssl_tls::{ocsp, revocation, session, timestamps, trust, wire};
use crate::modules::subdomains::transparency;
use crate::modules::tech_stack::products;
use crate::modules::waf::block_sign;
use crate::modules::whois::{self, rdap};
use crate::net::{Answer, HttpRequest, Scheme, Table, chain, http, smtp};

/// A parser with its name, that of its fuzz target and of the folder of its seeds.
pub type Parser = (&'static str, fn(&[u8]));

/// All of them.
pub const PARSERS: &[Parser] = &[
    ("breach_list", breach_list),
    ("caa", caa),
    ("certificate", certificate),
    ("dkim", dkim),
    ("dmarc", dmarc),
    ("dns_message", dns_message),
    ("ech_configs", ech_configs),
    ("exploited_flaws", exploited_flaws),
    ("greeting", greeting),
    ("http_response", http_response),
    ("leaked_file", leaked_file),
    ("location", location),
    ("logo", logo),
    ("mail_records", mail_records),
    ("malware_feed", malware_feed),
    ("mark_certificate", mark_certificate),
    ("markup", markup),
    ("mta_sts_policy", mta_sts_policy),
    ("ocsp_response", ocsp_response),
    ("rdap", rdap),
    ("revocation_list", revocation_list),
    ("route_origins", route_origins),
    ("security_txt", security_txt),
    ("set_cookie", set_cookie),
    ("smtp_reply", smtp_reply),
    ("spf", spf),
    ("ssh", ssh),
    ("stored_evidence", stored_evidence),
    ("timestamp_list", timestamp_list),
    ("tls_reply", tls_reply),
    ("tls_session", tls_session),
    ("transparency", transparency),
    ("vrps", vrps),
    ("whois", whois),
];

/// Noon of a day in 2026, in milliseconds since 1970.
const NOW: Timestamp = Timestamp(1_795_521_600_000);
const DOMAIN: &str = "example.com";
const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

/// What a TLS server answers to a hello (`ssl_tls::wire::reply`).
pub fn tls_reply(bytes: &[u8]) {
    wire::reply::is_ssl2_hello(bytes);
    wire::reply::may_be_ssl2_hello(bytes);
    let Some((hello, _)) = wire::reply::parse(bytes) else { return };
    assert!(hello.certificates.len() <= 10, "a chain is bounded");
    for der in &hello.certificates {
        certificate(der);
    }
}

/// What a TLS server says in a handshake that is finished, and after it (`ssl_tls::session`).
pub fn tls_session(bytes: &[u8]) {
    session::read_all(bytes);
}

/// A certificate in DER form, as the leaf of a chain and as the rest of it.
pub fn certificate(bytes: &[u8]) {
    certificate::is_for(bytes, DOMAIN);
    let Some(facts) = CertificateFacts::read(bytes) else { return };
    assert!(facts.names.len() <= 100, "names are bounded");
    let der = CertificateDer::from(bytes);
    let (sent, facts) = ([der.clone(), der], [facts.clone(), facts]);
    trust::judge(&sent, &facts, webpki_roots::TLS_SERVER_ROOTS, NOW);
}

/// A DNS message, with its records as answers and as signed proofs.
pub fn dns_message(bytes: &[u8]) {
    let Ok(message) = Message::from_vec(bytes) else { return };
    let Some(query) = message.queries.first() else { return };
    let aliases = chain(query.name(), &message.answers).len();
    assert!(aliases <= 17, "aliases are bounded");
    let records = message.answers.iter().map(|record| record.data.clone()).collect();
    let answer = Answer { exists: true, records, aliases: Vec::new() };
    for text in answer.texts() {
        spf(text.as_bytes());
        dmarc(text.as_bytes());
    }
    for data in &answer.records {
        if let RData::CAA(property) = data {
            caa(&property.value);
        }
    }
    let root = Name::root();
    let work = Work::new(NOW.unix_seconds());
    let keys = RecordSet::find(&message.answers, query.name(), RecordType::DNSKEY);
    let keys = keys.as_ref().map(RecordSet::keys).unwrap_or_default();
    for zone in [&root, query.name()] {
        for record in message.answers.iter().take(8) {
            if let Some(set) = RecordSet::find(&message.answers, &record.name, record.record_type())
            {
                let _judged = set.verify(zone, &keys, &work);
                set.ds();
                set.expanded_from();
            }
        }
        if let Ok(proofs) = Proofs::read(&message, zone, &keys, &work) {
            proofs.parameters();
            proofs.denies_closer_match(query.name(), 1);
            let code = message.metadata.response_code;
            let _denied = proofs.deny(query.name(), query.query_type(), code);
        }
    }
}

/// An SPF record, without what it includes.
pub fn spf(bytes: &[u8]) {
    let text = text(bytes);
    spf::SpfRecord::is_spf(&text);
    let record = spf::SpfRecord::parse(&text);
    record.redirect();
    let evidence = spf::SpfEvidence {
        texts: vec![text],
        record: Some(record),
        ledger: spf::Ledger::default(),
    };
    judge(dns(|dns| dns.spf = Ok(evidence)));
}

/// A DMARC record, at the domain itself.
pub fn dmarc(bytes: &[u8]) {
    let text = text(bytes);
    dmarc::DmarcRecord::is_dmarc(&text);
    let level = dmarc::Level { name: DOMAIN.to_owned(), texts: vec![text] };
    let evidence = dmarc::DmarcEvidence::from_walk(vec![level]);
    judge(dns(|dns| dns.dmarc = Ok(evidence)));
}

/// A DKIM key record.
pub fn dkim(bytes: &[u8]) {
    let Some(key) = dkim::DkimKey::parse("selector1", &text(bytes)) else { return };
    let evidence = dkim::DkimEvidence { keys: vec![key], tried: 20, unseen: None };
    judge(dns(|dns| dns.dkim = Ok(evidence)));
}

/// The value of a CAA property, under each tag that means something.
pub fn caa(bytes: &[u8]) {
    let value: String = text(bytes).chars().take(255).collect();
    caa::Issuer::parse(&value);
    let property =
        |tag: &str| caa::CaaProperty { critical: true, tag: tag.to_owned(), value: value.clone() };
    let properties = ["issue", "issuewild", "iodef", "else"].into_iter().map(property).collect();
    let found_at = Some(DOMAIN.to_owned());
    judge(dns(|dns| dns.caa = Ok(caa::CaaEvidence { found_at, properties })));
}

/// An MTA-STS policy file.
pub fn mta_sts_policy(bytes: &[u8]) {
    let policy = policy::Policy::parse(&text(bytes));
    assert!(policy.patterns.len() <= 50, "patterns are bounded");
    policy.lists("mx.example.com");
}

/// The records of MTA-STS, TLS-RPT and BIMI, all three from one text.
pub fn mail_records(bytes: &[u8]) {
    let records = vec![text(bytes)];
    judge(Evidence {
        mail: Some(MailEvidence {
            domain: DOMAIN.to_owned(),
            exchanges: Ok(vec!["mx.example.com".to_owned()]),
            servers: Vec::new(),
            mta_sts: Ok(MtaSts { records: records.clone(), fetched: None }),
            tls_rpt: Ok(records.clone()),
            bimi: Ok(records),
            bimi_logo: None,
            bimi_mark: None,
            enforced: Ok(true),
            access: Err(crate::check::Missing::not_probed()),
        }),
        ..evidence()
    });
}

/// A whole response of a web server, from the status line on, and what is made of its page.
pub fn http_response(bytes: &[u8]) {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let Ok(runtime) = runtime else { return };
    let request = HttpRequest {
        method: ::http::Method::GET,
        scheme: Scheme::Https,
        host: DOMAIN,
        address: ADDRESS,
        port: 443,
        path: "/",
        headers: &[],
    };
    let said = Said { bytes: bytes.to_vec(), told: 0 };
    let Ok(response) = runtime.block_on(http::exchange(said, &request, http::BODY_BYTES)) else {
        return;
    };
    assert!(response.body.len() <= 512 * 1024 && response.headers.len() <= 200, "bounded");
    let blocked = block_sign(&response);
    let cookies = response.all("set-cookie").map(ReceivedCookie::receive).collect();
    framing::options::FrameOptions::parse(response.all("x-frame-options"));
    let (meta, markup) = markup::read("https://example.com/", &response.body, response.truncated);
    let hop = Hop {
        scheme: Scheme::Https,
        host: DOMAIN.to_owned(),
        path: "/".to_owned(),
        address: ADDRESS,
        status: response.status,
        headers: response.headers,
        cookies,
        meta,
        blocked,
    };
    products::products(&hop, Some(&markup));
    let walk = Walk { hops: vec![hop], end: End::Answered };
    judge(Evidence {
        http: Some(HttpEvidence {
            domain: DOMAIN.to_owned(),
            address: Some(ADDRESS),
            secure: walk.clone(),
            plain: walk,
            markup: Ok(markup),
            ..HttpEvidence::default()
        }),
        ..evidence()
    });
}

/// A page.
pub fn markup(bytes: &[u8]) {
    let (_, markup) = markup::read("https://example.com/a/", bytes, false);
    for loaded in libraries::loaded(&markup) {
        flaws::flaws(&loaded);
        loaded.label();
    }
    for resource in &markup.resources {
        resource.url();
        resource.integrity.as_deref().map(sri::integrity::problem);
    }
}

/// A `Location` header.
pub fn location(bytes: &[u8]) {
    let start = Place::root(Scheme::Https, DOMAIN);
    if let Ok(next) = start.resolve(&text(bytes)) {
        // Whatever it is, it is a place that can be asked for, and leads on.
        assert!([80, 443].contains(&next.port) && next.path.starts_with('/'), "{next:?}");
        let _further = next.resolve("../x?y");
    }
}

/// A `Set-Cookie` header.
pub fn set_cookie(bytes: &[u8]) {
    let cookie = ReceivedCookie::receive(&text(bytes));
    cookie.domain();
    cookie.path();
    cookie.same_site();
    cookie.lifetime(NOW.unix_seconds());
}

/// A security.txt file.
pub fn security_txt(bytes: &[u8]) {
    let file = securitytxt::file::SecurityTxt::parse(&text(bytes));
    file.expiry();
    file.problems();
}

/// Files that should not be there.
pub fn leaked_file(bytes: &[u8]) {
    leak::git_head(bytes);
    leak::variable_names(bytes);
    exposure::listing(bytes);
    for file in exposure::FILES {
        (file.recognise)(bytes);
    }
}

/// What a port says first.
pub fn greeting(bytes: &[u8]) {
    greeting::service(bytes);
    let product = greeting::product(bytes).unwrap_or_default();
    assert!(product.len() <= 64, "{product}");
}

/// An SSH server's identification, and its packet of algorithms after it.
pub fn ssh(bytes: &[u8]) {
    let Some((server, end)) = ssh::identification(bytes) else { return };
    ssh::algorithms(server, &bytes[end..]);
}

/// Lines of a mail server.
pub fn smtp_reply(bytes: &[u8]) {
    for line in text(bytes).lines() {
        let _read = smtp::reply_line(line);
    }
    assert!(injection::replies(bytes) <= bytes.len(), "a reply has octets");
}

/// An answer of a certificate transparency search.
pub fn transparency(bytes: &[u8]) {
    let names = transparency::read(&text(bytes), DOMAIN).unwrap_or_default();
    assert!(names.iter().all(|name| transparency::is_below(name, DOMAIN)), "names of others");
}

/// The evidence of a stored report, judged by every check.
pub fn stored_evidence(bytes: &[u8]) {
    if let Ok(evidence) = serde_json::from_slice(bytes) {
        judge(evidence);
    }
}

/// A list of breaches.
pub fn breach_list(bytes: &[u8]) {
    list::read(bytes, DOMAIN);
}

/// The picture of a BIMI record.
pub fn logo(bytes: &[u8]) {
    assert!(picture::problems(bytes).len() <= 100, "what is wrong is said in a few clauses");
}

/// A list of hosts and addresses that spread malware.
pub fn malware_feed(bytes: &[u8]) {
    if let Some(feed) = Feed::read(&text(bytes)) {
        feed.listed(DOMAIN, DOMAIN);
    }
}

/// The certificate that vouches for a BIMI logo.
pub fn mark_certificate(bytes: &[u8]) {
    if let Mark::Fetched(facts) = mark::read(bytes, DOMAIN, Some(bytes)) {
        assert!(facts.names.len() <= 5, "names are bounded");
    }
}

/// CISA's catalogue of exploited flaws.
pub fn exploited_flaws(bytes: &[u8]) {
    <ExploitedFlaws as Table>::read(bytes);
}

/// A table of routes, and what a zone answers for an address.
pub fn route_origins(bytes: &[u8]) {
    if let Some(table) = <origins::Routes as Table>::read(bytes) {
        table.of(ADDRESS);
    }
    let announced = origins::answer(&[text(bytes)], ADDRESS);
    assert!(announced.is_none_or(|route| route.systems.len() <= 8), "systems are bounded");
}

/// Validated ROA payloads.
pub fn vrps(bytes: &[u8]) {
    if let Some(table) = <Vrps as Table>::read(bytes) {
        table.judge(ADDRESS, 24, 64_500);
    }
}

/// The answer of a registry over RDAP.
pub fn rdap(bytes: &[u8]) {
    if let Ok(answer) = serde_json::from_slice(bytes) {
        rdap::read(&answer, DOMAIN, "rdap.example");
    }
}

/// A list of revoked certificates, and what it says of a certificate.
pub fn revocation_list(bytes: &[u8]) {
    let leaf = include_bytes!("../../../fuzz/seeds/certificate/ec");
    let sent = [CertificateDer::from(leaf.as_slice()), CertificateDer::from(leaf.as_slice())];
    drop(revocation::read(bytes, &sent, "http://crl.example/", NOW));
}

/// What an OCSP responder says of a certificate.
pub fn ocsp_response(bytes: &[u8]) {
    let leaf = include_bytes!("../../../fuzz/seeds/certificate/ec");
    let sent = [CertificateDer::from(leaf.as_slice()), CertificateDer::from(leaf.as_slice())];
    drop(ocsp::read(bytes, &sent, NOW));
}

/// Timestamps that logs signed.
pub fn timestamp_list(bytes: &[u8]) {
    let sent = [
        CertificateDer::from(include_bytes!("../../../fuzz/seeds/certificate/logged").as_slice()),
        CertificateDer::from(bytes),
    ];
    timestamps::drive(bytes, &sent, NOW);
    timestamps::drive(bytes, &sent[1..], NOW);
}

/// Keys for encrypting the name of a site.
pub fn ech_configs(bytes: &[u8]) {
    if let EchConfigs::Usable(configs) = ech::read(bytes) {
        assert!(configs.len() <= 8 && configs.iter().all(|one| one.public_name.len() <= 255));
    }
}

/// The answer of a registry over WHOIS.
pub fn whois(bytes: &[u8]) {
    whois::text::read(&text(bytes), "whois.example");
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn evidence() -> Evidence {
    Evidence { seen_at: Some(NOW), addresses: Some(vec![ADDRESS]), ..Evidence::default() }
}

fn dns(fill: impl FnOnce(&mut crate::modules::dns_email::DnsEmailEvidence)) -> Evidence {
    let mut dns_email = crate::modules::dns_email::DnsEmailEvidence::default();
    fill(&mut dns_email);
    Evidence { dns_email: Some(dns_email), ..evidence() }
}

/// Runs every check, and holds what must be true of each module's result.
fn judge(evidence: Evidence) {
    for module in MODULES {
        let report = judge::module(module, &evidence);
        assert!(report.score.is_none_or(|score| score <= 100), "{report:?}");
    }
}

/// A server that says what it has to say, and hears nothing.
struct Said {
    bytes: Vec<u8>,
    told: usize,
}

impl AsyncRead for Said {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let rest = &self.bytes[self.told..];
        let part = rest.len().min(buf.remaining());
        buf.put_slice(&rest[..part]);
        self.told += part;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Said {
    fn poll_write(
        self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::{Duration, Instant};

    use proptest::prelude::*;

    use super::*;

    /// What one input may take, in a slow build on a busy machine.
    const PATIENCE: Duration = Duration::from_secs(10);

    fn seeds(name: &str) -> Vec<Vec<u8>> {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(name);
        let files = std::fs::read_dir(folder).unwrap();
        files.map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
    }

    #[test]
    fn every_parser_bears_its_seeds() {
        for (name, parse) in PARSERS {
            let seeds = seeds(name);
            assert!(!seeds.is_empty(), "{name} has no seeds");
            for seed in seeds {
                let began = Instant::now();
                parse(&seed);
                // Cut short anywhere, and with its second half first.
                for end in (0..seed.len()).step_by(seed.len() / 40 + 1) {
                    parse(&seed[..end]);
                }
                parse(&[&seed[seed.len() / 2..], &seed].concat());
                assert!(began.elapsed() < PATIENCE, "{name} took {:?}", began.elapsed());
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn no_parser_panics_or_hangs(
            noise in proptest::collection::vec(any::<u8>(), 0..400),
            pick in any::<prop::sample::Index>(),
            places in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        ) {
            for (name, parse) in PARSERS {
                let began = Instant::now();
                parse(&noise);
                let seeds = seeds(name);
                let mut changed = pick.get(&seeds).clone();
                for (place, octet) in &places {
                    if !changed.is_empty() {
                        let place = place.index(changed.len());
                        changed[place] = *octet;
                    }
                }
                parse(&changed);
                let inside = pick.index(changed.len() + 1);
                changed.splice(inside..inside, noise.iter().copied());
                parse(&changed);
                prop_assert!(began.elapsed() < PATIENCE, "{} took {:?}", name, began.elapsed());
            }
        }
    }
}
