//! A handshake of TLS 1.0 to 1.2 that is finished, and records that are wrong on purpose: what the
//! probes of `intrusion` need and no library would send.
//!
//! `hello` writes the ClientHello, `flight` reads the server's answer, `suite` names what a handshake
//! can be finished with (RSA or ECDHE, AES in CBC or GCM), `digest` makes the secrets, `rsa` encrypts
//! blocks with the server's key, `record` protects records, `channel` sends and reads them.
//! [`Greeted`] is a handshake up to ServerHelloDone, [`Session`] a finished one.
//!
//! This is a prober, no client: any certificate is accepted, no signature and no Finished message of
//! the server is verified, and nothing worth protecting is ever sent.

pub(crate) mod channel;
mod digest;
pub(crate) mod flight;
pub(crate) mod hello;
pub(crate) mod record;
pub(crate) mod rsa;
pub(crate) mod suite;

use std::net::IpAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use ring::agreement::{self, ECDH_P256, ECDH_P384, EphemeralPrivateKey, UnparsedPublicKey, X25519};
use ring::rand::{SecureRandom, SystemRandom};

use super::PORT;
#[cfg(any(test, feature = "fuzzing"))]
use super::wire::hello::TLS12;
use super::wire::hello::{TLS10, push16};
use super::wire::reply::ANSWER_TIMEOUT;
use crate::net::{Net, NetError};
use channel::{ALERT, CHANGE_CIPHER_SPEC, Channel, HANDSHAKE};
use digest::Prf;
use flight::Flight;
use hello::Offer;
use record::Protection;
use rsa::{Block, RsaKey};
use suite::{KeyExchange, Suite};

/// How long one connection may live: a handshake, and one reaction.
const LIFETIME: Duration = Duration::from_secs(9);
/// Bytes read from one connection, records that make up a flight, and octets of its messages.
const MOST_BYTES: usize = 256 * 1024;
const MOST_RECORDS: usize = 64;
const MOST_MESSAGES: usize = 128 * 1024;
/// Octets of the secret that a Finished message proves to know (RFC 5246, section 7.4.9).
const VERIFY_DATA: usize = 12;
const MASTER_SECRET: usize = 48;

/// Where sessions are opened, and how many more.
pub(crate) struct Place<'n> {
    net: &'n Net,
    address: IpAddr,
    name: &'n str,
    connections: AtomicU32,
}

impl<'n> Place<'n> {
    /// Returns port 443 of an address, for so many connections.
    pub(crate) fn new(net: &'n Net, address: IpAddr, name: &'n str, connections: u32) -> Self {
        Self { net, address, name, connections: AtomicU32::new(connections) }
    }

    /// Returns the name that is asked for.
    pub(crate) fn name(&self) -> &str {
        self.name
    }

    async fn open(&self, version: u16) -> Result<Channel, NetError> {
        let take = |left: u32| left.checked_sub(1);
        self.connections
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
            .map_err(|_| NetError::Budget("connections for intrusive probes"))?;
        let connection = self.net.open_for(self.address, PORT, LIFETIME, MOST_BYTES).await?;
        Ok(Channel { connection, version, write: None, read: None })
    }
}

/// A handshake in which the server has said what it has to say.
pub(crate) struct Greeted {
    pub(crate) channel: Channel,
    pub(crate) flight: Flight,
    /// The version of the hello, which the secret repeats.
    offered: u16,
    random: [u8; 32],
    /// All handshake messages so far.
    messages: Vec<u8>,
}

/// A finished handshake.
pub(crate) struct Session {
    pub(crate) channel: Channel,
    pub(crate) flight: Flight,
    /// What resumes the session, if the server gave it.
    pub(crate) ticket: Option<Vec<u8>>,
    verify_data: Vec<u8>,
}

impl Greeted {
    /// Says hello and listens to the end of the answer.
    pub(crate) async fn begin(place: &Place<'_>, offer: &Offer<'_>) -> Result<Self, NetError> {
        Self::until(place, offer, |flight| flight.done).await
    }

    /// Says hello and listens to the ServerHello alone.
    pub(crate) async fn glimpse(place: &Place<'_>, offer: &Offer<'_>) -> Result<Flight, NetError> {
        Ok(Self::until(place, offer, |_| true).await?.flight)
    }

