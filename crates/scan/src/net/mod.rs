//! The doors to the network. Probes reach it through [`Net`] and nothing else.
//!
//! One [`Net`] lives as long as one scan; all scans of an engine share what is in [`Shared`]. It pins what it resolved, refuses addresses the operator
//! does not allow ([`guard`]), counts and bounds connections and questions, and puts a deadline and
//! a byte limit on everything it opens, so that a probe reads like the protocol and cannot forget.
//!
//! | file | door |
//! | --- | --- |
//! | `places` | how many sockets all scans may have open, and how many at one address |
//! | `gate` | the places at one address, fewer while it turns us away |
//! | `patience` | asking again who turned us away |
//! | `takeover` | results that scans take over from one another |
//! | `dns` | questions to the resolver, each asked once |
//! | `exchange` | DNS messages as they are: signed answers, and servers asked directly |
//! | `connect` | TCP connections, guarded, bounded |
//! | `datagram` | one UDP datagram and its answer |
//! | `tls` | a finished TLS 1.2 or 1.3 handshake that accepts and records any certificate |
//! | `resumption` | the same, counting what the server hands out to resume it |
//! | `http` | one HTTP/1.1 exchange, without redirects |
//! | `provider` | one file of a provider that the operator chose, over verified TLS |
//! | `tables` | such files in memory, shared by all scans |
//! | `smtp` | an SMTP session up to STARTTLS |
//! | `mailbox` | what IMAP and POP3 servers offer before anybody signs in |
//! | `guard` | which addresses may be reached |

mod connect;
mod datagram;
mod dns;
mod exchange;
mod gate;
pub mod guard;
pub(crate) mod http;
mod mailbox;
mod patience;
mod places;
mod provider;
mod resumption;
pub(crate) mod smtp;
mod tables;
pub(crate) mod takeover;
mod tls;

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use model::{DomainName, Ownership, Timestamp};
use rustls_pki_types::{CertificateDer, TrustAnchor};
use tokio::time::{Instant, timeout_at};

use crate::check::{Missing, Seen};
use crate::modules::dnssec::anchor::DnssecAnchors;
use crate::modules::email_auth::MailServer;
use crate::modules::open_ports::AddressPorts;
use crate::providers::Providers;
use crate::settings::{PortTarget, Settings, SettingsProblem};

pub use connect::Connection;
pub use dns::{Answer, chain};
pub use exchange::Recursion;
pub(crate) use http::USER_AGENT;
pub use http::{HttpRequest, HttpResponse, Scheme};
use places::Places;
pub use provider::ProviderRequest;
pub use resumption::Tickets;
use tables::AllTables;
pub(crate) use tables::Table;
use takeover::Takeover;
pub use tls::TlsConnection;

/// Connections one scan may open.
///
/// Of these the port scan takes up to 240: about 120 ports at two addresses.
const MOST_CONNECTIONS: u32 = 600;
/// Questions one scan may ask.
const MOST_QUERIES: u32 = 150;
/// Addresses of one excluded name that are noted.
const MOST_EXCLUDED: usize = 64;
/// Servers of one kind whose results other scans may take over.
const MOST_SERVERS: usize = 1_024;
/// How long a TCP connection may take to open.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a connection may live that is there for a handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long one connection may live unless the probe asks for less.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(15);
/// Bytes read from one connection unless the probe asks for less.
const CONNECTION_BYTES: usize = 2 * 1024 * 1024;
/// What is left of a scan's time when its probes have to come home: a tenth, and no more than this.
const MOST_FOR_THE_WAY_HOME: Duration = Duration::from_secs(2);

/// Why nothing came over the network. A probe keeps it when it tells something (a refused
/// connection is evidence), and turns it into [`Missing`] otherwise.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NetError {
    #[error("the connection was refused")]
    Refused,
    #[error("no answer in time")]
    TimedOut,
    /// Our own time is over, which says nothing about the server.
    #[error("the scan's deadline passed")]
    Deadline,
    #[error("the server hung up")]
    Closed,
    /// A port that had answered before would not talk to us any more.
    #[error("the server turned us away")]
    TurnedAway,
    #[error("the server sent more than we read")]
    TooMuch,
    #[error("the address is not one this instance scans: {0}")]
    NotAllowed(String),
    #[error("the scan has used up its {0}")]
    Budget(&'static str),
    #[error("{0}")]
    Protocol(String),
    #[error("{0}")]
    Failed(String),
}

impl From<NetError> for Missing {
    fn from(error: NetError) -> Self {
        Self(error.to_string())
    }
}

impl From<std::io::Error> for NetError {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind;
        // Our own bounds travel through foreign code as the source of an I/O error.
        if let Some(inner) = error.get_ref().and_then(|source| source.downcast_ref::<Self>()) {
            return inner.clone();
        }
        match error.kind() {
            ErrorKind::ConnectionRefused => Self::Refused,
            ErrorKind::TimedOut => Self::TimedOut,
            ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
            | ErrorKind::UnexpectedEof => Self::Closed,
            ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
                Self::Failed("the address cannot be reached from here".to_owned())
            }
            _ => Self::Failed(error.to_string()),
        }
    }
}

