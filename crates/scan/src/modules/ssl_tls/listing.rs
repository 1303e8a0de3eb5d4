//! Asks one server about TLS, question by question: what it takes of what is offered, who chooses,
//! whether it still answers. Lists of suites are in [`super::elimination`].
//!
//! A server that hangs up may refuse or may have had enough of us. Which of the two is settled by
//! [`Lister::still_answers`] at the end; until then it stands in `Listed::hung_up`. One that resets
//! is asked at once ([`Lister::surely`]).

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::SetOnce;
use tokio::time::{Instant, timeout};

use super::PORT;
use super::elimination::CHUNK;
use super::wire::hello::{ClientHello, Shares, TLS12, TLS13, ssl2_hello};
use super::wire::reply::{self, ANSWER_TIMEOUT, Exchange, Reply};
use super::wire::suites::{SUITES_13, WEAK_CURVES, broken_and_others};
use crate::check::Seen;
use crate::net::{Connection, Net, NetError};

pub(super) const OUT_OF_CONNECTIONS: NetError = NetError::Budget("TLS connections");
/// Bytes read from one connection.
const MOST_BYTES: usize = 256 * 1024;
/// How long nobody may have got an answer, while some ask, until we take it that nobody does.
const CONTROL_PATIENCE: Duration = Duration::from_millis(500);
/// How long an SMTP session and one answer after it may take.
const STARTTLS_TIMEOUT: Duration = Duration::from_secs(10);

/// Asks one server, with as many connections as it is granted.
pub(crate) struct Lister<'n> {
    pub(super) net: &'n Net,
    pub(super) address: IpAddr,
    pub(super) name: &'n str,
    pub(super) entry: Entry,
    connections: AtomicU32,
    /// Version and suite of a hello that was answered, by which a server shows that it still talks to
    /// us; one for all listers of a server.
    control: Arc<SetOnce<(u16, u16)>>,
    /// Whether it is known to say no by a reset, which it was asked twice for then; as shared.
    resets: Arc<AtomicBool>,
}

/// How a server is got to speak TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    /// From the first byte on, at port 443.
    Tls,
    /// The same at another port.
    TlsAt(u16),
    /// By STARTTLS in SMTP, at port 25.
    StartTls,
}

impl<'n> Lister<'n> {
    /// Makes a lister that may open some connections.
    pub(crate) fn new(net: &'n Net, address: IpAddr, name: &'n str, connections: u32) -> Self {
        let connections = AtomicU32::new(connections);
        let (control, resets) = (Arc::default(), Arc::default());
        Self { net, address, name, entry: Entry::Tls, connections, control, resets }
    }

    /// Makes it enter in another way.
    pub(crate) fn entering(self, entry: Entry) -> Self {
        Self { entry, ..self }
    }

    /// Makes another lister for the same server, with connections of its own.
    pub(super) fn with(&self, connections: u32) -> Self {
        let (control, resets) = (Arc::clone(&self.control), Arc::clone(&self.resets));
        let new = Self::new(self.net, self.address, self.name, connections);
        Self { control, resets, ..new }.entering(self.entry)
    }

    /// Grants more connections.
    pub(super) fn grant(&self, connections: u32) {
        self.connections.fetch_add(connections, Ordering::Relaxed);
    }

    /// Takes back the connections that were granted and not used.
    pub(super) fn take_back(&self) -> u32 {
        self.connections.swap(0, Ordering::Relaxed)
    }

    /// Lists the groups of TLS 1.3, and tells why the list broke off if it did.
    pub(super) async fn groups(&self) -> (Vec<u16>, Option<NetError>) {
        let suites: Vec<u16> = SUITES_13.iter().map(|(id, _)| *id).collect();
        let mut left = ClientHello::all_groups();
        let mut found = Vec::new();
        let mut shares = Shares::None;
        while !left.is_empty() {
            let hello = ClientHello {
                version: TLS13,
                name: self.name,
                suites: &suites,
                groups: &left,
                shares,
            };
            match self.ask(&hello).await {
                Ok(Reply::Hello(hello)) if hello.version == TLS13 => match hello.group {
                    Some(group) if left.contains(&group) => {
                        left.retain(|other| *other != group);
                        found.push(group);
                    }
                    _ => break,
                },
                Ok(Reply::Alert(alert))
                    if shares == Shares::None
                        && found.is_empty()
                        && !reply::refuses_version(alert) =>
                {
                    shares = Shares::LooksReal;
                }
                Ok(_) => break,
                Err(error) => return (found, Some(error)),
            }
        }
        (found, None)
    }

