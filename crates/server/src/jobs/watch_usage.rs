//! Looks for unusual use and tells the accounts: spikes, bursts of refused credentials, refusals by the
//! plan, new networks of keys, and what was not told of the day before.
//!
//! Queued once a minute. Running it twice is harmless: what was told is held or has its occasion in the
//! database. It looks at accounts with traffic since the last time and at those with a rule that has
//! fired, in pages; an account costs four to six reads by primary key, and writes only when there is
//! something to tell.

use model::{AlertType, DAY_MS, Granularity, HOUR_MS, MINUTE_MS, Outcome, Severity, Timestamp};
use store::{AlertSettings, ApiKey, Hold, KeyRequests, KeyToSettle};

use super::send_mail;
use crate::app::App;
use crate::ops::alert_letters::{self, MOST_IN_DIGEST};
use crate::ops::alerts::{self, News, day};
use crate::ops::unusual_use::{Burst, Level, Subject, bursts, spike, usual_hours, usual_requests};
use crate::recording;

pub(crate) const KIND: &str = "watch_usage";
const PAGE: i64 = 500;
/// How late the counts of another server may be.
const SLACK_MS: i64 = 2 * MINUTE_MS;
/// How far back is looked after a pause.
const FURTHEST_MS: i64 = 2 * HOUR_MS;
/// Networks of a key that are looked at at once.
const NETWORKS: i64 = 100;
/// Networks that an alert names.
const NAMED: usize = 5;

pub(crate) async fn run(app: &App) -> anyhow::Result<()> {
    // What this server has seen up to now is to count.
    recording::flush(app).await;
    let now = app.clock.now();
    let watched = app.store.watched_until().await?.plus_ms(-SLACK_MS);
    let since = Timestamp(watched.0.clamp(now.0 - FURTHEST_MS, now.0 - SLACK_MS));
    let mut after = 0;
    loop {
        let accounts = app.store.list_accounts_to_watch(since, after, PAGE).await?;
        let Some(last) = accounts.last() else { break };
        after = *last;
        for account in accounts {
            Watch::of(app, account, since, now).await?.look().await?;
        }
    }
    settle_networks(app, now).await?;
    send_digests(app, now).await?;
    app.store.set_watched_until(now).await?;
    Ok(())
}

/// One account being looked at.
struct Watch<'a> {
    app: &'a App,
    account: i64,
    settings: AlertSettings,
    holds: Vec<Hold>,
    since: Timestamp,
    now: Timestamp,
}

impl<'a> Watch<'a> {
    async fn of(
        app: &'a App,
        account: i64,
        since: Timestamp,
        now: Timestamp,
    ) -> anyhow::Result<Self> {
        let settings = app.store.find_alert_settings(account).await?;
        let holds = app.store.list_holds(account).await?;
        Ok(Self { app, account, settings, holds, since, now })
    }

    async fn look(mut self) -> anyhow::Result<()> {
        self.look_for_spikes().await?;
        self.look_for_bursts().await?;
        self.look_for_refusals().await?;
        // What is left has no use at all any more, or its rule was switched off.
        for hold in std::mem::take(&mut self.holds) {
            self.app.store.release_hold(self.account, &hold).await?;
        }
        Ok(())
    }

    /// Takes a hold off the list of those to release. Returns whether there was one.
    fn take_hold(&mut self, rule: AlertType, subject: Subject) -> Option<Hold> {
        let subject = subject.to_string();
        let at = self.holds.iter().position(|hold| hold.rule == rule && hold.subject == subject)?;
        Some(self.holds.swap_remove(at))
    }