    async fn until(
        place: &Place<'_>,
        offer: &Offer<'_>,
        enough: fn(&Flight) -> bool,
    ) -> Result<Self, NetError> {
        let mut channel = place.open(offer.version).await?;
        let random = random()?;
        let hello = offer.message(place.name, &random, &[]);
        // The oldest version stands on the outside, for servers that mind (RFC 5246, section E.1).
        channel.connection.send(&plain_record(HANDSHAKE, TLS10, &hello)).await?;
        let mut said = Vec::new();
        for _ in 0..MOST_RECORDS {
            match channel.receive(ANSWER_TIMEOUT).await? {
                (HANDSHAKE, body) => said.extend(body),
                (ALERT, body) if body.first() == Some(&1) => continue,
                (ALERT, body) => return Err(refusal("the hello", &body)),
                _ => return Err(NetError::Protocol("no ServerHello".to_owned())),
            }
            if let Some(flight) = Flight::parse(&said).filter(enough) {
                channel.version = flight.version;
                let messages = [hello, said].concat();
                let offered = offer.version;
                return Ok(Self { channel, flight, offered, random, messages });
            }
            if said.len() > MOST_MESSAGES {
                break;
            }
        }
        Err(NetError::TooMuch)
    }

    /// Returns the key exchange with a block of that kind, for a suite with RSA key exchange. The
    /// secret in it is nobody's.
    pub(crate) fn rsa_exchange(&self, block: Block) -> Result<Vec<u8>, NetError> {
        Ok(self.rsa(block)?.1)
    }

    /// Returns the secret, and the message that tells it to the server.
    fn rsa(&self, block: Block) -> Result<(Vec<u8>, Vec<u8>), NetError> {
        let key = self.flight.leaf.as_deref().and_then(RsaKey::of);
        let key = key.ok_or_else(|| NetError::Protocol("no RSA key to work with".to_owned()))?;
        let mut secret: [u8; 48] = random()?;
        secret[..2].copy_from_slice(&self.offered.to_be_bytes());
        let mut body = Vec::new();
        push16(&mut body, &key.encrypt(block, &secret));
        Ok((secret.to_vec(), message(16, &body)))
    }

    fn ecdhe(&self) -> Result<(Vec<u8>, Vec<u8>), NetError> {
        let failed = |_| NetError::Protocol("no curve to work with".to_owned());
        let Some((curve, point)) = &self.flight.point else { return Err(failed(())) };
        let algorithm = match curve {
            29 => &X25519,
            23 => &ECDH_P256,
            24 => &ECDH_P384,
            _ => return Err(failed(())),
        };
        let ours = EphemeralPrivateKey::generate(algorithm, &SystemRandom::new());
        let ours = ours.map_err(|_| failed(()))?;
        let public = ours.compute_public_key().map_err(|_| failed(()))?;
        let mut body = vec![u8::try_from(public.as_ref().len()).unwrap_or(0)];
        body.extend(public.as_ref());
        let theirs = UnparsedPublicKey::new(algorithm, point);
        let secret = agreement::agree_ephemeral(ours, &theirs, <[u8]>::to_vec);
        Ok((secret.map_err(|_| failed(()))?, message(16, &body)))
    }

    /// Finishes the handshake.
    pub(crate) async fn finish(mut self) -> Result<Session, NetError> {
        let unknown = || NetError::Protocol("the server chose what was not offered".to_owned());
        let suite = Suite::of(self.flight.suite).ok_or_else(unknown)?;
        if !(TLS10..=self.offered).contains(&self.flight.version) {
            return Err(unknown());
        }
        let (secret, exchange) = match suite.exchange {
            KeyExchange::Rsa => self.rsa(Block::Right)?,
            KeyExchange::Ecdhe => self.ecdhe()?,
        };
        let mut ours = Vec::new();
        if self.flight.wants_certificate {
            ours.extend(message(11, &[0, 0, 0]));
        }
        ours.extend(exchange);
        self.messages.extend(&ours);
        let prf = suite.prf(self.flight.version);
        let seed = [self.random, self.flight.random].concat();
        let master = prf.expand(&secret, b"master secret", &seed, MASTER_SECRET);
        let seed = [self.flight.random, self.random].concat();
        let expand = |octets| prf.expand(&master, b"key expansion", &seed, octets);
        let both = Protection::both(suite, self.flight.version, expand).ok_or_else(unknown)?;
        let [write, read] = both;
        let verify_data = self.verify_data(prf, &master);
        let mut records = self.channel.record(HANDSHAKE, &ours)?;
        records.extend(self.channel.record(CHANGE_CIPHER_SPEC, &[1])?);
        self.channel.write = Some(write);
        records.extend(self.channel.record(HANDSHAKE, &message(20, &verify_data))?);
        self.channel.connection.send(&records).await?;
        let ticket = finished(&mut self.channel, read).await?;
        Ok(Session { channel: self.channel, flight: self.flight, ticket, verify_data })
    }

