//! Asks for the services that a domain announces to mail programs, or looks at its own mail server
//! where it announces none. One session a service, and up to three hellos more under TLS.

use std::net::IpAddr;
use std::time::Duration;

use futures_util::future::join_all;
use hickory_proto::rr::{RData, RecordType};
use tokio::time::{Instant, timeout_at};

use super::{AccessAnswer, AccessPlace, MailAccess, Service};
use crate::check::{Missing, Seen};
use crate::modules::ssl_tls::judge_chain;
use crate::modules::ssl_tls::listing::{Entry, Lister};
use crate::modules::ssl_tls::wire::hello::{SSL3, TLS10, TLS11};
use crate::modules::ssl_tls::wire::suites::{broken_and_others, predates_tls12};
use crate::net::{Net, NetError};

/// How long one session may last.
const SESSION_TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes read of a handshake.
const HANDSHAKE_BYTES: usize = 256 * 1024;
/// Hellos of old versions: three, and as many to see whether a reset means no.
const OLD_HELLOS: u32 = 12;
/// Suites in one hello: some servers drop longer ones.
const MOST_SUITES: usize = 110;

/// A service at a host; an announced one has to be there.
struct Candidate {
    service: Service,
    host: String,
    port: u16,
    announced: bool,
}

pub(in crate::modules::email_auth) async fn look(
    net: &Net,
    domain: &str,
    exchanges: &[String],
    until: Instant,
) -> Seen<MailAccess> {
    // Who announces anything announces IMAP: the other questions are for those who do.
    let mut candidates = Vec::new();
    let (first, others) = Service::ALL.split_at(2);
    for services in [first, others] {
        let asked = services.iter().map(|service| announced(net, domain, *service));
        for (service, answer) in services.iter().zip(join_all(asked).await) {
            if let Some((host, port)) = answer? {
                candidates.push(Candidate { service: *service, host, port, announced: true });
            }
        }
        if candidates.is_empty() {
            break;
        }
    }
    let announced = candidates.iter().map(|candidate| candidate.service).collect::<Vec<_>>();
    let own = exchanges.first().filter(|name| net.is_own(name));
    if let (true, Some(host)) = (announced.is_empty(), own) {
        candidates = Service::ALL
            .map(|service| {
                let port = service.name_and_port().1;
                Candidate { service, host: host.clone(), port, announced: false }
            })
            .into();
    }
    let places = candidates.into_iter().map(|candidate| async {
        let late = Missing("the time for mail servers was over".to_owned());
        let (service, host) = (candidate.service, candidate.host.clone());
        let known = candidate.announced;
        let place = timeout_at(until, place(net, candidate)).await;
        place.unwrap_or_else(|_| {
            known.then_some(AccessPlace { service, host, address: None, answer: Err(late) })
        })
    });
    let places = join_all(places).await.into_iter().flatten().collect();
    Ok(MailAccess { announced, places })
}

/// Returns where the SRV record of lowest priority leads; a target of `.` is no service (RFC 6186,
/// section 3.4).
async fn announced(net: &Net, domain: &str, service: Service) -> Seen<Option<(String, u16)>> {
    let name = format!("_{}._tcp.{domain}", service.name_and_port().0);
    let answer = net.lookup(&name, RecordType::SRV).await?;
    let records = answer.records.iter().filter_map(|data| match data {
        RData::SRV(record) => Some(record),
        _ => None,
    });
    let first = records.min_by_key(|record| (record.priority, record.target.to_string()));
    let place = first.map(|record| {
        let host = record.target.to_ascii().trim_end_matches('.').to_ascii_lowercase();
        (host, record.port)
    });
    Ok(place.filter(|(host, _)| !host.is_empty()))
}

/// Looks at one service; none when nobody announced it and nothing is there.
async fn place(net: &Net, candidate: Candidate) -> Option<AccessPlace> {
    let Candidate { service, host, port, announced } = candidate;
    let (address, answer) = match address_of(net, &host, service, port).await {
        Err(missing) => (None, Err(missing)),
        Ok(address) => (Some(address), ask(net, address, &host, service, port).await),
    };
    let answer = match answer {
        Ok(answer) => Ok(answer),
        Err(_) if !announced => return None,
        Err(missing) => Err(missing),
    };
    Some(AccessPlace { service, host, address, answer })
}

