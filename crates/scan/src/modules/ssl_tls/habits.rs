//! What a server does beside listing versions and suites: without a name, for who comes back, with
//! what nobody knows, over UDP, and at port 80. One or two connections a question, asked once the
//! suites are known; a question for which none is left is not asked.

use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::PORT;
use super::certificate::CertificateFacts;
use super::listing::Lister;
use super::wire::hello::{ClientHello, SSL3, Shares, TLS12, TLS13, Variation};
use super::wire::reply::Reply;
use crate::check::{Missing, Seen};
use crate::net::{Net, NetError, TlsConnection, USER_AGENT};

/// Connections that all questions together may take at port 443.
pub(super) const MOST_CONNECTIONS: u32 = 7;
/// The suite that says "I have been here with a newer version" (RFC 7507).
const FALLBACK_SCSV: u16 = 0x5600;
/// The alert that answers it.
const INAPPROPRIATE_FALLBACK: u8 = 86;
/// How long port 80 may take to answer.
const UPGRADE_TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes of an HTTP answer whose headers are looked at.
const MOST_HEADER_BYTES: usize = 16 * 1024;

/// What a server does in other situations than the usual one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Habits {
    /// The leaf that a client gets that names no host; none when it is refused.
    pub nameless: Seen<Option<CertificateFacts>>,
    pub session: Seen<Session>,
    /// Whether what nobody knows is ignored (RFC 8701).
    pub ignores_unknown: Seen<bool>,
    /// Whether a retry with an older version is noticed (RFC 7507); none when there is no version
    /// before TLS 1.2 to fall back to.
    pub notices_fallback: Seen<Option<bool>>,
    /// Whether TLS 1.2 signs key exchanges over SHA-1 when it is asked to; none when it signs none.
    pub signs_sha1: Seen<Option<bool>>,
    /// What answers over UDP; none when HTTP/3 is not advertised.
    pub quic: Seen<Option<Quic>>,
    /// Whether port 80 turns plain HTTP into TLS on request (RFC 2817); none when it is closed.
    pub upgrades: Seen<Option<bool>>,
}

/// What a client that may come back is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub resumable: bool,
    /// Bytes that may be sent before the handshake is finished (0-RTT); 0 is none.
    pub early_data: u32,
    /// Whether the answer over HTTP advertises HTTP/3 (RFC 9114, section 3.1.1); unknown when there
    /// was none.
    pub advertises_http3: Option<bool>,
}

/// What came of a QUIC packet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quic {
    /// The versions that are spoken, at most 16.
    Speaks(Vec<u32>),
    /// The port is closed.
    Refused,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            nameless: Err(Missing::not_probed()),
            session: Err(Missing::not_probed()),
            ignores_unknown: Err(Missing::not_probed()),
            notices_fallback: Err(Missing::not_probed()),
            signs_sha1: Err(Missing::not_probed()),
            quic: Err(Missing::not_probed()),
            upgrades: Err(Missing::not_probed()),
        }
    }
}

/// What the questions rest on.
pub(super) struct Known {
    /// The newest version that was answered by hand, with a suite.
    pub(super) newest: Option<(u16, u16)>,
    /// The newest version before TLS 1.2 with its suites, when a newer one is offered too.
    pub(super) fallback: Option<(u16, Vec<u16>)>,
    /// Suites of TLS 1.2 that sign a key exchange.
    pub(super) signing: Vec<u16>,
}

