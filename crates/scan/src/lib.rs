//! The scan engine: a domain in, a [`Report`] out.
//!
//! Probes talk to the network through [`net`] and return [`evidence`]; checks are pure functions
//! over it, listed in the [`catalogue`]; [`judge`] turns verdicts into module results and [`score`]
//! those into the number. The engine knows no database, no HTTP server and no configuration file,
//! so the command line can scan without a server.
//!
//! Invariants: nothing but `net` opens a socket; a check cannot await; a scan ends by its deadline
//! whatever the target does, and what was seen until then is judged; what was not seen never is.

pub mod catalogue;
pub mod check;
pub mod compliance;
pub mod evidence;
mod exclusion;
#[cfg(any(test, feature = "fuzzing"))]
pub mod foreign;
#[cfg(test)]
mod ids;
pub mod judge;
mod kev;
mod known_flaws;
pub mod modules;
mod nearest;
pub mod net;
pub mod next_grade;
pub mod ownership;
#[cfg(test)]
mod pastes;
mod provider_file;
mod providers;
mod settings;

pub mod score;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use model::{
    DomainName, ModuleId, Ownership, Report, ScanProfile, ScanScope, SkippedAddress, Timestamp,
    Unscored,
};
use tokio::time::Instant;

use catalogue::{MODULES, Module, Probe};
use evidence::Evidence;
pub use exclusion::{Exclusion, NoExclusion};
pub use modules::blacklists::BlockList;
pub use modules::breaches::{ApiKey, BreachSources};
pub use modules::dns_email::rpki::RouteOrigins;
pub use modules::dnssec::anchor::DnssecAnchors;
pub use nearest::nearest_check;
use net::{Net, NetError, Shared};
use ownership::Challenge;
pub use provider_file::ProviderFile;
pub use providers::Providers;
pub use settings::{PortTarget, Settings, SettingsProblem};

/// The version reports carry.
pub const ENGINE_VERSION: &str = env!("CARGO_PKG_VERSION");

/// Runs scans. One engine serves all; cheap to clone.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
    deadline: Duration,
}

/// What to scan.
#[derive(Debug, Clone)]
pub struct Order {
    pub domain: DomainName,
    /// The modules to judge; all when empty.
    pub modules: Vec<ModuleId>,
    /// The time the report carries and dates are judged against.
    pub now: Timestamp,
    /// Asks for intrusive probes too, which run when the domain answers the challenge.
    pub intrusive: Option<Challenge>,
}

/// What happens during a scan, in the order it happens.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// The domain was looked up.
    Resolved { addresses: Vec<IpAddr> },
    /// A module's result is there; its score may still be missing, and what it has in common with
    /// modules that are still running is judged when they are done.
    Finished(model::ModuleReport),
}

/// What probes work on: the domain and the addresses that may be reached, looked up once.
#[derive(Debug, Clone)]
pub struct Target {
    pub domain: DomainName,
    pub addresses: Vec<IpAddr>,
}

impl Engine {
    /// Makes an engine. Fails when the resolver or a trust root cannot be used.
    pub fn new(settings: Settings) -> Result<Self, SettingsProblem> {
        let deadline = settings.deadline;
        Ok(Self { shared: Arc::new(Shared::new(settings)?), deadline })
    }

    /// Returns an engine whose scans take at most `deadline`. It shares everything with this one:
    /// sockets, places at addresses, and what was seen lately.
    pub fn within(&self, deadline: Duration) -> Self {
        Self { shared: Arc::clone(&self.shared), deadline: self.deadline.min(deadline) }
    }

    /// Returns the settings the engine was made from.
    pub fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    /// Scans a domain, as soon as there are sockets for one more scan. Always ends by the deadline,
    /// counted from then on, and always in a report: a site that is down is a report too.
    pub async fn scan(&self, order: &Order, progress: &(dyn Fn(Progress) + Sync)) -> Report {
        let _at_work = self.shared.places.begin().await;
        Box::pin(self.scan_now(order, progress)).await
    }

