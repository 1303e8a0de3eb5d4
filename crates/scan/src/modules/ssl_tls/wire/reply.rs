//! Reads what a server answers to a hello. Never panics; what is not understood is no evidence.

use tokio::time::Duration;

use super::hello::TLS13;
use crate::net::{Connection, NetError};

/// Bytes of handshake messages that are read.
const MOST_BYTES: usize = 128 * 1024;
/// How long an answer may take.
pub(crate) const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

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
    pub(crate) certificates: usize,
    pub(crate) exchange: Option<Exchange>,
}

/// The parameters of an ephemeral key exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exchange {
    /// A named curve.
    Curve(u16),
    /// The bits of a Diffie-Hellman prime.
    Prime(usize),
}

/// Reads one answer: an alert, a ServerHello of TLS 1.3, or everything to ServerHelloDone.
pub(crate) async fn read(connection: &mut Connection) -> Result<Reply, NetError> {
    let mut messages = Vec::new();
    loop {
        let mut head = [0; 5];
        match connection.fill(&mut head).await {
            // A server that stops in the middle has still said hello.
            Err(_) if !messages.is_empty() => return finished(&messages).ok_or(NetError::Closed),
            read => read?,
        }
        let length = usize::from(u16::from_be_bytes([head[3], head[4]]));
        if head[1] != 3 || !(20..=24).contains(&head[0]) || length > 0x4800 {
            return Err(NetError::Protocol("the server does not speak TLS".to_owned()));
        }
        let mut body = vec![0; length];
        connection.fill(&mut body).await?;
        match head[0] {
            21 if messages.is_empty() => {
                let alert = body.get(1).copied();
                return alert
                    .map(Reply::Alert)
                    .ok_or_else(|| NetError::Protocol("an alert without a reason".to_owned()));
            }
            22 => messages.extend(body),
            _ => {
                return finished(&messages)
                    .ok_or_else(|| NetError::Protocol("no ServerHello".to_owned()));
            }
        }
        if let Some(reply) = whole(&messages) {
            return Ok(reply);
        }
        if messages.len() > MOST_BYTES {
            return Err(NetError::TooMuch);
        }
    }
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
            (12, Some(hello)) => hello.exchange = exchange(hello.suite, body),
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
            (51, [high, low, ..]) => hello.group = Some(u16::from_be_bytes([*high, *low])),
            _ => {}
        }
    }
    Some(hello)
}

/// Counts the certificates of a TLS 1.2 Certificate message.
fn certificates(body: &[u8]) -> usize {
    let mut reader = Reader(body);
    let Some(list) = reader.u24().and_then(|length| reader.take(length)) else { return 0 };
    let mut list = Reader(list);
    let mut count = 0;
    while list.u24().and_then(|length| list.take(length)).is_some() {
        count += 1;
    }
    count
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
    Some(Exchange::Prime(bits))
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
        assert_eq!(exchange(0x0033, &body), Some(Exchange::Prime(12)));
        assert_eq!(exchange(0xc02f, &[3, 0, 29]), Some(Exchange::Curve(29)));
        assert_eq!(exchange(0x002f, &[3, 0, 29]), None);
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
