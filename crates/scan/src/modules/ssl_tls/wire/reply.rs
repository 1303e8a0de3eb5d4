//! Reads what a server answers to a hello. Never panics; what is not understood is no evidence.

use tokio::time::Duration;

use super::hello::{TLS12, TLS13};
use crate::net::{Connection, NetError};

/// Bytes of handshake messages that are read.
const MOST_BYTES: usize = 128 * 1024;
/// Records and alerts that are read; a flight has a handful.
const MOST_RECORDS: usize = 64;
/// Certificates of one flight that are kept.
const MOST_CERTIFICATES: usize = 10;
/// How long an answer may take.
pub(crate) const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// Bytes of one record: 2^14 and what encryption may add (RFC 5246, section 6.2.3).
const MOST_RECORD_BYTES: usize = 0x4800;

const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const CLOSE_NOTIFY: u8 = 0;

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reply {
    /// The description of an alert (RFC 8446, section 6).
    Alert(u8),
    Hello(Box<ServerHello>),
}

/// A ServerHello and what followed it in clear.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ServerHello {
    pub(crate) version: u16,
    pub(crate) suite: u16,
    pub(crate) compression: u8,
    pub(crate) extensions: Vec<u16>,
    /// The group of TLS 1.3, also when the server only asks for it.
    pub(crate) group: Option<u16>,
    /// The chain in DER form, leaf first, at most ten; TLS 1.3 encrypts it.
    pub(crate) certificates: Vec<Vec<u8>>,
    /// The OCSP response that was stapled (RFC 6066, section 8).
    pub(crate) stapled: Option<Vec<u8>>,
    /// The list of timestamps of logs (RFC 6962, section 3.3.1).
    pub(crate) timestamps: Vec<u8>,
    pub(crate) exchange: Option<Exchange>,
    /// How the key exchange of TLS 1.2 is signed (RFC 8446, section 4.2.3).
    pub(crate) signature: Option<u16>,
}

/// The parameters of an ephemeral key exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exchange {
    /// A named curve.
    Curve(u16),
    /// The bits of a Diffie-Hellman prime, and whose it is when many servers share it.
    Prime(usize, Option<&'static str>),
}

/// Sends bytes that are a hello over a connection of its own, and reads the answer.
pub(crate) async fn ask_over(mut connection: Connection, hello: &[u8]) -> Result<Reply, NetError> {
    connection.send(hello).await?;
    read(&mut connection).await
}

/// Reads one answer: an alert, a ServerHello of TLS 1.3, or everything to ServerHelloDone.
pub(crate) async fn read(connection: &mut Connection) -> Result<Reply, NetError> {
    let mut messages = Vec::new();
    let mut warning = None;
    for _ in 0..MOST_RECORDS {
        let (kind, body) = match record(connection).await {
            Ok(record) => record,
            // A server that stops in the middle has still said hello, or why it will not.
            Err(error) => {
                return finished(&messages).or(warning.map(Reply::Alert)).ok_or(error);
            }
        };
        match (kind, body.as_slice()) {
            (ALERT, alert) if is_warning(alert) => warning = alert.get(1).copied(),
            (ALERT, [_, reason, ..]) if messages.is_empty() => return Ok(Reply::Alert(*reason)),
            (HANDSHAKE, body) => messages.extend(body),
            _ => {
                return finished(&messages)
                    .ok_or_else(|| NetError::Protocol("no ServerHello".to_owned()));
            }
        }
        if let Some(reply) = whole(&messages) {
            return Ok(reply);
        }
        if messages.len() > MOST_BYTES {
            break;
        }
    }
    finished(&messages).ok_or(NetError::TooMuch)
}

/// Reads one record: its type and what it carries.
pub(crate) async fn record(connection: &mut Connection) -> Result<(u8, Vec<u8>), NetError> {
    let mut head = [0; 5];
    connection.fill(&mut head).await?;
    let length = usize::from(u16::from_be_bytes([head[3], head[4]]));
    if head[1] != 3 || !(20..=24).contains(&head[0]) || length > MOST_RECORD_BYTES {
        return Err(NetError::Protocol("the server does not speak TLS".to_owned()));
    }
    let mut body = vec![0; length];
    connection.fill(&mut body).await?;
    Ok((head[0], body))
}

/// Returns whether an alert is a mere warning, such as `unrecognized_name`: it refuses nothing, the
/// hello is still to come. A server that closes in peace has ended it all the same.
fn is_warning(alert: &[u8]) -> bool {
    matches!(alert, [1, description] if *description != CLOSE_NOTIFY)
}

