//! What a server does after its hello: finishes the handshake as it should, or shows one of the
//! flaws that TLS implementations had. Nothing leaks but octets made up for it.
//!
//! To add a flaw: a variant, and what it does differently in [`go_on`] or in what that calls.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::secrets::{self, Keys, Opened};

/// The one suite that handshakes are finished with.
pub(crate) const SUITE: u16 = 0x002f;
/// The server's random.
pub(crate) const RANDOM: [u8; 32] = [7; 32];

/// How a server goes on after its hello.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// As it should.
    Sound,
    /// Answers heartbeats with as much as they claim (CVE-2014-0160).
    Heartbleed,
    /// Counts the padding of a heartbeat among what may be sent back, but nothing beyond.
    LenientHeartbeat,
    /// Answers a heartbeat with heartbeats of its own, without end.
    EndlessHeartbeats,
    /// Changes keys before there are any (CVE-2014-0224).
    EarlyCcs,
    /// Says nothing to who changes keys too early.
    DeafToEarlyCcs,
    /// Tells blocks that begin wrongly from others (CVE-2017-13099).
    RobotStrong,
    /// Tells blocks that carry a secret from all others.
    RobotWeak,
    /// Hangs up at blocks that begin wrongly, unless the rest of the handshake comes at once.
    RobotImpatient,
    /// Answers every other client in another way.
    Moody,
    /// Fills session ids up to 32 octets (CVE-2016-9244).
    Ticketbleed,
    /// Begins another handshake when the client asks (CVE-2011-1473).
    Renegotiates,
    /// Does not look at the octets of the padding (CVE-2014-8730).
    AnyPadding,
    /// Complains about padding in another way than about a MAC.
    TellsPadding,
    /// Goes on after a wrong record without data (CVE-2019-1559).
    ForgivesEmpty,
    /// Says nothing any more.
    Hangs,
    /// Sends warnings without end.
    Floods,
}

/// What was said so far.
pub(crate) struct Begun {
    /// The client's random.
    pub(crate) random: Vec<u8>,
    /// All handshake messages.
    pub(crate) messages: Vec<u8>,
}

const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const DATA: u8 = 23;
const HEARTBEAT: u8 = 24;

const UNEXPECTED_MESSAGE: u8 = 10;
const BAD_RECORD_MAC: u8 = 20;
const DECRYPTION_FAILED: u8 = 21;
const ILLEGAL_PARAMETER: u8 = 47;
const NO_RENEGOTIATION: u8 = 100;

/// Clients that a moody server has seen.
static CLIENTS: AtomicU32 = AtomicU32::new(0);

/// Returns the messages that some records carry.
pub(crate) fn messages(records: &[u8]) -> Vec<u8> {
    let (mut rest, mut messages) = (records, Vec::new());
    while let [_, _, _, high, low, body @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(body.len());
        messages.extend(&body[..length]);
        rest = &body[length..];
    }
    messages
}

pub(crate) async fn go_on(mut tcp: TcpStream, flaw: Flaw, begun: Begun) -> anyhow::Result<()> {
    match flaw {
        Flaw::Hangs => std::future::pending().await,
        Flaw::Floods => loop {
            say(&mut tcp, ALERT, &[1, 90]).await?;
        },
        _ => {}
    }
    let Begun { random, mut messages } = begun;
    let mut secret = None;
    let secret = loop {
        let (kind, body) = read(&mut tcp).await?;
        match (kind, secret.take()) {
            (HEARTBEAT, None) => answer_heartbeat(&mut tcp, flaw, &body).await?,
            (CHANGE_CIPHER_SPEC, Some(secret)) => break secret,
            (CHANGE_CIPHER_SPEC, None) => return changed_early(tcp, flaw).await,
            (HANDSHAKE, None) if body.len() > 6 => {
                let block = secrets::decrypt(&body[6..]);
                messages.extend(&body);
                match take_block(&mut tcp, flaw, &block).await? {
                    Some(taken) => secret = Some(taken),
                    None => return Ok(()),
                }
            }
            _ => return refuse(tcp, UNEXPECTED_MESSAGE).await,
        }
    };
    let mut keys = Keys::new(&secret, &random, &RANDOM);
    let (_, body) = read(&mut tcp).await?;
    let proof = keys.verify_data("client finished", &messages);
    let finished = [&[20, 0, 0, 12][..], &proof].concat();
    if keys.client.open(HANDSHAKE, &body) != Opened::Plain(finished.clone()) {
        return refuse(tcp, BAD_RECORD_MAC).await;
    }
    messages.extend(finished);
    let ticket = [4, 0, 0, 10, 0, 0, 1, 0, 0, 4, 1, 2, 3, 4];
    messages.extend(ticket);
    say(&mut tcp, HANDSHAKE, &ticket).await?;
    say(&mut tcp, CHANGE_CIPHER_SPEC, &[1]).await?;
    let proof = keys.verify_data("server finished", &messages);
    let finished = keys.server.seal(HANDSHAKE, &[&[20, 0, 0, 12][..], &proof].concat());
    say(&mut tcp, HANDSHAKE, &finished).await?;
    serve(tcp, flaw, keys).await
}

