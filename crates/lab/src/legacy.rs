//! Hello messages of SSL 2.0 to TLS 1.3, written by hand, for versions and suites that no library
//! serves any more. The handshake is never finished, since everything a prober needs is in clear
//! before, unless the server has a [`Flaw`]: then `flaw` goes on with it.

use rustls_pki_types::CertificateDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::certificate::Chain;
use crate::flaw::{self, Flaw};

/// What a hand-written server offers.
#[derive(Debug, Clone)]
pub struct LegacyServer {
    pub names: Vec<String>,
    pub chain: Chain,
    /// Versions with their suites, in the server's order; `0x0300` is SSL 3.0, `0x0304` TLS 1.3.
    pub versions: Vec<(u16, Vec<u16>)>,
    /// Whether the server's order decides, and not the client's.
    pub server_order: bool,
    /// Named groups, in the server's order.
    pub groups: Vec<u16>,
    /// Bits of the Diffie-Hellman prime of DHE suites.
    pub dh_bits: usize,
    pub ssl2: bool,
    /// DEFLATE when the client offers it.
    pub compression: bool,
    pub secure_renegotiation: bool,
    pub extended_master_secret: bool,
    pub heartbeat: bool,
    /// Notices a client that comes back with an older version (RFC 7507).
    pub fallback_scsv: bool,
    /// Signs over SHA-1 for a client that asks for it.
    pub sha1_signatures: bool,
    /// Refuses values that nobody knows (RFC 8701), which it should ignore.
    pub refuses_unknown: bool,
    /// Says no by resetting the connection instead of by an alert.
    pub resets: bool,
    /// How it goes on after its hello; a server without any hangs up there.
    pub flaw: Option<Flaw>,
}

impl LegacyServer {
    /// Returns a server of TLS 1.2 with one suite, `TLS_RSA_WITH_AES_128_CBC_SHA`, that finishes
    /// handshakes in its own way.
    pub fn flawed(names: &[&str], flaw: Flaw) -> Self {
        let versions: &[(u16, &[u16])] = &[(0x0303, &[flaw::SUITE])];
        Self {
            heartbeat: true,
            extended_master_secret: false,
            flaw: Some(flaw),
            ..Self::new(names, versions)
        }
    }

    /// Returns a server of those versions with everything else well kept.
    pub fn new(names: &[&str], versions: &[(u16, &[u16])]) -> Self {
        Self {
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            chain: Chain::Good,
            versions: versions
                .iter()
                .map(|(version, suites)| (*version, suites.to_vec()))
                .collect(),
            server_order: true,
            groups: vec![29, 23],
            dh_bits: 2_048,
            ssl2: false,
            compression: false,
            secure_renegotiation: true,
            extended_master_secret: true,
            heartbeat: false,
            fallback_scsv: true,
            sha1_signatures: false,
            refuses_unknown: false,
            resets: false,
            flaw: None,
        }
    }
}

/// The parts of a ClientHello that decide the answer.
#[derive(Debug, Default)]
struct Hello {
    version: u16,
    random: Vec<u8>,
    session_id: Vec<u8>,
    suites: Vec<u16>,
    compressions: Vec<u8>,
    groups: Vec<u16>,
    supported_versions: Vec<u16>,
    key_shares: Vec<u16>,
    signatures: Vec<u16>,
    extensions: Vec<u16>,
    ticket: Vec<u8>,
}

const ALERT_PROTOCOL_VERSION: u8 = 70;
const ALERT_HANDSHAKE_FAILURE: u8 = 40;
const ALERT_INAPPROPRIATE_FALLBACK: u8 = 86;
/// One of the values that stand for what is not invented yet.
const GREASE_SUITE: u16 = 0x0a0a;
/// The random of a HelloRetryRequest (RFC 8446, section 4.1.3).
const RETRY_RANDOM: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