    async fn look_for_spikes(&mut self) -> anyhow::Result<()> {
        let rule = self.settings.rules.request_spike.clone();
        if !rule.enabled {
            return Ok(());
        }
        let hour = self.now.plus_ms(MINUTE_MS - HOUR_MS);
        let from = Granularity::Minute.start_of(hour);
        for KeyRequests { api_key_id, requests } in
            self.app.store.requests_since(self.account, from).await?
        {
            let subject = if api_key_id == 0 { Subject::SignIns } else { Subject::Key(api_key_id) };
            let hold = self.take_hold(AlertType::RequestSpike, subject);
            let least = spike(&rule, requests, 0);
            match &hold {
                // Nothing usual makes the line lower than this.
                None if !least.fires() => continue,
                Some(hold) if least.releases() => {
                    self.app.store.release_hold(self.account, hold).await?;
                    continue;
                }
                _ => {}
            }
            let key = self.key(subject).await?;
            let made_at = match &key {
                Some(key) => Some(key.created_at),
                None => self.app.store.account_made_at(self.account).await?,
            };
            let hours = usual_hours(self.now);
            let counts = self.app.store.requests_of_hours(self.account, api_key_id, &hours).await?;
            let usual = made_at.and_then(|made_at| usual_requests(&counts, made_at, self.now));
            let Some(usual) = usual else { continue };
            let who = match &key {
                Some(key) => format!("with {}…", key.key_id),
                None => "by users who are signed in".to_owned(),
            };
            let news = News {
                alert_type: AlertType::RequestSpike,
                severity: Severity::Medium,
                title: "Many more requests than usual".to_owned(),
                message: format!(
                    "{requests} requests {who} within an hour; on the days before there were about \
                     {usual} at this time."
                ),
                old_value: Some(usual.to_string()),
                new_value: Some(requests.to_string()),
                key: key.as_ref(),
                occasion: self.occasion(AlertType::RequestSpike, subject),
                hold: Some(subject.to_string()),
            };
            self.decide(hold, spike(&rule, requests, usual), &news).await?;
        }
        Ok(())
    }

    async fn look_for_bursts(&mut self) -> anyhow::Result<()> {
        let rule = self.settings.rules.failed_auth_burst.clone();
        if !rule.enabled {
            return Ok(());
        }
        let from = Granularity::Minute.start_of(self.since.plus_ms(-rule.minutes * MINUTE_MS));
        let attempts = self.app.store.attempts_by_minute(self.account, from).await?;
        for (subject, Burst { level, reasons }) in bursts(&rule, &attempts, self.since) {
            let hold = self.take_hold(AlertType::FailedAuthBurst, subject);
            if hold.is_none() && !level.fires() {
                continue;
            }
            let key = self.key(subject).await?;
            let what = match (subject, &key) {
                (_, Some(key)) => format!("attempts with {}…", key.key_id),
                (Subject::SignIns, _) => "sign-ins of your users".to_owned(),
                _ => "attempts with many keys and addresses".to_owned(),
            };
            let reasons: Vec<_> =
                reasons.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
            let news = News {
                alert_type: AlertType::FailedAuthBurst,
                severity: Severity::Medium,
                title: "Many failed attempts to get in".to_owned(),
                message: format!(
                    "{} {what} were refused within {} minutes ({}).",
                    level.value,
                    rule.minutes,
                    reasons.join(", ")
                ),
                old_value: None,
                new_value: Some(level.value.to_string()),
                key: key.as_ref(),
                occasion: self.occasion(AlertType::FailedAuthBurst, subject),
                hold: Some(subject.to_string()),
            };
            self.decide(hold, level, &news).await?;
        }
        Ok(())
    }

    async fn look_for_refusals(&mut self) -> anyhow::Result<()> {
        let occasion = format!("{}:{}", AlertType::LimitReached, day(self.now));
        let app = self.app;
        if !self.settings.rules.limit_reached.enabled
            || app.told_today.has(day(self.now), &occasion)
        {
            return Ok(());
        }
        let today = Timestamp(day(self.now) * DAY_MS);
        let refusals = app.store.refusals_of_day(self.account, today).await?;
        let Some(most) = refusals.first() else { return Ok(()) };
        let requests: i64 = refusals.iter().map(|refusal| refusal.requests).sum();
        let key = self.key(Subject::Key(most.api_key_id)).await?;
        let who = match &key {
            Some(key) => format!("most of them with {}…", key.key_id),
            None => "most of them by users who are signed in".to_owned(),
        };
        let what = match most.outcome {
            Outcome::QuotaExceeded => "because the month's scans are used up",
            _ => "because there were too many (429)",
        };
        let news = News {
            alert_type: AlertType::LimitReached,
            severity: Severity::Low,
            title: "A limit of your plan was reached".to_owned(),
            message: format!("{requests} requests of today were refused {what}, {who}."),
            old_value: None,
            new_value: Some(requests.to_string()),
            key: None,
            occasion: occasion.clone(),
            hold: None,
        };
        alerts::raise(app, self.account, &self.settings, &news).await?;
        app.told_today.remember(day(self.now), &occasion);
        Ok(())
    }