/// Returns the address to ask. Ports are those of the services and no others, lest a record leads us
/// anywhere.
async fn address_of(net: &Net, host: &str, service: Service, port: u16) -> Seen<IpAddr> {
    if port != service.name_and_port().1 {
        return Err(Missing(format!("port {port} is not one that is looked at")));
    }
    let (allowed, refused) = net.addresses(host).await?;
    match (allowed.first(), refused.first()) {
        (Some(address), _) => Ok(*address),
        (None, Some((address, reason))) => Err(Missing(format!("{address} is {reason}"))),
        (None, None) => Err(Missing("the name has no address".to_owned())),
    }
}

async fn ask(
    net: &Net,
    address: IpAddr,
    host: &str,
    service: Service,
    port: u16,
) -> Seen<AccessAnswer> {
    let offers_tls = match service {
        Service::Imap => net.imap_offers_tls(address, port, SESSION_TIMEOUT).await,
        Service::Pop3 => net.pop3_offers_tls(address, port, SESSION_TIMEOUT).await,
        Service::Submission => submission_offers_tls(net, address, port).await,
        Service::Imaps | Service::Pop3s | Service::Submissions => {
            return Ok(under_tls(net, address, host, port).await?);
        }
    };
    Ok(AccessAnswer::Clear { offers_tls: offers_tls? })
}

async fn submission_offers_tls(net: &Net, address: IpAddr, port: u16) -> Result<bool, NetError> {
    let session = net.smtp_at(address, port, SESSION_TIMEOUT).await?;
    let offered = session.offers("STARTTLS");
    session.quit().await;
    Ok(offered)
}