pub(crate) async fn serve(
    mut tcp: TcpStream,
    server: &LegacyServer,
    chain: &[CertificateDer<'static>],
) -> anyhow::Result<()> {
    let mut head = [0; 5];
    tcp.read_exact(&mut head).await?;
    if head[0] & 0x80 != 0 && head[2] == 1 {
        let length = (usize::from(head[0] & 0x7f) << 8 | usize::from(head[1])).saturating_sub(3);
        let mut rest = vec![0; length];
        tcp.read_exact(&mut rest).await?;
        if server.ssl2 {
            tcp.write_all(&ssl2_hello(&chain[0])).await?;
        }
        return Ok(());
    }
    let mut record = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
    tcp.read_exact(&mut record).await?;
    let Some(hello) = read_hello(&record) else { return Ok(()) };
    let answer = answer(server, &hello, chain);
    let (greeted, reply) = match answer {
        Ok(reply) => (true, reply),
        Err(_) if server.resets => return Ok(tcp.set_zero_linger()?),
        Err(alert) => {
            let version = hello.version.min(0x0303).to_be_bytes();
            (false, vec![21, version[0], version[1], 0, 2, 2, alert])
        }
    };
    tcp.write_all(&reply).await?;
    if let (true, Some(flaw)) = (greeted, server.flaw) {
        let messages = [record, flaw::messages(&reply)].concat();
        return flaw::go_on(tcp, flaw, flaw::Begun { random: hello.random, messages }).await;
    }
    // Wait for the client to go, so that it reads everything first. One that goes on with the
    // handshake is hung up on.
    let _rest = tcp.read(&mut [0; 256]).await?;
    Ok(())
}

fn answer(
    server: &LegacyServer,
    hello: &Hello,
    chain: &[CertificateDer<'static>],
) -> Result<Vec<u8>, u8> {
    let offered = |version: u16| match hello.supported_versions.is_empty() {
        true => version <= hello.version && version < 0x0304,
        false => hello.supported_versions.contains(&version),
    };
    let (version, suites) = server
        .versions
        .iter()
        .filter(|(version, _)| offered(*version))
        .max_by_key(|(version, _)| *version)
        .ok_or(ALERT_PROTOCOL_VERSION)?;
    if server.refuses_unknown && hello.suites.contains(&GREASE_SUITE) {
        return Err(ALERT_HANDSHAKE_FAILURE);
    }
    let has_newer = server.versions.iter().any(|(newer, _)| newer > version);
    if server.fallback_scsv && has_newer && hello.suites.contains(&0x5600) {
        return Err(ALERT_INAPPROPRIATE_FALLBACK);
    }
    let both = |suite: &&u16| match server.server_order {
        true => hello.suites.contains(suite),
        false => suites.contains(suite),
    };
    let suite = match server.server_order {
        true => suites.iter().find(both),
        false => hello.suites.iter().find(both),
    };
    let suite = *suite.ok_or(ALERT_HANDSHAKE_FAILURE)?;
    let group = server.groups.iter().find(|group| hello.groups.contains(group)).copied();
    if *version == 0x0304 {
        let group = group.ok_or(ALERT_HANDSHAKE_FAILURE)?;
        return Ok(server_hello_13(suite, group, hello.key_shares.contains(&group)));
    }
    if is_ecdhe(suite) && group.is_none() && !hello.groups.is_empty() {
        return Err(ALERT_HANDSHAKE_FAILURE);
    }
    Ok(flight(server, hello, *version, suite, group.unwrap_or(23), chain))
}

/// ServerHello to ServerHelloDone, one record a message.
fn flight(
    server: &LegacyServer,
    hello: &Hello,
    version: u16,
    suite: u16,
    group: u16,
    chain: &[CertificateDer<'static>],
) -> Vec<u8> {
    let mut extensions = Vec::new();
    let mut extension = |id: u16, body: &[u8]| {
        extensions.extend(id.to_be_bytes());
        extensions.extend(length16(body));
        extensions.extend(body);
    };
    let scsv = hello.suites.contains(&0x00ff);
    if server.secure_renegotiation && (scsv || hello.extensions.contains(&0xff01)) {
        extension(0xff01, &[0]);
    }
    if server.extended_master_secret && hello.extensions.contains(&23) {
        extension(23, &[]);
    }
    if server.heartbeat && hello.extensions.contains(&15) {
        extension(15, &[1]);
    }
    let tickets = server.flaw.is_some() && hello.extensions.contains(&35);
    if tickets {
        extension(35, &[]);
    }
    let compression = u8::from(server.compression && hello.compressions.contains(&1));
    let mut body = version.to_be_bytes().to_vec();
    body.extend(flaw::RANDOM);
    // Who comes back with a ticket knows by its own session id that it is taken (RFC 5077, section
    // 3.4).
    let mut session_id = match hello.ticket.is_empty() {
        true => Vec::new(),
        false => hello.session_id.clone(),
    };
    if server.flaw == Some(Flaw::Ticketbleed) && !session_id.is_empty() {
        session_id.resize(32, 0xee);
    }
    body.push(u8::try_from(session_id.len()).unwrap_or(0));
    body.extend(session_id);
    body.extend(suite.to_be_bytes());
    body.push(compression);
    if !extensions.is_empty() {
        body.extend(length16(&extensions));
        body.extend(extensions);
    }
    // It takes what it likes, unless it can do as the client says.
    let scheme = match server.sha1_signatures && hello.signatures.iter().all(|all| all >> 8 == 2) {
        true => [2, 3],
        false => [4, 3],
    };
    let mut messages = message(2, &body);
    if !is_anonymous(suite) {
        let mut list = Vec::new();
        for certificate in chain {
            list.extend(length24(certificate));
            list.extend_from_slice(certificate);
        }
        let mut body = length24(&list).to_vec();
        body.extend(list);
        messages.extend(message(11, &body));
    }
    if is_ecdhe(suite) {
        let mut body = vec![3];
        body.extend(group.to_be_bytes());
        body.push(65);
        body.extend([4; 65]);
        body.extend(scheme);
        body.extend([0, 8, 1, 2, 3, 4, 5, 6, 7, 8]);
        messages.extend(message(12, &body));
    } else if is_dhe(suite) {
        let octets = server.dh_bits / 8;
        let mut body = Vec::new();
        for part in [vec![0xff; octets], vec![2], vec![3; octets]] {
            body.extend(length16(&part));
            body.extend(part);
        }
        body.extend(scheme);
        body.extend([0, 8, 1, 2, 3, 4, 5, 6, 7, 8]);
        messages.extend(message(12, &body));
    }
    messages.extend(message(14, &[]));
    let mut records = Vec::new();
    for part in messages.chunks(0x4000) {
        records.push(22);
        records.extend(version.to_be_bytes());
        records.extend(length16(part));
        records.extend(part);
    }
    records
}

/// A ServerHello when the client sent a share of the group, else a HelloRetryRequest.
fn server_hello_13(suite: u16, group: u16, has_share: bool) -> Vec<u8> {
    let mut extensions = vec![0, 43, 0, 2, 3, 4];
    match has_share {
        true => {
            extensions.extend([0, 51, 0, 36]);
            extensions.extend(group.to_be_bytes());
            extensions.extend([0, 32]);
            extensions.extend([9; 32]);
        }
        false => {
            extensions.extend([0, 51, 0, 2]);
            extensions.extend(group.to_be_bytes());
        }
    }
    let mut body = vec![3, 3];
    body.extend(if has_share { [7; 32] } else { RETRY_RANDOM });
    body.push(0);
    body.extend(suite.to_be_bytes());
    body.push(0);
    body.extend(length16(&extensions));
    body.extend(extensions);
    let message = message(2, &body);
    let mut record = vec![22, 3, 3];
    record.extend(length16(&message));
    record.extend(message);
    record
}

/// SERVER-HELLO of SSL 2.0 with two suites.
fn ssl2_hello(certificate: &[u8]) -> Vec<u8> {
    let suites = [1, 0, 0x80, 2, 0, 0x80];
    let connection = [5; 16];
    let mut body = vec![4, 0, 1, 0, 2];
    for part in [certificate, &suites, &connection] {
        body.extend(length16(part));
    }
    body.extend(certificate);
    body.extend(suites);
    body.extend(connection);
    let length = u16::try_from(body.len()).unwrap_or(0x7fff) | 0x8000;
    let mut record = length.to_be_bytes().to_vec();
    record.extend(body);
    record
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut message = vec![kind];
    message.extend(length24(body));
    message.extend(body);
    message
}

fn length16(body: &[u8]) -> [u8; 2] {
    u16::try_from(body.len()).unwrap_or(u16::MAX).to_be_bytes()
}

fn length24(body: &[u8]) -> [u8; 3] {
    let [_, a, b, c] = u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes();
    [a, b, c]
}

fn is_ecdhe(suite: u16) -> bool {
    matches!(suite, 0xc006..=0xc00a | 0xc010..=0xc019 | 0xc023..=0xc024 | 0xc027..=0xc028
        | 0xc02b..=0xc02c | 0xc02f..=0xc030 | 0xcca8..=0xcca9)
}

fn is_dhe(suite: u16) -> bool {
    matches!(suite, 0x0011..=0x001b | 0x0032..=0x0034 | 0x0038..=0x003a | 0x0067 | 0x006b | 0x009e..=0x009f | 0xccaa)
}

fn is_anonymous(suite: u16) -> bool {
    matches!(suite, 0x0017..=0x001b | 0x0034 | 0x003a | 0xc015..=0xc019)
}

fn read_hello(record: &[u8]) -> Option<Hello> {
    let mut reader = Reader(record);
    if reader.take(1)? != [1] {
        return None;
    }
    reader.take(3)?;
    let mut hello = Hello { version: reader.u16()?, ..Hello::default() };
    hello.random = reader.take(32)?.to_vec();
    let session = usize::from(reader.take(1)?[0]);
    hello.session_id = reader.take(session)?.to_vec();
    hello.suites = reader.list16()?;
    let compressions = usize::from(reader.take(1)?[0]);
    hello.compressions = reader.take(compressions)?.to_vec();
    let Some(length) = reader.u16() else { return Some(hello) };
    let mut extensions = Reader(reader.take(usize::from(length))?);
    while let Some(id) = extensions.u16() {
        let length = usize::from(extensions.u16()?);
        let mut body = Reader(extensions.take(length)?);
        hello.extensions.push(id);
        match id {
            10 => hello.groups = body.list16()?,
            13 => hello.signatures = body.list16()?,
            35 => hello.ticket = body.0.to_vec(),
            43 => {
                let length = usize::from(body.take(1)?[0]);
                hello.supported_versions = body
                    .take(length)?
                    .chunks_exact(2)
                    .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
                    .collect();
            }
            51 => {
                body.u16()?;
                while let Some(group) = body.u16() {
                    hello.key_shares.push(group);
                    let length = usize::from(body.u16()?);
                    body.take(length)?;
                }
            }
            _ => {}
        }
    }
    Some(hello)
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
    }

    fn list16(&mut self) -> Option<Vec<u16>> {
        let length = usize::from(self.u16()?);
        Some(
            self.take(length)?
                .chunks_exact(2)
                .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
                .collect(),
        )
    }
}