/// Returns the answer once it is whole.
fn whole(messages: &[u8]) -> Option<Reply> {
    let (hello, ended) = parse(messages)?;
    (ended || hello.version == TLS13).then(|| Reply::Hello(Box::new(hello)))
}

/// Returns the answer as far as it came.
fn finished(messages: &[u8]) -> Option<Reply> {
    parse(messages).map(|(hello, _)| Reply::Hello(Box::new(hello)))
}

/// Parses handshake messages; `true` when ServerHelloDone is among them. `None` until the
/// ServerHello is there.
pub(crate) fn parse(messages: &[u8]) -> Option<(ServerHello, bool)> {
    let mut reader = Reader(messages);
    let mut hello = None;
    while let Some(kind) = reader.u8() {
        let Some(body) = reader.u24().and_then(|length| reader.take(length)) else { break };
        match (kind, &mut hello) {
            (2, None) => hello = Some(server_hello(body)?),
            (11, Some(hello)) => hello.certificates = certificates(body),
            (22, Some(hello)) => hello.stapled = Some(stapled(body)),
            (12, Some(hello)) => {
                hello.exchange = exchange(hello.suite, body);
                hello.signature = signature(hello, body);
            }
            (14, Some(_)) => return hello.map(|hello| (hello, true)),
            _ => {}
        }
    }
    hello.map(|hello| (hello, false))
}

fn server_hello(body: &[u8]) -> Option<ServerHello> {
    let mut reader = Reader(body);
    let mut hello = ServerHello { version: reader.u16()?, ..ServerHello::default() };
    reader.take(32)?;
    let session = usize::from(reader.u8()?);
    reader.take(session)?;
    hello.suite = reader.u16()?;
    hello.compression = reader.u8()?;
    let Some(length) = reader.u16() else { return Some(hello) };
    let mut extensions = Reader(reader.take(usize::from(length))?);
    while let Some(id) = extensions.u16() {
        let length = usize::from(extensions.u16()?);
        let body = extensions.take(length)?;
        hello.extensions.push(id);
        match (id, body) {
            (43, [high, low]) => hello.version = u16::from_be_bytes([*high, *low]),
            (18, list) => hello.timestamps = list.to_vec(),
            (51, [high, low, ..]) => hello.group = Some(u16::from_be_bytes([*high, *low])),
            _ => {}
        }
    }
    Some(hello)
}

/// Returns the certificates of a TLS 1.2 Certificate message.
fn certificates(body: &[u8]) -> Vec<Vec<u8>> {
    let mut reader = Reader(body);
    let list = reader.u24().and_then(|length| reader.take(length)).unwrap_or_default();
    let mut list = Reader(list);
    let next = || list.u24().and_then(|length| list.take(length)).map(<[u8]>::to_vec);
    std::iter::from_fn(next).take(MOST_CERTIFICATES).collect()
}

/// Returns the OCSP response of a CertificateStatus message; nothing when it is of another kind.
fn stapled(body: &[u8]) -> Vec<u8> {
    let mut reader = Reader(body);
    let response = match reader.u8() {
        Some(1) => reader.u24().and_then(|length| reader.take(length)),
        _ => None,
    };
    response.unwrap_or_default().to_vec()
}

fn exchange(suite: u16, body: &[u8]) -> Option<Exchange> {
    let mut reader = Reader(body);
    let name = super::suites::suite_name(suite);
    if name.starts_with("TLS_ECDH") {
        return (reader.u8()? == 3).then(|| reader.u16().map(Exchange::Curve)).flatten();
    }
    if !name.starts_with("TLS_DH") {
        return None;
    }
    let length = usize::from(reader.u16()?);
    let prime = reader.take(length)?;
    let significant = prime.iter().position(|octet| *octet != 0)?;
    let bits = (prime.len() - significant) * 8 - prime[significant].leading_zeros() as usize;
    Some(Exchange::Prime(bits, super::primes::shared(&prime[significant..])))
}

/// Returns how the parameters of a ServerKeyExchange are signed; before TLS 1.2 it is not said.
fn signature(hello: &ServerHello, body: &[u8]) -> Option<u16> {
    let mut reader = Reader(body);
    if hello.version != TLS12 || super::suites::has(hello.suite, super::suites::Trait::Anonymous) {
        return None;
    }
    match hello.exchange? {
        Exchange::Curve(_) => {
            reader.take(3)?;
            let point = usize::from(reader.u8()?);
            reader.take(point)?;
        }
        Exchange::Prime(..) => {
            for _ in 0..3 {
                let part = usize::from(reader.u16()?);
                reader.take(part)?;
            }
        }
    }
    reader.u16()
}

