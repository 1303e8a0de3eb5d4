//! Keys that somebody found where they should not be.
//!
//! Whoever reports is told nothing, so that the report is no way to ask whether a key is good. The
//! look-up happens after the answer, one report after the other, so that a flood of reports costs
//! one worker and no request. Reports wait in memory alone, because they hold whole keys; what waits
//! when the server stops is lost.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use model::{AlertType, ApiToken, Severity};
use store::{Act, LeakJobs};
use tokio::sync::Notify;

use super::alerts::{self, News, day};
use super::key_letters::{self, Told};
use crate::app::App;
use crate::error::Result;
use crate::jobs::send_mail;
use crate::mail::Letter;

/// Reports that wait at most; the next ones are dropped.
const MAX_WAITING: usize = 100;
/// Characters that are kept of where a key was found.
const MAX_PLACE: usize = 500;

/// A well-formed key and where it was found.
pub(crate) struct Leak {
    token: ApiToken,
    found_at: Option<String>,
}

struct Report {
    leaks: Vec<Leak>,
    /// Who reports.
    ip: Option<IpAddr>,
}

/// Reports that nobody has looked into yet.
#[derive(Default)]
pub(crate) struct LeakReports {
    waiting: Mutex<VecDeque<Report>>,
    arrived: Notify,
}

impl Leak {
    /// Reads a report's line. `None` for what no key can look like.
    pub(crate) fn read(token: &str, place: Option<&str>) -> Option<Self> {
        let line = |place: &str| -> String {
            place.chars().filter(|letter| !letter.is_control()).take(MAX_PLACE).collect()
        };
        let found_at = place.map(line).filter(|place| !place.is_empty());
        Some(Self { token: ApiToken::parse(token.trim())?, found_at })
    }
}

impl LeakReports {
    /// Takes a report to look into later.
    pub(crate) fn submit(&self, mut leaks: Vec<Leak>, ip: Option<IpAddr>) {
        leaks.sort_by(|one, other| one.token.expose().cmp(other.token.expose()));
        leaks.dedup_by(|one, other| one.token == other.token);
        if leaks.is_empty() {
            return;
        }
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= MAX_WAITING {
            tracing::warn!(
                keys = leaks.len(),
                "too many reports of leaked keys wait; one is dropped"
            );
            return;
        }
        waiting.push_back(Report { leaks, ip });
        self.arrived.notify_one();
    }

    async fn next(&self) -> Report {
        loop {
            let next = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            match next {
                Some(report) => return report,
                None => self.arrived.notified().await,
            }
        }
    }
}

/// Looks into reports, one after the other, until the server closes.
pub(crate) async fn work(app: App) {
    loop {
        let report = tokio::select! {
            report = app.leak_reports.next() => report,
            () = app.closing.cancelled() => return,
        };
        for leak in &report.leaks {
            if let Err(error) = look_into(&app, leak, report.ip).await {
                tracing::error!(%error, key = leak.token.key_id(), "a leaked key could not be dealt with");
            }
        }
    }
}

/// Revokes or flags a key whose secret is known to who reported it. Never counts as a use.
async fn look_into(app: &App, leak: &Leak, ip: Option<IpAddr>) -> Result<()> {
    let found = app.store.find_key_principal(leak.token.key_id()).await?;
    let stored = found.as_ref().map(|found| (found.pepper_version, found.hash.as_str()));
    let fits = app.secrets.fits(&leak.token, stored);
    let Some(found) = found.filter(|_| fits) else { return Ok(()) };
    let (key, reader) = (&found.key, key_letters::reader(&found.principal));
    let now = app.clock.now();
    let place = leak.found_at.as_deref();
    let told = Told::of(key, &reader);
    let told_place = place.filter(|_| reader.email_verified_at.is_some());
    let due = |letter: Letter| send_mail::due(&reader.email, &letter, now);
    let jobs = LeakJobs {
        revoked: due(key_letters::leaked_and_revoked(&told, told_place, now))?,
        flagged: due(key_letters::leaked_and_flagged(&told, told_place, now))?,
    };
    let settings = app.store.find_alert_settings(key.account_id).await?;
    let news = News {
        alert_type: AlertType::KeyExposed,
        severity: Severity::Critical,
        title: "A key was reported as leaked".to_owned(),
        message: format!(
            "Somebody reported the whole of {}…; it is no secret any more. It was revoked, unless \
             your key policy says `notify`.",
            key.key_id
        ),
        old_value: None,
        new_value: place.map(str::to_owned),
        key: Some(key),
        occasion: format!("{}:{}:{}", AlertType::KeyExposed, key.key_id, day(now)),
        hold: None,
    };
    let alert = alerts::alert(app, key.account_id, &settings, &news).await?;
    let act = Act { actor: "leak_report".to_owned(), ip: ip.map(|ip| ip.to_string()), at: now };
    let exposed =
        app.store.expose_key(key.account_id, key.id, place, &jobs, alert.as_ref(), &act).await?;
    if let Some(key) = exposed {
        tracing::warn!(key = key.key_id, status = %key.status(now), "a leaked key was reported");
        app.wake.wake();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "cl_4Zq0aB7xY1mN_K7dP2sVqR9tLwX3cF6hJ8kM1nB5gZ03xeS8l";

    fn waiting(reports: &LeakReports) -> usize {
        reports.waiting.lock().unwrap().len()
    }

    #[test]
    fn only_what_can_be_a_key_is_looked_into() {
        let reports = LeakReports::default();
        assert!(Leak::read("cl_your_api_key_here", None).is_none());
        reports.submit(Vec::new(), None);
        assert_eq!(waiting(&reports), 0);
        let leaks = || (0..3).filter_map(|_| Leak::read(GOOD, Some("a\r\nb"))).collect();
        reports.submit(leaks(), None);
        let report = reports.waiting.lock().unwrap().pop_front().unwrap();
        assert_eq!(report.leaks.len(), 1);
        assert_eq!(report.leaks[0].found_at.as_deref(), Some("ab"));
    }

    #[test]
    fn a_flood_of_reports_does_not_fill_the_memory() {
        let reports = LeakReports::default();
        for _ in 0..MAX_WAITING + 10 {
            reports.submit(Leak::read(GOOD, None).into_iter().collect(), None);
        }
        assert_eq!(waiting(&reports), MAX_WAITING);
    }
}