/// What all scans of one engine share.
pub(crate) struct Shared {
    pub(crate) settings: Settings,
    resolvers: Vec<SocketAddr>,
    pub(crate) places: Places,
    known: dns::KnownAnswers,
    seen_lately: SeenLately,
    tls: tls::ClientConfigs,
    roots: Vec<TrustAnchor<'static>>,
    tables: AllTables,
}

impl Shared {
    pub(crate) fn new(settings: Settings) -> Result<Self, SettingsProblem> {
        let resolvers = dns::resolvers(settings.resolver)?;
        let mut roots = webpki_roots::TLS_SERVER_ROOTS.to_vec();
        for root in &settings.extra_roots {
            roots.push(trust_anchor(root)?);
        }
        let tls = tls::ClientConfigs::new(&roots);
        Ok(Self {
            places: Places::new(settings.sockets),
            known: dns::KnownAnswers::default(),
            seen_lately: SeenLately::default(),
            tables: AllTables::default(),
            settings,
            resolvers,
            tls,
            roots,
        })
    }
}

/// What was seen of servers that many domains have in common.
pub(crate) struct SeenLately {
    /// By name and address.
    pub(crate) mail_servers: Takeover<(String, IpAddr), MailServer>,
    pub(crate) ports: Takeover<IpAddr, AddressPorts>,
    /// Certificates of authorities, by the URL that a certificate names.
    pub(crate) issuers: Takeover<String, Seen<Arc<Vec<u8>>>>,
    /// Whether a name server looks up names of others.
    pub(crate) recursion: Takeover<IpAddr, Seen<bool>>,
}

impl Default for SeenLately {
    fn default() -> Self {
        Self {
            mail_servers: Takeover::new(MOST_SERVERS),
            ports: Takeover::new(MOST_SERVERS),
            issuers: Takeover::new(MOST_SERVERS),
            recursion: Takeover::new(MOST_SERVERS),
        }
    }
}