    /// Scans a domain as [`Engine::scan`] does; `None` when there are no sockets for one more scan
    /// within `patience`.
    pub async fn scan_soon(
        &self,
        patience: Duration,
        order: &Order,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Option<Report> {
        let waiting = self.shared.places.begin();
        let _at_work = tokio::time::timeout(patience, waiting).await.ok()?;
        Some(Box::pin(self.scan_now(order, progress)).await)
    }

    async fn scan_now(&self, order: &Order, progress: &(dyn Fn(Progress) + Sync)) -> Report {
        let began = Instant::now();
        let net = Net::for_scan(Arc::clone(&self.shared), order.now, &order.domain, self.deadline);
        let mut evidence = Evidence { seen_at: Some(order.now), ..Evidence::default() };
        let mut scope = ScanScope::default();
        if order.intrusive.is_some() {
            scope.profile = ScanProfile::Intrusive;
        }
        let planned: Vec<&'static Module> = MODULES
            .iter()
            .filter(|module| order.modules.is_empty() || order.modules.contains(&module.id))
            .collect();
        let modules = match self.resolve(&net, &order.domain, &mut scope).await {
            Err(unscored) => Err(unscored),
            Ok(target) => {
                progress(Progress::Resolved { addresses: target.addresses.clone() });
                evidence.addresses = Some(target.addresses.clone());
                if let Some(challenge) = &order.intrusive {
                    let ownership = ownership::prove(&net, &target, challenge).await;
                    net.settle_ownership(ownership.clone());
                    scope.ownership = Some(ownership);
                    evidence.intrusive = net.may_intrude();
                }
                Ok(self.run(&net, &target, &planned, &mut evidence, progress).await)
            }
        };
        (scope.connections, scope.dns_queries) = net.used();
        scope.throttled = net.throttled();
        score::report(score::Scanned {
            domain: order.domain.clone(),
            scanned_at: order.now,
            duration_ms: milliseconds(began.elapsed()),
            scope,
            evidence,
            modules,
        })
    }

    /// Asks whether a domain answers a challenge, as an intrusive scan would. `now` is the time.
    pub async fn prove(
        &self,
        domain: &DomainName,
        challenge: &Challenge,
        now: Timestamp,
    ) -> Ownership {
        let net = Net::for_scan(Arc::clone(&self.shared), now, domain, self.deadline);
        // What keeps the name from being scanned keeps its file from being read, not its record.
        let resolved = self.resolve(&net, domain, &mut ScanScope::default()).await;
        let addresses = resolved.map(|target| target.addresses).unwrap_or_default();
        let target = Target { domain: domain.clone(), addresses };
        ownership::prove(&net, &target, challenge).await
    }

    /// Looks the domain up and decides which of its addresses may be scanned.
    async fn resolve(
        &self,
        net: &Net,
        domain: &DomainName,
        scope: &mut ScanScope,
    ) -> Result<Target, Unscored> {
        let name = domain.as_str();
        if net.excludes(name) {
            return Err(Unscored::Excluded);
        }
        let (allowed, refused) = net
            .addresses(name)
            .await
            .map_err(|missing| Unscored::ResolverFailed(missing.to_string()))?;
        let exists = net.lookup(name, hickory_proto::rr::RecordType::A).await;
        if allowed.is_empty() && refused.is_empty() && exists.is_ok_and(|answer| !answer.exists) {
            return Err(Unscored::NoSuchDomain);
        }
        if let (true, Some((address, reason))) = (allowed.is_empty(), refused.first()) {
            return Err(Unscored::Refused(format!("{address} is {reason}")));
        }
        let skipped = |(address, reason): (IpAddr, &str)| SkippedAddress {
            address,
            reason: reason.to_owned(),
        };
        scope.skipped = refused.into_iter().map(skipped).collect();
        scope.addresses.clone_from(&allowed);
        net.settle_addresses(allowed.clone());
        Ok(Target { domain: domain.clone(), addresses: allowed })
    }

    /// Runs the probes side by side and judges each module as soon as its evidence is there.
    async fn run(
        &self,
        net: &Net,
        target: &Target,
        planned: &[&'static Module],
        evidence: &mut Evidence,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Vec<model::ModuleReport> {
        let mut done: Vec<model::ModuleReport> = Vec::new();
        let mut in_time: Vec<Probe> = Vec::new();
        let mut probes: Vec<Probe> = Vec::new();
        for module in planned {
            if !probes.contains(&module.probe) {
                probes.push(module.probe);
            }
        }
        let mut running: FuturesUnordered<_> =
            probes.into_iter().map(|probe| fetch(probe, net, target)).collect();
        while let Some((probe, fetched, took)) = running.next().await {
            if fetched.is_some() {
                in_time.push(probe);
            }
            evidence.merge(fetched.unwrap_or_default());
            for module in planned.iter().filter(|module| module.probe == probe) {
                let mut report = match in_time.contains(&probe) {
                    true => judge::module(module, evidence),
                    false => judge::not_tested(module, &NetError::Deadline.to_string()),
                };
                report.duration_ms = milliseconds(took);
                progress(Progress::Finished(report.clone()));
                done.push(report);
            }
        }
        // Some checks compare what several probes saw. All of it is there only now, so the report does
        // not depend on who was first.
        for report in &mut done {
            let module = planned.iter().find(|module| module.id == report.id);
            if let Some(module) = module
                && in_time.contains(&module.probe)
            {
                let duration_ms = report.duration_ms;
                *report = model::ModuleReport { duration_ms, ..judge::module(module, evidence) };
            }
        }
        done.sort_by_key(|report| MODULES.iter().position(|module| module.id == report.id));
        done
    }
}

/// Runs one probe. The doors close a little before the scan ends, so that it comes home with what it
/// has; one that does not all the same has no evidence.
async fn fetch(probe: Probe, net: &Net, target: &Target) -> (Probe, Option<Evidence>, Duration) {
    let began = Instant::now();
    let probing = async {
        let mut evidence = Evidence::default();
        // On the heap: all of them together in one place would be as large as the largest.
        match probe {
            Probe::DnsEmail => {
                evidence.dns_email = Some(Box::pin(modules::dns_email::probe(net, target)).await)
            }
            Probe::Dnssec => {
                evidence.dnssec = Some(Box::pin(modules::dnssec::probe(net, target)).await)
            }
            Probe::Tls => evidence.tls = Some(Box::pin(modules::ssl_tls::probe(net, target)).await),
            Probe::Http => {
                evidence.http = Some(Box::pin(modules::http_headers::probe(net, target)).await)
            }
            Probe::Blacklists => {
                evidence.blacklists = Some(Box::pin(modules::blacklists::probe(net, target)).await)
            }
            Probe::Subdomains => {
                evidence.subdomains = Some(Box::pin(modules::subdomains::probe(net, target)).await)
            }
            Probe::Mail => {
                evidence.mail = Some(Box::pin(modules::email_auth::probe(net, target)).await)
            }
            Probe::Whois => {
                evidence.whois = Some(Box::pin(modules::whois::probe(net, target)).await)
            }
            Probe::Breaches => {
                evidence.breaches = Some(Box::pin(modules::breaches::probe(net, target)).await)
            }
            Probe::Reputation => {
                evidence.reputation = Some(Box::pin(modules::reputation::probe(net, target)).await)
            }
            Probe::Ports => {
                evidence.ports = Some(Box::pin(modules::open_ports::probe(net, target)).await)
            }
        }
        evidence
    };
    let fetched = tokio::time::timeout_at(net.end(), probing).await.ok();
    (probe, fetched, began.elapsed())
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