    fn verify_data(&self, prf: Prf, master: &[u8]) -> Vec<u8> {
        let transcript = prf.transcript(&self.messages);
        prf.expand(master, b"client finished", &transcript, VERIFY_DATA)
    }
}

impl Session {
    /// Finishes a handshake.
    pub(crate) async fn open(place: &Place<'_>, offer: &Offer<'_>) -> Result<Self, NetError> {
        Greeted::begin(place, offer).await?.finish().await
    }

    /// Asks for another handshake on the same connection, as RFC 5746 has it when the server knows
    /// that.
    pub(crate) async fn ask_anew(&mut self, name: &str, suite: u16) -> Result<(), NetError> {
        let known = self.flight.extensions.contains(&hello::RENEGOTIATION_INFO);
        let proof = if known { self.verify_data.as_slice() } else { &[] };
        let suites = [suite];
        let offer = Offer::new(self.flight.version, &suites);
        let hello = offer.message(name, &random()?, proof);
        self.channel.send(HANDSHAKE, &hello).await
    }
}

/// Reads the server's part up to its Finished message, which is only decrypted. Returns the ticket
/// that comes before it.
async fn finished(channel: &mut Channel, read: Protection) -> Result<Option<Vec<u8>>, NetError> {
    let (mut read, mut said, mut ticket) = (Some(read), Vec::new(), None);
    for _ in 0..MOST_RECORDS {
        match channel.receive(ANSWER_TIMEOUT).await? {
            (HANDSHAKE, body) => said.extend(body),
            (CHANGE_CIPHER_SPEC, _) if channel.read.is_none() => channel.read = read.take(),
            (ALERT, body) if body.first() == Some(&1) => {}
            (ALERT, body) => return Err(refusal("our part of the handshake", &body)),
            _ => return Err(NetError::Protocol("no Finished".to_owned())),
        }
        while let Some((kind, body, rest)) = flight::message(&said) {
            match kind {
                4 => ticket = flight::ticket(body),
                20 if channel.read.is_some() => return Ok(ticket),
                _ => {}
            }
            said = rest.to_vec();
        }
        if said.len() > MOST_MESSAGES {
            break;
        }
    }
    Err(NetError::TooMuch)
}

fn refusal(what: &str, alert: &[u8]) -> NetError {
    let description = alert.get(1).copied().unwrap_or_default();
    NetError::Protocol(format!("the server answered {what} with alert {description}"))
}

/// Writes a record in clear.
pub(super) fn plain_record(kind: u8, version: u16, body: &[u8]) -> Vec<u8> {
    let mut record = vec![kind];
    record.extend(version.to_be_bytes());
    push16(&mut record, body);
    record
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut message = vec![kind, 0];
    push16(&mut message, body);
    message
}

pub(super) fn random<const OCTETS: usize>() -> Result<[u8; OCTETS], NetError> {
    let mut octets = [0; OCTETS];
    let filled = SystemRandom::new().fill(&mut octets);
    filled.map_err(|_| NetError::Failed("the system gives no random numbers".to_owned()))?;
    Ok(octets)
}

/// Reads bytes as each thing that a server may say, for the parsers' one door ([`crate::foreign`]):
/// messages of a handshake, a ticket, and records under each kind of key.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn read_all(bytes: &[u8]) {
    let flight = Flight::parse(bytes);
    if let Some(key) = flight.and_then(|flight| RsaKey::of(&flight.leaf?)) {
        for block in Block::ALL {
            key.encrypt(block, &[7; 48]);
        }
    }
    flight::ticket(bytes);
    let mut rest = bytes;
    while let Some((_, _, after)) = flight::message(rest) {
        rest = after;
    }
    for (suite, version) in [(0x002f, TLS10), (0xc028, TLS12), (0xc02f, TLS12)] {
        let suite = Suite::of(suite).expect("it is one of the table");
        let both = Protection::both(suite, version, |octets| vec![7; octets]);
        let opened = both.and_then(|[mut read, _]| read.open(channel::DATA, bytes));
        assert!(opened.is_none_or(|opened| opened.len() < bytes.len()), "opening adds nothing");
    }
}

/// Reads hexadecimal.
#[cfg(test)]
fn octets(text: &str) -> Vec<u8> {
    let text: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    let octet = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(octet).collect()
}