/// Asks everything.
pub(super) async fn ask(lister: &Lister<'_>, known: &Known) -> Habits {
    let (net, address, name) = (lister.net, lister.address, lister.name);
    let session_and_quic = async {
        let (session, http3) = session(lister).await;
        let quic = match http3 {
            Ok(Http3::Here) => quic(net, address).await.map(Some),
            Ok(Http3::Elsewhere(place)) => {
                Err(Missing(format!("HTTP/3 is advertised at `{place}`, which was not asked")))
            }
            Ok(Http3::Not) => Ok(None),
            Err(missing) => Err(missing),
        };
        (session, quic)
    };
    let ((session, quic), nameless, ignores_unknown, notices_fallback, signs_sha1, upgrades) = tokio::join!(
        session_and_quic,
        nameless(lister),
        ignores_unknown(lister, known.newest),
        notices_fallback(lister, known.fallback.as_ref()),
        signs_sha1(lister, &known.signing),
        upgrades(net, address, name),
    );
    Habits { nameless, session, ignores_unknown, notices_fallback, signs_sha1, quic, upgrades }
}

async fn nameless(lister: &Lister<'_>) -> Seen<Option<CertificateFacts>> {
    let asking = || async {
        lister.spend()?;
        lister.net.tls_nameless(lister.address, PORT).await
    };
    match lister.surely(asking).await {
        Ok(connection) => {
            Ok(connection.chain.first().and_then(|leaf| CertificateFacts::read(leaf)))
        }
        Err(NetError::Protocol(_) | NetError::Closed) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Asks for the front page, since what resumes a session comes with the answer. Returns beside it
/// where the answer advertises HTTP/3.
async fn session(lister: &Lister<'_>) -> (Seen<Session>, Seen<Http3>) {
    match ask_session(lister).await {
        Ok((session, http3)) => (Ok(session), http3),
        Err(missing) => (Err(missing.clone()), Err(missing)),
    }
}

async fn ask_session(lister: &Lister<'_>) -> Seen<(Session, Seen<Http3>)> {
    lister.spend()?;
    let name = lister.name;
    let (connection, tickets) = lister.net.tls_resumable(lister.address, PORT, name).await?;
    let answer = front_page(connection, name).await;
    // What was handed out counts, whatever became of the page.
    let http3 = match answer {
        Err(error) if !tickets.any() => return Err(error.into()),
        Err(_) => Err(Missing("the site did not answer over HTTP".to_owned())),
        Ok(answer) => Ok(http3(&answer, name)),
    };
    let session = Session {
        resumable: tickets.any(),
        early_data: tickets.early_data(),
        advertises_http3: http3.as_ref().ok().map(|http3| *http3 != Http3::Not),
    };
    Ok((session, http3))
}

/// Asks for the front page and reads its headers, or as much of them as there is.
async fn front_page(connection: TlsConnection, name: &str) -> Result<Vec<u8>, NetError> {
    let mut stream = connection.stream;
    let request = format!(
        "GET / HTTP/1.1\r\nHost: {name}\r\nUser-Agent: {USER_AGENT}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    let mut part = [0; 2_048];
    while answer.len() < MOST_HEADER_BYTES && !ends_headers(&answer) {
        match stream.read(&mut part).await {
            Ok(0) if answer.is_empty() => return Err(NetError::Closed),
            Ok(0) => break,
            Ok(read) => answer.extend(&part[..read]),
            Err(_) if !answer.is_empty() => break,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(answer)
}

fn ends_headers(answer: &[u8]) -> bool {
    answer.windows(4).any(|four| four == b"\r\n\r\n")
}

/// Where HTTP/3 is to be had.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Http3 {
    Not,
    /// At UDP port 443 of the host itself.
    Here,
    /// At another port or host, as the header has it.
    Elsewhere(String),
}

/// Reads where an `Alt-Svc` header offers `h3` (RFC 7838, section 3).
fn http3(answer: &[u8], host: &str) -> Http3 {
    let text = String::from_utf8_lossy(answer).to_ascii_lowercase();
    let services = text.lines().filter_map(|line| line.strip_prefix("alt-svc:"));
    let mut elsewhere = Http3::Not;
    for service in services.flat_map(|list| list.split(',')) {
        let Some(value) = service.trim().strip_prefix("h3=") else { continue };
        let value = value.split(';').next().unwrap_or_default().trim();
        let place = value.trim_matches('"');
        match place.rsplit_once(':') {
            Some((name, "443")) if name.is_empty() || name == host => return Http3::Here,
            _ => {
                let shown = place.chars().filter(char::is_ascii_graphic).take(64);
                elsewhere = Http3::Elsewhere(shown.collect());
            }
        }
    }
    elsewhere
}

async fn ignores_unknown(lister: &Lister<'_>, newest: Option<(u16, u16)>) -> Seen<bool> {
    let Some((version, suite)) = newest.filter(|(version, _)| *version > SSL3) else {
        return Err(Missing("no hello was answered that has extensions".to_owned()));
    };
    let groups = ClientHello::all_groups();
    let shares = if version == TLS13 { Shares::LooksReal } else { Shares::None };
    let hello =
        ClientHello { version, name: lister.name, suites: &[suite], groups: &groups, shares };
    let greased = hello.varied(Variation::Greased);
    if !is_refused(lister.ask_with(&greased).await)? {
        return Ok(true);
    }
    // The same hello without it tells a dislike from having had enough of us, and so does the same
    // once more.
    match is_refused(lister.ask_with(&hello.to_bytes()).await)? {
        false => Ok(!is_refused(lister.ask_with(&greased).await)?),
        true => Err(Missing("the usual hello is refused as well".to_owned())),
    }
}

fn is_refused(answer: Result<Reply, NetError>) -> Seen<bool> {
    match answer {
        Ok(Reply::Hello(_)) => Ok(false),
        Ok(Reply::Alert(_)) | Err(NetError::Closed) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

async fn notices_fallback(
    lister: &Lister<'_>,
    fallback: Option<&(u16, Vec<u16>)>,
) -> Seen<Option<bool>> {
    let Some((version, suites)) = fallback else { return Ok(None) };
    let mut suites = suites.clone();
    suites.push(FALLBACK_SCSV);
    let groups = ClientHello::all_groups();
    let hello = ClientHello {
        version: *version,
        name: lister.name,
        suites: &suites,
        groups: &groups,
        shares: Shares::None,
    };
    match lister.ask_with(&hello.to_bytes()).await? {
        Reply::Alert(INAPPROPRIATE_FALLBACK) => Ok(Some(true)),
        Reply::Hello(_) => Ok(Some(false)),
        Reply::Alert(other) => Err(Missing(format!("the server answered with alert {other}"))),
    }
}

async fn signs_sha1(lister: &Lister<'_>, suites: &[u16]) -> Seen<Option<bool>> {
    if suites.is_empty() {
        return Ok(None);
    }
    let groups = ClientHello::all_groups();
    let hello = ClientHello {
        version: TLS12,
        name: lister.name,
        suites,
        groups: &groups,
        shares: Shares::None,
    };
    match lister.ask_with(&hello.varied(Variation::Sha1Signatures)).await {
        Ok(Reply::Hello(hello)) => match hello.signature {
            Some(scheme) => Ok(Some(scheme >> 8 == 2)),
            None => Err(Missing("the server did not say how it signs".to_owned())),
        },
        Ok(Reply::Alert(_)) | Err(NetError::Closed) => Ok(Some(false)),
        Err(error) => Err(error.into()),
    }
}

/// Sends a packet of a version that does not exist: who speaks QUIC has to answer with those it
/// speaks (RFC 9000, section 6.1).
async fn quic(net: &Net, address: IpAddr) -> Seen<Quic> {
    match net.datagram(address, PORT, &quic_packet()).await {
        Ok(answer) => quic_versions(&answer)
            .map(Quic::Speaks)
            .ok_or_else(|| Missing("what came back over UDP is not QUIC".to_owned())),
        Err(NetError::Refused) => Ok(Quic::Refused),
        Err(error) => Err(Missing(format!("UDP port {PORT} of {address}: {error}"))),
    }
}

/// Our connection ids: the server's, then ours, as the answer has to return them.
const IDS: [[u8; 8]; 2] = [*b"complian", *b"celayer!"];

fn quic_packet() -> Vec<u8> {
    let mut packet = vec![0xc0];
    packet.extend(0x1a2a_3a4a_u32.to_be_bytes());
    for id in IDS {
        packet.push(8);
        packet.extend(id);
    }
    // A server does not answer what is smaller (RFC 9000, section 14.1).
    packet.resize(1_200, 0);
    packet
}

/// Reads a Version Negotiation packet that answers ours (RFC 9000, section 17.2.1).
fn quic_versions(answer: &[u8]) -> Option<Vec<u32>> {
    let rest = match answer {
        [first, 0, 0, 0, 0, rest @ ..] if first & 0x80 != 0 => rest,
        _ => return None,
    };
    let rest = rest.strip_prefix(&[8])?.strip_prefix(&IDS[1])?;
    let rest = rest.strip_prefix(&[8])?.strip_prefix(&IDS[0])?;
    let versions =
        rest.chunks_exact(4).map(|four| u32::from_be_bytes([four[0], four[1], four[2], four[3]]));
    Some(versions.take(16).collect())
}

/// Asks port 80 to go on in TLS on the same connection.
async fn upgrades(net: &Net, address: IpAddr, name: &str) -> Seen<Option<bool>> {
    let asking = async {
        let mut connection = net.open_for(address, 80, UPGRADE_TIMEOUT, MOST_HEADER_BYTES).await?;
        let request = format!(
            "OPTIONS * HTTP/1.1\r\nHost: {name}\r\nUser-Agent: {USER_AGENT}\r\n\
             Upgrade: TLS/1.0\r\nConnection: Upgrade\r\n\r\n"
        );
        connection.send(request.as_bytes()).await?;
        connection.line(1_024).await
    };
    match asking.await {
        Ok(line) => {
            let mut words = line.split(' ');
            let is_http = words.next().is_some_and(|word| word.starts_with("HTTP/1."));
            Ok(Some(is_http && words.next() == Some("101")))
        }
        Err(NetError::Refused) => Ok(None),
        // Who hangs up does not go on.
        Err(NetError::Closed) => Ok(Some(false)),
        Err(error) => Err(Missing(format!("port 80 of {address}: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quic_answers_with_its_versions() {
        let mut answer = vec![0x9a, 0, 0, 0, 0];
        for id in [IDS[1], IDS[0]] {
            answer.push(8);
            answer.extend(id);
        }
        answer.extend([0, 0, 0, 1, 0x6b, 0x33, 0x43, 0xcf]);
        assert_eq!(quic_versions(&answer), Some(vec![1, 0x6b33_43cf]));
        assert_eq!(quic_versions(&quic_packet()), None, "an echo is no answer");
        assert_eq!(quic_versions(&answer[..12]), None);
        assert!(quic_packet().len() >= 1_200);
    }

    #[test]
    fn http3_is_advertised_by_a_header() {
        let with = |header: &str| {
            http3(format!("HTTP/1.1 200 OK\r\n{header}\r\n\r\n").as_bytes(), "example.com")
        };
        assert_eq!(with("Alt-Svc: h2=\":443\", h3=\":443\"; ma=86400"), Http3::Here);
        assert_eq!(with("Alt-Svc: h3=\":8443\", h3=\"example.com:443\""), Http3::Here);
        for none in ["Alt-Svc: h3-29=\":443\"", "X-Alt-Svc: h3=\":443\"", "Alt-Svc: clear"] {
            assert_eq!(with(none), Http3::Not, "{none}");
        }
    }

    #[test]
    fn http3_at_another_place_is_not_asked_for_at_this_one() {
        let with = |value: &str| http3(format!("Alt-Svc: h3={value}\r\n\r\n").as_bytes(), "a.test");
        assert_eq!(with("\":8443\"; ma=60"), Http3::Elsewhere(":8443".to_owned()));
        assert_eq!(with("\"other.test:443\""), Http3::Elsewhere("other.test:443".to_owned()));
    }
}