    /// Lets a rule fire, or fire again some day.
    async fn decide(
        &self,
        hold: Option<Hold>,
        level: Level,
        news: &News<'_>,
    ) -> anyhow::Result<()> {
        match hold {
            Some(hold) if level.releases() => {
                self.app.store.release_hold(self.account, &hold).await?;
            }
            None if level.fires() => {
                alerts::raise(self.app, self.account, &self.settings, news).await?;
            }
            _ => {}
        }
        Ok(())
    }

    async fn key(&self, subject: Subject) -> anyhow::Result<Option<ApiKey>> {
        let Subject::Key(id) = subject else { return Ok(None) };
        Ok(self.app.store.find_key(self.account, id).await?)
    }

    fn occasion(&self, rule: AlertType, subject: Subject) -> String {
        format!("{rule}:{subject}:{}", day(self.now))
    }
}

/// Decides of each network that a key was used from for the first time whether its owner is told. While
/// they were told today, the rest waits for tomorrow.
async fn settle_networks(app: &App, now: Timestamp) -> anyhow::Result<()> {
    let mut after = 0;
    loop {
        let keys = app.store.list_keys_to_settle(after, PAGE).await?;
        let Some(last) = keys.last() else { return Ok(()) };
        after = last.api_key_id;
        for key in keys {
            settle_networks_of(app, key, now).await?;
        }
    }
}

async fn settle_networks_of(app: &App, seen: KeyToSettle, now: Timestamp) -> anyhow::Result<()> {
    let networks = app.store.list_networks_to_settle(seen, NETWORKS).await?;
    let Some(until) = networks.last().map(|network| network.first_seen_at) else { return Ok(()) };
    let settings = app.store.find_alert_settings(seen.account_id).await?;
    let key = app.store.find_key(seen.account_id, seen.api_key_id).await?;
    let first_day = settings.rules.new_network.after_hours * HOUR_MS;
    let mut new = Vec::new();
    if let Some(key) = &key {
        let is_new = |at: Timestamp| at.ms_since(key.created_at) >= first_day;
        let found = networks.iter().filter(|one| !one.is_inherited && is_new(one.first_seen_at));
        new.extend(found.map(|one| one.network.as_str()));
    }
    let alert = match key.as_ref().filter(|_| !new.is_empty()) {
        Some(key) => {
            let occasion = format!("{}:{}:{}", AlertType::NewNetwork, key.key_id, day(now));
            if app.told_today.has(day(now), &occasion) {
                return Ok(());
            }
            let more = match new.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let named = format!("{}{more}", new[..new.len().min(NAMED)].join(", "));
            let news = News {
                alert_type: AlertType::NewNetwork,
                severity: Severity::Medium,
                title: "A key was used from a new network".to_owned(),
                message: format!("{}… was used for the first time from {named}.", key.key_id),
                old_value: None,
                new_value: Some(named),
                key: Some(key),
                occasion,
                hold: None,
            };
            alerts::alert(app, seen.account_id, &settings, &news).await?
        }
        None => None,
    };
    app.store.settle_networks(seen, until, alert.as_ref(), now).await?;
    if let Some(alert) = alert {
        app.told_today.remember(day(now), &alert.occasion);
        app.wake.wake();
    }
    Ok(())
}

/// Writes of the alerts that found no room among the letters of a day that is over.
async fn send_digests(app: &App, now: Timestamp) -> anyhow::Result<()> {
    let today = Timestamp(day(now) * DAY_MS);
    let most = i64::try_from(MOST_IN_DIGEST + 1)?;
    let mut after = 0;
    loop {
        let accounts = app.store.list_accounts_to_digest(today, after, PAGE).await?;
        let Some(last) = accounts.last() else { return Ok(()) };
        after = *last;
        for account in accounts {
            let waiting = app.store.list_alerts_to_digest(account, most).await?;
            let Some(newest) = waiting.first() else { continue };
            let settings = app.store.find_alert_settings(account).await?;
            let reader = app.store.find_account_reader(account).await?;
            let letter = match reader.filter(|_| settings.preferences.email) {
                Some(reader) => {
                    Some(send_mail::due(&reader.email, &alert_letters::digest(&waiting), now)?)
                }
                None => None,
            };
            app.store.settle_digest(account, newest.id, letter.as_ref(), now).await?;
        }
        app.wake.wake();
    }
}
