//! Evidence for tests: `example.com`, whose mail is protected in every way there is.

use std::net::IpAddr;

use model::{DAY_MS, Timestamp};

use super::{
    Fetched, Logo, MailAccess, MailEvidence, MailServer, MailTls, Mark, MarkFacts, MarkLogo, Mode,
    MtaSts, Policy, Reverse, Session, TlsaRecord,
};
use crate::check::Missing;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::certificate::CertificateFacts;
use crate::modules::ssl_tls::trust::Trust;
use crate::modules::ssl_tls::{ChainEvidence, Handshake};

/// A chain in which nothing is wrong.
pub(super) fn chain(name: &str) -> ChainEvidence {
    let date = |text: &str| Timestamp::parse(text).unwrap();
    ChainEvidence {
        certificates: vec![CertificateFacts {
            not_before: date("2026-11-01T00:00:00Z"),
            not_after: date("2027-01-30T00:00:00Z"),
            ..CertificateFacts::plain(name)
        }],
        trust: Trust::Trusted,
        public: true,
        ordered: true,
        name_matches: true,
    }
}

/// A mail server in which nothing is wrong.
pub(super) fn server(name: &str) -> MailServer {
    let address = IpAddr::from([192, 0, 2, 1]);
    MailServer {
        name: name.to_owned(),
        address: Some(address),
        session: Ok(Session {
            greeting_name: name.to_owned(),
            extensions: vec!["STARTTLS".to_owned(), "SIZE 1000".to_owned()],
        }),
        tls: Some(MailTls {
            handshake: Ok(Handshake {
                version: "TLSv1_3".to_owned(),
                suite: "TLS13_AES_128_GCM_SHA256".to_owned(),
                group: None,
                alpn: None,
            }),
            failed: None,
            chain: Ok(chain(name)),
            old_versions: Ok(Vec::new()),
            broken_suite: Ok(None),
        }),
        injection: None,
        tlsa: Ok(vec![tlsa(3, 1, 1)]),
        signed: Ok(true),
        reverse: vec![Reverse { address, names: Ok(vec![name.to_owned()]), confirmed: Ok(true) }],
    }
}

/// A TLSA record that matches.
pub(super) fn tlsa(usage: u8, selector: u8, matching: u8) -> TlsaRecord {
    let length = if matching == 2 { 64 } else { 32 };
    let data = "ab".repeat(length);
    TlsaRecord { usage, selector, matching, data, length, matches: Some(true) }
}

/// The evidence of a scan on 2026-11-24, with one thing changed.
pub(super) fn seen(change: impl FnOnce(&mut MailEvidence)) -> Evidence {
    let policy = Policy {
        mode: Some(Mode::Enforce),
        max_age: Some(1_209_600),
        patterns: vec!["mx.example.com".to_owned()],
        problems: Vec::new(),
    };
    let fetched =
        Fetched::Answered { chain: Ok(chain("mta-sts.example.com")), status: 200, policy };
    let mut mail = MailEvidence {
        domain: "example.com".to_owned(),
        exchanges: Ok(vec!["mx.example.com".to_owned()]),
        servers: vec![server("mx.example.com")],
        mta_sts: Ok(MtaSts {
            records: vec!["v=STSv1; id=1".to_owned()],
            fetched: Some(Ok(fetched)),
        }),
        tls_rpt: Ok(vec!["v=TLSRPTv1; rua=mailto:tls@example.com".to_owned()]),
        bimi: Ok(vec![
            "v=BIMI1; l=https://example.com/l.svg; a=https://example.com/a.pem".to_owned(),
        ]),
        bimi_logo: Some(Ok(Logo::Fetched { problems: Vec::new() })),
        bimi_mark: Some(Ok(mark(|_| ()))),
        enforced: Ok(true),
        access: Ok(MailAccess::default()),
    };
    change(&mut mail);
    let seen_at = Timestamp::parse("2026-11-24T00:00:00Z");
    Evidence { seen_at, mail: Some(mail), ..Evidence::default() }
}

/// [`seen`] with one thing changed at the mail server.
pub(super) fn at_server(change: impl FnOnce(&mut MailServer)) -> Evidence {
    seen(|mail| change(&mut mail.servers[0]))
}

/// [`seen`] with one thing changed in its TLS.
pub(super) fn in_tls(change: impl FnOnce(&mut MailTls)) -> Evidence {
    at_server(|server| change(server.tls.as_mut().unwrap()))
}

/// [`seen`] with one thing changed in the certificate of the mail server.
pub(super) fn in_chain(change: impl FnOnce(&mut ChainEvidence)) -> Evidence {
    in_tls(|tls| change(tls.chain.as_mut().unwrap()))
}

/// What protects mail whose server shows a certificate with one thing changed, for other modules.
pub(crate) fn showing(change: impl FnOnce(&mut CertificateFacts)) -> MailEvidence {
    let evidence = in_chain(|chain| change(&mut chain.certificates[0]));
    evidence.mail.unwrap()
}

/// [`seen`] with one thing changed in what the policy host answered.
pub(super) fn in_policy(
    change: impl FnOnce(&mut u16, &mut ChainEvidence, &mut Policy),
) -> Evidence {
    seen(|mail| {
        let fetched = mail.mta_sts.as_mut().unwrap().fetched.as_mut().unwrap();
        if let Ok(Fetched::Answered { chain: Ok(chain), status, policy }) = fetched {
            change(status, chain, policy);
        }
    })
}

/// A domain whose mail server cannot be reached from here.
pub(super) fn unreached() -> Evidence {
    at_server(|server| {
        server.session = Err(Missing("silence".to_owned()));
        server.tls = None;
    })
}

/// A domain without mail.
pub(super) fn no_mail() -> Evidence {
    seen(|mail| {
        mail.exchanges = Ok(Vec::new());
        mail.servers = Vec::new();
    })
}

/// A mark certificate in which nothing is wrong but for one change.
pub(super) fn mark(change: impl FnOnce(&mut MarkFacts)) -> Mark {
    let mut facts = MarkFacts {
        issuer: "CN=Marks".to_owned(),
        not_before: Timestamp(0),
        not_after: Timestamp(40_000 * DAY_MS),
        names: vec!["example.com".to_owned()],
        covers: true,
        is_for_marks: true,
        logo: MarkLogo::Same,
    };
    change(&mut facts);
    Mark::Fetched(facts)
}