fn trust_anchor(root: &CertificateDer<'static>) -> Result<TrustAnchor<'static>, SettingsProblem> {
    webpki::anchor_from_trusted_cert(root)
        .map(|anchor| anchor.to_owned())
        .map_err(|error| SettingsProblem::TrustRoot(error.to_string()))
}

/// One scan's access to the network. Cheap to clone.
#[derive(Clone)]
pub struct Net(Arc<Inner>);

struct Inner {
    shared: Arc<Shared>,
    /// The registrable domain of the target: names at and below it are its own.
    own: String,
    now: Timestamp,
    deadline: Instant,
    end: Instant,
    answers: dns::Cache,
    signed: exchange::Cache,
    connections: AtomicU32,
    queries: AtomicU32,
    /// How often who turned us away was asked again.
    throttled: Mutex<BTreeMap<IpAddr, u32>>,
    ownership: OnceLock<Ownership>,
    /// The addresses of the target that may be reached.
    target: OnceLock<Vec<IpAddr>>,
    /// Addresses of other hosts that the operator excludes by name.
    excluded: Mutex<BTreeSet<IpAddr>>,
}

/// Why an excluded host is refused.
const EXCLUDED: &str = "excluded by whoever runs this scanner";

impl Net {
    /// Makes access for the scan of a domain, whose time begins now.
    pub(crate) fn for_scan(
        shared: Arc<Shared>,
        now: Timestamp,
        domain: &DomainName,
        time: Duration,
    ) -> Self {
        let own = psl::domain_str(domain.as_str()).unwrap_or(domain.as_str()).to_owned();
        Self::with(shared, now, own, time)
    }

    /// Makes access for no particular domain, so that every name is asked about anew.
    #[cfg(test)]
    pub(crate) fn new(shared: Arc<Shared>, now: Timestamp) -> Self {
        let time = shared.settings.deadline;
        Self::with(shared, now, String::new(), time)
    }

    fn with(shared: Arc<Shared>, now: Timestamp, own: String, time: Duration) -> Self {
        let end = Instant::now() + time;
        Self(Arc::new(Inner {
            shared,
            own,
            now,
            deadline: end - (time / 10).min(MOST_FOR_THE_WAY_HOME),
            end,
            answers: dns::Cache::default(),
            signed: exchange::Cache::default(),
            connections: AtomicU32::new(0),
            queries: AtomicU32::new(0),
            throttled: Mutex::default(),
            ownership: OnceLock::new(),
            target: OnceLock::new(),
            excluded: Mutex::default(),
        }))
    }

    /// Returns the time of the scan, against which dates are judged.
    pub fn now(&self) -> Timestamp {
        self.0.now
    }

    /// Returns when the time for probes is over. From then on every door answers
    /// [`NetError::Deadline`] at once, so that a probe comes home with what it has.
    pub fn deadline(&self) -> Instant {
        self.0.deadline
    }

    /// Returns when the whole scan has to be over, be a probe home or not.
    pub(crate) fn end(&self) -> Instant {
        self.0.end
    }

    /// Does something until the time for probes is over.
    pub(crate) async fn in_time<T>(&self, doing: impl Future<Output = T>) -> Result<T, NetError> {
        self.within(self.deadline(), doing).await
    }

    /// Does something until a moment, or until the time for probes is over.
    async fn within<T>(
        &self,
        until: Instant,
        doing: impl Future<Output = T>,
    ) -> Result<T, NetError> {
        let until = until.min(self.deadline());
        timeout_at(until, doing).await.map_err(|_| self.late(until))
    }

    /// Returns what it means that something was not done by a moment.
    fn late(&self, until: Instant) -> NetError {
        match until < self.deadline() {
            true => NetError::TimedOut,
            false => NetError::Deadline,
        }
    }

    /// Keeps what came of asking who owns the domain, before any probe runs.
    pub(crate) fn settle_ownership(&self, ownership: Ownership) {
        self.0.ownership.get_or_init(|| ownership);
    }

    /// Returns whether intrusive probes may run: they were asked for, and the scanned domain's
    /// ownership was proven in this scan.
    pub fn may_intrude(&self) -> bool {
        self.0.ownership.get().is_some_and(Ownership::is_proven)
    }

    /// Returns whether they may run against a host other than the scanned one, such as a mail
    /// server: only where the proof covers its name too.
    pub fn may_intrude_at(&self, host: &str) -> bool {
        self.0.ownership.get().is_some_and(|ownership| ownership.covers(host))
    }

    /// Returns the public roots and those the operator added.
    pub fn roots(&self) -> &[TrustAnchor<'static>] {
        &self.0.shared.roots
    }

    /// Returns what DNSSEC is believed from.
    pub fn dnssec_anchors(&self) -> &DnssecAnchors {
        &self.0.shared.settings.dnssec_anchors
    }

    /// Returns whom the operator chose to ask.
    pub(crate) fn providers(&self) -> &Providers {
        &self.0.shared.settings.providers
    }

    /// Returns what providers know, as all scans share it.
    pub(crate) fn tables(&self) -> &AllTables {
        &self.0.shared.tables
    }

    /// Returns what other scans saw lately of servers that domains share.
    pub(crate) fn seen_lately(&self) -> &SeenLately {
        &self.0.shared.seen_lately
    }

    /// Returns whether so much was opened, asked or waited for that somebody else might see more.
    pub(crate) fn is_spent(&self) -> bool {
        let (connections, queries) = self.used();
        connections >= MOST_CONNECTIONS
            || queries >= MOST_QUERIES
            || Instant::now() >= self.deadline()
    }

    /// Returns how many connections were opened and how many questions asked.
    pub fn used(&self) -> (u32, u32) {
        (self.0.connections.load(Ordering::Relaxed), self.0.queries.load(Ordering::Relaxed))
    }

    /// Keeps which addresses the target has, before any probe runs.
    pub(crate) fn settle_addresses(&self, addresses: Vec<IpAddr>) {
        self.0.target.get_or_init(|| addresses);
    }

    /// Says whether an address may be reached, and if not, why.
    pub fn allows(&self, address: IpAddr) -> Result<(), &'static str> {
        let settings = &self.0.shared.settings;
        if settings.exclusions.iter().any(|one| one.covers_address(address)) {
            return Err(EXCLUDED);
        }
        let excluded = self.0.excluded.lock().unwrap_or_else(|poison| poison.into_inner());
        if excluded.contains(&address) {
            return Err(EXCLUDED);
        }
        match guard::refusal(address) {
            Some(reason) if !settings.allow_private_networks => Err(reason),
            _ => Ok(()),
        }
    }

    /// Says whether a name is one that the operator excludes.
    pub(crate) fn excludes(&self, name: &str) -> bool {
        self.0.shared.settings.exclusions.iter().any(|one| one.covers_name(name))
    }

    /// Notes where a name leads that the operator excludes, so that the guard refuses its addresses
    /// whoever has them from it. What the target shares with it stays the target's.
    fn exclude(&self, addresses: impl Iterator<Item = IpAddr>) {
        let own = self.0.target.get();
        let foreign = addresses.filter(|one| own.is_none_or(|own| !own.contains(one)));
        let mut excluded = self.0.excluded.lock().unwrap_or_else(|poison| poison.into_inner());
        excluded.extend(foreign.take(MOST_EXCLUDED));
    }

    /// Returns where a well-known port of an address really is: itself, unless the operator maps
    /// the port elsewhere. `None` is a port that does not exist, since a laboratory stands in for
    /// the internet and does not have it; nothing but the laboratory is reached then.
    fn place(&self, address: IpAddr, port: u16) -> Option<SocketAddr> {
        let settings = &self.0.shared.settings;
        match settings.port_overrides.get(&port) {
            Some(PortTarget::Port(other)) => Some(SocketAddr::new(address, *other)),
            Some(PortTarget::Address(place)) => Some(*place),
            None if settings.is_laboratory() => None,
            None => Some(SocketAddr::new(address, port)),
        }
    }
}