/// Serves what comes once there are keys.
async fn serve(mut tcp: TcpStream, flaw: Flaw, mut keys: Keys) -> anyhow::Result<()> {
    loop {
        let (kind, body) = read(&mut tcp).await?;
        let opened = match keys.client.open(kind, &body) {
            Opened::OddPadding(plain) if flaw == Flaw::AnyPadding => Opened::Plain(plain),
            Opened::OddPadding(_) => Opened::WrongPadding,
            opened => opened,
        };
        match opened {
            Opened::Plain(_) if kind == HANDSHAKE && flaw == Flaw::Renegotiates => {
                let hello = keys.server.seal(HANDSHAKE, &[2, 0, 0, 2, 3, 3]);
                say(&mut tcp, HANDSHAKE, &hello).await?;
            }
            Opened::Plain(_) if kind == HANDSHAKE => {
                let warning = keys.server.seal(ALERT, &[1, NO_RENEGOTIATION]);
                say(&mut tcp, ALERT, &warning).await?;
            }
            Opened::Plain(_) => {
                let answer = keys.server.seal(DATA, b"HTTP/1.1 204 No Content\r\n\r\n");
                return say(&mut tcp, DATA, &answer).await;
            }
            Opened::WrongMac(plain) if plain.is_empty() && flaw == Flaw::ForgivesEmpty => {}
            wrong => {
                let tells = flaw == Flaw::TellsPadding && wrong == Opened::WrongPadding;
                let alert = if tells { DECRYPTION_FAILED } else { BAD_RECORD_MAC };
                let alert = keys.server.seal(ALERT, &[2, alert]);
                return say(&mut tcp, ALERT, &alert).await;
            }
        }
    }
}

async fn answer_heartbeat(tcp: &mut TcpStream, flaw: Flaw, body: &[u8]) -> anyhow::Result<()> {
    let [1, high, low, carried @ ..] = body else { return Ok(()) };
    let claimed = usize::from(u16::from_be_bytes([*high, *low]));
    let answers = match flaw {
        Flaw::Heartbleed => true,
        Flaw::LenientHeartbeat => claimed <= carried.len(),
        Flaw::EndlessHeartbeats => loop {
            say(tcp, HEARTBEAT, &[1, 0, 1, 7]).await?;
        },
        _ => claimed + 16 <= carried.len(),
    };
    if answers {
        let mut answer = vec![2, *high, *low];
        answer.extend(carried.iter().chain(std::iter::repeat(&0xee)).take(claimed));
        answer.resize(answer.len() + 16, 0);
        say(tcp, HEARTBEAT, &answer).await?;
    }
    Ok(())
}

async fn changed_early(mut tcp: TcpStream, flaw: Flaw) -> anyhow::Result<()> {
    match flaw {
        Flaw::EarlyCcs => {
            read(&mut tcp).await?;
            refuse(tcp, BAD_RECORD_MAC).await
        }
        Flaw::DeafToEarlyCcs => std::future::pending().await,
        _ => refuse(tcp, UNEXPECTED_MESSAGE).await,
    }
}

/// Returns the secret of a block; of a wrong one, a secret that nobody knows (RFC 5246, section
/// 7.4.7.1). `None` when the server has refused it instead.
async fn take_block(
    tcp: &mut TcpStream,
    flaw: Flaw,
    block: &[u8],
) -> anyhow::Result<Option<Vec<u8>>> {
    let starts = block.starts_with(&[0, 2]);
    let zero = block.iter().skip(2).position(|octet| *octet == 0).map_or(0, |at| at + 3);
    let carries = starts && block.len() - zero == 48;
    let alert = match flaw {
        Flaw::RobotStrong => (!starts).then_some(ILLEGAL_PARAMETER),
        Flaw::RobotWeak => (!carries).then_some(ILLEGAL_PARAMETER),
        Flaw::Moody => {
            let odd = CLIENTS.fetch_add(1, Ordering::Relaxed) % 2 == 1;
            odd.then_some(ILLEGAL_PARAMETER)
        }
        Flaw::RobotImpatient if !starts => {
            let mut next = [0];
            if timeout(Duration::from_millis(500), tcp.peek(&mut next)).await.is_err() {
                return Ok(None);
            }
            None
        }
        _ => None,
    };
    if let Some(alert) = alert {
        say(tcp, ALERT, &[2, alert]).await?;
        return Ok(None);
    }
    let secret = &block[zero..];
    Ok(Some(if carries && secret[..2] == [3, 3] { secret.to_vec() } else { vec![9; 48] }))
}

async fn refuse(mut tcp: TcpStream, alert: u8) -> anyhow::Result<()> {
    say(&mut tcp, ALERT, &[2, alert]).await
}

async fn say(tcp: &mut TcpStream, kind: u8, body: &[u8]) -> anyhow::Result<()> {
    let mut record = vec![kind, 3, 3];
    record.extend(u16::try_from(body.len())?.to_be_bytes());
    record.extend(body);
    Ok(tcp.write_all(&record).await?)
}

async fn read(tcp: &mut TcpStream) -> anyhow::Result<(u8, Vec<u8>)> {
    let mut head = [0; 5];
    tcp.read_exact(&mut head).await?;
    let mut body = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
    tcp.read_exact(&mut body).await?;
    Ok((head[0], body))
}