    /// Lists the curves of less than 224 bits that the ECDHE `suites` of a version are served with.
    pub(super) async fn weak_curves(&self, version: u16, suites: &[u16]) -> Seen<Vec<u16>> {
        let mut left: Vec<u16> = WEAK_CURVES.iter().map(|(id, _)| *id).collect();
        let mut found = Vec::new();
        while !left.is_empty() {
            let hello = ClientHello {
                version,
                name: self.name,
                suites,
                groups: &left,
                shares: Shares::None,
            };
            match self.ask(&hello).await {
                Ok(Reply::Hello(hello)) => match hello.exchange {
                    Some(Exchange::Curve(curve)) if left.contains(&curve) => {
                        left.retain(|other| *other != curve);
                        found.push(curve);
                    }
                    _ => break,
                },
                Ok(Reply::Alert(_)) | Err(NetError::Closed) => break,
                Err(_) if !found.is_empty() => break,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(found)
    }

    /// Returns what a server chooses of two suites of a version, offered in either order.
    pub(super) async fn choices(&self, version: u16, one: u16, other: u16) -> Option<[u16; 2]> {
        let (one_first, other_first) = ([one, other], [other, one]);
        let (first, second) =
            tokio::join!(self.choice(version, &one_first), self.choice(version, &other_first));
        Some([first?, second?])
    }

    /// Tells whether a hello that was answered before still is.
    pub(super) async fn still_answers(&self, version: u16, suite: u16) -> bool {
        self.choice(version, &[suite]).await.is_some()
    }

    async fn choice(&self, version: u16, suites: &[u16]) -> Option<u16> {
        let groups = ClientHello::all_groups();
        let shares = if version == TLS13 { Shares::LooksReal } else { Shares::None };
        let hello = ClientHello { version, name: self.name, suites, groups: &groups, shares };
        match self.ask(&hello).await {
            Ok(Reply::Hello(hello)) => Some(hello.suite),
            _ => None,
        }
    }

    /// Returns the one that is taken of some suites of a version, if the version is offered with
    /// any of them. For one question about a server that is known to answer: hanging up after it is
    /// "no".
    pub(crate) async fn taken(&self, version: u16, suites: &[u16]) -> Seen<Option<u16>> {
        let groups = ClientHello::all_groups();
        let shares = if version == TLS13 { Shares::LooksReal } else { Shares::None };
        let hello = ClientHello { version, name: self.name, suites, groups: &groups, shares };
        match self.ask_once(&hello).await {
            Ok(Reply::Hello(hello)) if hello.version == version => {
                Ok(Some(hello.suite).filter(|suite| suites.contains(suite)))
            }
            Ok(_) | Err(NetError::Closed) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) async fn ssl2(&self) -> Seen<bool> {
        match self.surely(|| self.ssl2_answer()).await {
            Ok(offered) => Ok(offered),
            // Hanging up is how "no" sounds.
            Err(NetError::Closed) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn ssl2_answer(&self) -> Result<bool, NetError> {
        let mut connection = self.open().await?;
        connection.send(&ssl2_hello()).await?;
        let mut answer = [0; 11];
        // An alert of a newer protocol is shorter; nobody should wait for more of it.
        connection.fill(&mut answer[..3]).await?;
        if !reply::may_be_ssl2_hello(&answer[..3]) {
            return Ok(false);
        }
        connection.fill(&mut answer[3..]).await?;
        Ok(reply::is_ssl2_hello(&answer))
    }

    /// Sends one hello and reads the answer; a second time when the first broke off.
    pub(super) async fn ask(&self, hello: &ClientHello<'_>) -> Result<Reply, NetError> {
        match self.ask_once(hello).await {
            Err(NetError::Closed) if !self.resets.load(Ordering::Relaxed) => {
                self.ask_once(hello).await
            }
            answer => answer,
        }
    }

    pub(super) async fn ask_once(&self, hello: &ClientHello<'_>) -> Result<Reply, NetError> {
        self.ask_with(&hello.to_bytes()).await
    }

    /// Sends bytes that are a hello and reads the answer.
    pub(super) async fn ask_with(&self, hello: &[u8]) -> Result<Reply, NetError> {
        let answer = self.surely(|| self.try_with(hello)).await;
        if let Ok(Reply::Hello(answered)) = &answer {
            // The first will do for all.
            let _known = self.control.set((answered.version, answered.suite));
        }
        answer
    }

    async fn try_with(&self, hello: &[u8]) -> Result<Reply, NetError> {
        reply::ask_over(self.open().await?, hello).await
    }

    /// Asks, and once more when the server turns us away. That may be its way to say no, so we look
    /// whether it still answers what it has answered before: if it does, it means the question; if
    /// not, it has had enough of us, and we pause. Without a connection left to look, what it did
    /// before stands.
    pub(super) async fn surely<T, F>(&self, ask: impl Fn() -> F) -> Result<T, NetError>
    where
        F: Future<Output = Result<T, NetError>>,
    {
        let began = Instant::now();
        match Box::pin(ask()).await {
            // An SMTP session has seen to it itself.
            Err(NetError::TurnedAway) if self.entry != Entry::StartTls => {}
            answer => return answer,
        }
        let still_answers = match Box::pin(self.answers_control()).await {
            Ok(still_answers) => still_answers,
            Err(_) if self.resets.load(Ordering::Relaxed) => return Err(NetError::Closed),
            Err(_) => return Err(NetError::TurnedAway),
        };
        if !still_answers && !self.net.turned_away(self.address, began) {
            return Err(NetError::TurnedAway);
        }
        match Box::pin(ask()).await {
            Err(NetError::TurnedAway) if still_answers => {
                self.resets.store(true, Ordering::Relaxed);
                Err(NetError::Closed)
            }
            answer => answer,
        }
    }

    /// Tells whether the server still answers what it has answered before. While it has answered
    /// nothing, which may be for what was asked first, what nearly everybody takes is asked for. Fails
    /// when the connections run out.
    async fn answers_control(&self) -> Result<bool, NetError> {
        // Somebody else may be just about to get the first answer.
        let known = timeout(CONTROL_PATIENCE, self.control.wait()).await;
        if let Ok((version, suite)) = known.copied() {
            return Ok(self.answers(version, &[suite]).await?.is_some());
        }
        let [_, others] = broken_and_others();
        let newest: Vec<u16> = SUITES_13.iter().map(|(id, _)| *id).collect();
        for (version, suites) in [(TLS12, &others[..others.len().min(CHUNK)]), (TLS13, &newest[..])]
        {
            if let Some(suite) = self.answers(version, suites).await? {
                let _known = self.control.set((version, suite));
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Asks once for some suites of a version, and returns the one that is taken. Fails when the
    /// connections run out.
    async fn answers(&self, version: u16, suites: &[u16]) -> Result<Option<u16>, NetError> {
        let groups = ClientHello::all_groups();
        let shares = if version == TLS13 { Shares::LooksReal } else { Shares::None };
        let hello = ClientHello { version, name: self.name, suites, groups: &groups, shares };
        match self.try_with(&hello.to_bytes()).await {
            Ok(Reply::Hello(hello)) if hello.version == version => Ok(Some(hello.suite)),
            Err(error) if error == OUT_OF_CONNECTIONS => Err(error),
            _ => Ok(None),
        }
    }

    /// Takes one connection of those granted, for somebody who opens it elsewhere.
    pub(super) fn spend(&self) -> Result<(), NetError> {
        let take = |left: u32| left.checked_sub(1);
        self.connections
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
            .map(drop)
            .map_err(|_| OUT_OF_CONNECTIONS)
    }

    pub(super) async fn open(&self) -> Result<Connection, NetError> {
        self.spend()?;
        match self.entry {
            Entry::Tls => self.open_at(PORT).await,
            Entry::TlsAt(port) => self.open_at(port).await,
            Entry::StartTls => {
                self.net.smtp(self.address, STARTTLS_TIMEOUT).await?.start_tls().await
            }
        }
    }

    async fn open_at(&self, port: u16) -> Result<Connection, NetError> {
        self.net.open_for(self.address, port, ANSWER_TIMEOUT, MOST_BYTES).await
    }
}