/// Returns whether a SERVER-HELLO of SSL 2.0 may begin with these three bytes.
pub(crate) fn may_be_ssl2_hello(bytes: &[u8]) -> bool {
    matches!(bytes, [high, _, 4] if high & 0x80 != 0)
}

/// Returns whether bytes begin a SERVER-HELLO of SSL 2.0 with at least one suite.
pub(crate) fn is_ssl2_hello(bytes: &[u8]) -> bool {
    let mut reader = Reader(bytes);
    let announced = reader.u16().is_some_and(|length| length & 0x8000 != 0);
    let kind = reader.u8() == Some(4);
    let header = reader.take(2).is_some();
    let version = reader.u16() == Some(2);
    let suites = reader.u16().is_some() && reader.u16().is_some_and(|length| length >= 3);
    announced && kind && header && version && suites
}

/// Returns whether an alert says that the version is not offered, whatever the suites.
pub(crate) fn refuses_version(alert: u8) -> bool {
    alert == 70
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1).map(|octet| octet[0])
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
    }

    fn u24(&mut self) -> Option<usize> {
        self.take(3).map(|three| {
            usize::from(three[0]) << 16 | usize::from(three[1]) << 8 | usize::from(three[2])
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_the_bits_of_a_prime() {
        let mut body = vec![0, 3, 0, 0x0f, 0xff];
        body.extend([0, 1, 2]);
        assert_eq!(exchange(0x0033, &body), Some(Exchange::Prime(12, None)));
        assert_eq!(exchange(0xc02f, &[3, 0, 29]), Some(Exchange::Curve(29)));
        assert_eq!(exchange(0x002f, &[3, 0, 29]), None);
    }

    #[test]
    fn reads_how_the_key_exchange_is_signed() {
        let signed = |suite, body: &[u8]| {
            let exchange = exchange(suite, body);
            let hello = ServerHello { version: TLS12, suite, exchange, ..ServerHello::default() };
            signature(&hello, body)
        };
        assert_eq!(signed(0xc02f, &[3, 0, 29, 2, 9, 9, 2, 1, 0, 0]), Some(0x0201));
        assert_eq!(signed(0x0033, &[0, 1, 5, 0, 1, 2, 0, 1, 3, 4, 1, 0, 0]), Some(0x0401));
        assert_eq!(signed(0x0034, &[0, 1, 5, 0, 1, 2, 0, 1, 3]), None);
        assert_eq!(signed(0xc02f, &[3, 0, 29, 9, 9]), None);
    }

    /// ServerHello, Certificate with two entries, CertificateStatus, ServerHelloDone.
    fn flight() -> Vec<u8> {
        let mut hello = vec![3, 3];
        hello.extend([7; 32]);
        hello.extend([0, 0xc0, 0x2f, 0, 0, 8, 0, 18, 0, 0, 0, 23, 0, 0]);
        let mut messages = vec![2, 0, 0, hello.len() as u8];
        messages.extend(hello);
        messages.extend([11, 0, 0, 12, 0, 0, 9, 0, 0, 2, 1, 2, 0, 0, 1, 3]);
        messages.extend([22, 0, 0, 6, 1, 0, 0, 2, 5, 6, 14, 0, 0, 0]);
        messages
    }

    #[test]
    fn reads_a_flight_in_clear() {
        let (hello, ended) = parse(&flight()).unwrap();
        assert!(ended && hello.stapled == Some(vec![5, 6]));
        assert_eq!((hello.version, hello.suite), (0x0303, 0xc02f));
        assert_eq!(hello.extensions, [18, 23]);
        assert_eq!(hello.certificates, [vec![1, 2], vec![3]]);
    }

    #[test]
    fn a_flight_cut_short_still_says_hello() {
        let all = flight();
        let (hello, ended) = parse(&all[..all.len() - 4]).unwrap();
        assert!(!ended && hello.suite == 0xc02f);
        assert_eq!(parse(&all[..20]), None);
    }

    #[test]
    fn a_warning_refuses_nothing() {
        assert!(is_warning(&[1, 112]));
        assert!(!is_warning(&[2, 40]) && !is_warning(&[1, CLOSE_NOTIFY]) && !is_warning(&[]));
    }

    proptest! {
        #[test]
        fn parsing_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            parse(&bytes);
            is_ssl2_hello(&bytes);
            let mut framed = vec![2, 0, 1, 0];
            framed.extend(&bytes);
            parse(&framed);
        }
    }
}