/// Shakes hands as a current mail program does, then asks for old versions.
async fn under_tls(
    net: &Net,
    address: IpAddr,
    host: &str,
    port: u16,
) -> Result<AccessAnswer, NetError> {
    let connection = net.open_for(address, port, SESSION_TIMEOUT, HANDSHAKE_BYTES).await?;
    let chain = match net.tls_over(connection, host).await {
        Ok(agreed) => judge_chain(net, host, &agreed.chain).await,
        // What cannot be reached says nothing; what speaks no current TLS may speak an old one.
        Err(error @ NetError::Protocol(_)) => Err(error.into()),
        Err(error) => return Err(error),
    };
    let lister = Lister::new(net, address, host, OLD_HELLOS).entering(Entry::TlsAt(port));
    let mut old: Vec<u16> =
        broken_and_others().concat().into_iter().filter(|suite| predates_tls12(*suite)).collect();
    old.truncate(MOST_SUITES);
    let mut taken = Ok(Vec::new());
    for version in [TLS11, TLS10, SSL3] {
        match (lister.taken(version, &old).await, &mut taken) {
            (Ok(Some(_)), Ok(taken)) => taken.push(version),
            (Ok(None), _) | (_, Err(_)) => {}
            (Err(missing), _) => taken = Err(missing),
        }
    }
    Ok(AccessAnswer::Tls { chain, old_versions: taken })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use lab::{Dns, Lab, LabBuilder, LegacyServer, Mail, Service as Port, Tls, Web};
    use model::Timestamp;

    use super::*;
    use crate::net::Shared;
    use crate::settings::{PortTarget, Settings};

    const HOST: &str = "mail.shop.test";

    async fn looked_at(dns: Dns, lab: LabBuilder, exchanges: &[&str]) -> MailAccess {
        let lab = lab.dns(dns.record(HOST, "A", "127.0.0.1")).start().await.unwrap();
        let mut settings = Settings {
            resolver: Some(lab.resolver),
            allow_private_networks: true,
            extra_roots: vec![lab.authority.root_der()],
            ..Settings::default()
        };
        for (port, place) in &lab.ports {
            // TLS is TLS, whatever comes after the handshake.
            let port = match port {
                443 => 993,
                25 => 587,
                other => *other,
            };
            settings.port_overrides.insert(port, PortTarget::Address(*place));
        }
        let net = Net::new(Arc::new(Shared::new(settings).unwrap()), now());
        let exchanges: Vec<_> = exchanges.iter().map(|name| (*name).to_owned()).collect();
        look(&net, "shop.test", &exchanges, net.deadline()).await.unwrap()
    }

    #[expect(clippy::disallowed_methods, reason = "the lab's certificates are valid today")]
    fn now() -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        Timestamp(i64::try_from(since.as_millis()).unwrap())
    }

    fn announcing(names: &[&str]) -> Dns {
        names.iter().fold(Dns::default(), |dns, record| {
            let (name, rest) = record.split_once(' ').unwrap();
            dns.record(&format!("_{name}._tcp.shop.test"), "SRV", rest)
        })
    }

    #[tokio::test]
    async fn announced_services_are_asked_what_they_offer() {
        let imap = "* OK ready\r\n* CAPABILITY IMAP4rev2 STARTTLS LOGINDISABLED\r\na OK done\r\n";
        let pop3 = "+OK ready\r\n+OK\r\nTOP\r\n.\r\n";
        let lab = Lab::builder()
            .https(Tls::modern(&[HOST]), Web::default())
            .smtp(Mail::NoStartTls)
            .service(143, Port::greets(imap))
            .service(110, Port::greets(pop3));
        let dns = announcing(&[
            "imaps 0 1 993 mail.shop.test.",
            "imap 0 1 143 mail.shop.test.",
            "pop3 0 1 110 mail.shop.test.",
            "submission 0 1 587 mail.shop.test.",
            "submissions 0 1 2465 mail.shop.test.",
            "pop3s 0 0 0 .",
        ]);
        let seen = looked_at(dns, lab, &[]).await;
        let answers: Vec<_> =
            seen.places.iter().map(|place| (place.service, place.answer.clone())).collect();
        let [(_, imaps), (_, imap), (_, pop3), (_, submissions), (_, submission)] =
            answers.as_slice()
        else {
            panic!("{answers:?}")
        };
        let Ok(AccessAnswer::Tls { chain: Ok(chain), old_versions }) = imaps else {
            panic!("{imaps:?}")
        };
        assert!(chain.name_matches && old_versions == &Ok(Vec::new()), "{imaps:?}");
        assert_eq!(imap, &Ok(AccessAnswer::Clear { offers_tls: true }));
        assert_eq!(pop3, &Ok(AccessAnswer::Clear { offers_tls: false }));
        assert_eq!(submission, &Ok(AccessAnswer::Clear { offers_tls: false }));
        assert!(submissions.as_ref().is_err_and(|why| why.0.contains("2465")), "{submissions:?}");
    }

    #[tokio::test]
    async fn a_mail_server_of_ones_own_is_looked_at_without_an_announcement() {
        let old = LegacyServer::new(&[HOST], &[(0x0301, &[0x002f])]);
        let lab = Lab::builder().https(Tls::Legacy(old), Web::default());
        let seen = looked_at(Dns::default(), lab, &[HOST]).await;
        assert!(seen.announced.is_empty());
        let [place] = seen.places.as_slice() else { panic!("{:?}", seen.places) };
        assert_eq!(place.service, Service::Imaps);
        let Ok(AccessAnswer::Tls { chain: Err(_), old_versions }) = &place.answer else {
            panic!("{place:?}")
        };
        assert_eq!(old_versions, &Ok(vec![TLS10]));
    }

    #[tokio::test]
    async fn a_server_that_says_nothing_is_not_seen() {
        let lab = Lab::builder().service(143, Port::HangsUp);
        let seen = looked_at(announcing(&["imap 0 1 143 mail.shop.test."]), lab, &[]).await;
        assert_eq!(seen.places[0].answer, Err(Missing("the server hung up".to_owned())));
    }
}
