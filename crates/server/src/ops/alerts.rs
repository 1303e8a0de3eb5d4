//! Alerts of unusual use: how an account is told of something, and what is noticed at once.
//!
//! [`raise`] asks the account's rules whether and how it wants to be told, and writes the letter in the
//! words of `alert_letters`. What only shows over minutes is noticed by `jobs::watch_usage`, what shows
//! over days by `jobs::remind_of_keys`.
//!
//! A dead key is only ever recognised by its whole secret, so each alert means that somebody has it.
//! [`ToldToday`] keeps a flood of occasions from the database; the database keeps several nodes from
//! telling of one twice. Nothing here holds up an answer.
//!
//! To add a rule: a row in `model::alert_rules`, advice in `alert_letters`, and whoever notices it
//! calls [`raise`].

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use model::{AlertChannel, AlertType, AuthFailure, DAY_MS, Severity, Timestamp};
use store::{AlertSettings, ApiKey, NewAlert, Principal};

use super::alert_letters;
use crate::app::App;
use crate::error::Result;
use crate::jobs::send_mail;

/// Most occasions that are remembered; beyond them the database is asked.
const MOST: usize = 10_000;

/// The occasions of this day that were told of by this process.
#[derive(Default)]
pub(crate) struct ToldToday(Mutex<(i64, HashSet<String>)>);

impl ToldToday {
    /// Remembers an occasion of a day. Returns whether it is new here.
    pub(crate) fn remember(&self, day: i64, occasion: &str) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told.0 != day {
            *told = (day, HashSet::new());
        }
        if told.1.len() >= MOST {
            return !told.1.contains(occasion);
        }
        told.1.insert(occasion.to_owned())
    }

    /// Returns whether an occasion of a day was told of here.
    pub(crate) fn has(&self, day: i64, occasion: &str) -> bool {
        let told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.0 == day && told.1.contains(occasion)
    }

    /// Forgets all, after an account changed what it wants to be told of.
    pub(crate) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1.clear();
    }

    /// Forgets an occasion that could not be told of.
    pub(crate) fn forget(&self, occasion: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1.remove(occasion);
    }
}

/// What an account is to be told of.
pub(crate) struct News<'a> {
    pub(crate) alert_type: AlertType,
    pub(crate) severity: Severity,
    /// What happened, without the name of the key.
    pub(crate) title: String,
    /// What exactly, in our words alone: it stands in letters to addresses that nobody confirmed.
    pub(crate) message: String,
    pub(crate) old_value: Option<String>,
    pub(crate) new_value: Option<String>,
    pub(crate) key: Option<&'a ApiKey>,
    /// What it tells of and in which period.
    pub(crate) occasion: String,
    /// What the rule is silent about until it is released.
    pub(crate) hold: Option<String>,
}

/// Returns the number of a day since 1970, in UTC.
pub(crate) fn day(at: Timestamp) -> i64 {
    at.0.div_euclid(DAY_MS)
}

/// Tells an account, if its rules say so. Returns whether it was told now.
pub(crate) async fn raise(
    app: &App,
    account: i64,
    settings: &AlertSettings,
    news: &News<'_>,
) -> Result<bool> {
    let Some(alert) = alert(app, account, settings, news).await? else { return Ok(false) };
    let is_new = app.store.raise_alert(account, &alert, app.clock.now()).await?;
    if is_new {
        app.wake.wake();
    }
    Ok(is_new)
}

/// Returns news as an alert with its letter; `None` when the account's rules do not ask for it.
pub(crate) async fn alert(
    app: &App,
    account: i64,
    settings: &AlertSettings,
    news: &News<'_>,
) -> Result<Option<NewAlert>> {
    if !settings.rules.enabled(news.alert_type) {
        return Ok(None);
    }
    let channels = settings.rules.channels(news.alert_type);
    let wants_letter = channels.contains(&AlertChannel::Email) && settings.preferences.email;
    let letter = match wants_letter && alert_letters::advice(news.alert_type).is_some() {
        true => letter(app, account, news).await?,
        false => None,
    };
    let title = match news.key {
        Some(key) => format!("{}: {}", news.title, key.name),
        None => news.title.clone(),
    };
    Ok(Some(NewAlert {
        alert_type: news.alert_type,
        severity: news.severity,
        title,
        message: news.message.clone(),
        old_value: news.old_value.clone(),
        new_value: news.new_value.clone(),
        key_id: news.key.map(|key| key.key_id.clone()),
        occasion: news.occasion.clone(),
        hold: news.hold.clone(),
        is_read: !channels.contains(&AlertChannel::Dashboard),
        letter,
    }))
}

async fn letter(app: &App, account: i64, news: &News<'_>) -> Result<Option<store::NewJob>> {
    let reader = match news.key {
        Some(key) => app.store.find_key_owner(account, key.id).await?,
        None => app.store.find_account_reader(account).await?,
    };
    let Some(reader) = reader else { return Ok(None) };
    let now = app.clock.now();
    let letter = alert_letters::single(news, &reader, now);
    send_mail::due(&reader.email, &letter, now).map(Some)
}

/// Tells the owner of a revoked or expired key that its secret was sent, once a day.
pub(crate) fn dead_key_used(app: &App, key: &ApiKey, reason: AuthFailure, ip: Option<IpAddr>) {
    let (alert_type, state, severity) = match reason {
        AuthFailure::Revoked => (AlertType::RevokedKeyUsed, "revoked", Severity::High),
        AuthFailure::Expired => (AlertType::ExpiredKeyUsed, "expired", Severity::Medium),
        _ => return,
    };
    let today = day(app.clock.now());
    let occasion = format!("{alert_type}:{}:{today}", key.key_id);
    if !app.told_today.remember(today, &occasion) {
        return;
    }
    let (app, key) = (app.clone(), key.clone());
    app.clone().tasks.spawn(async move {
        let from = ip.map_or_else(|| "an unknown address".to_owned(), |ip| ip.to_string());
        let news = News {
            alert_type,
            severity,
            title: format!("A key that is {state} was used"),
            message: format!(
                "The whole secret of {}… was sent from {from} and refused. Something still has it.",
                key.key_id
            ),
            old_value: None,
            new_value: ip.map(|ip| ip.to_string()),
            key: Some(&key),
            occasion,
            hold: None,
        };
        tell(&app, key.account_id, &news).await;
    });
}

/// Tells an account how much of its month is used up, after it took a scan or was refused one.
pub(crate) fn scans_taken(app: &App, principal: &Principal) {
    let (account, limit) = (principal.user_account_id, principal.plan_scans_per_month);
    let app = app.clone();
    app.clone().tasks.spawn(async move {
        let now = app.clock.now();
        // Not the remembered number: that may be from before the scan that crosses a line.
        let used = match app.store.scans_this_month(account, now).await {
            Ok(used) => used,
            Err(error) => return tracing::error!(%error, "the month's scans could not be counted"),
        };
        let settings = match app.store.find_alert_settings(account).await {
            Ok(settings) => settings,
            Err(error) => return tracing::error!(%error, "an account's rules could not be read"),
        };
        let lines = &settings.rules.quota.percent;
        let Some(line) = line_reached(lines, used, limit) else { return };
        let month = now.month();
        let occasion = format!("quota:{}:{line}:{limit}", month.as_str());
        if !app.told_today.remember(day(now), &occasion) {
            return;
        }
        let news = News {
            alert_type: AlertType::Quota,
            severity: match line {
                ..75 => Severity::Info,
                75..90 => Severity::Low,
                90..100 => Severity::Medium,
                _ => Severity::High,
            },
            title: format!("{line} % of the month's scans are used"),
            message: format!(
                "{used} of {limit} scans of {} are used. The next month begins {}.",
                month.as_str(),
                super::usage::next_month(now)
            ),
            old_value: Some(limit.to_string()),
            new_value: Some(used.to_string()),
            key: None,
            occasion,
            hold: None,
        };
        tell(&app, account, &news).await;
    });
}

/// Returns the highest line that is reached.
fn line_reached(lines: &[i64], used: i64, limit: i64) -> Option<i64> {
    let is_reached = |line: &i64| i128::from(used) * 100 >= i128::from(*line) * i128::from(limit);
    lines.iter().copied().filter(|line| limit > 0 && is_reached(line)).max()
}

/// Raises what nobody waits for.
async fn tell(app: &App, account: i64, news: &News<'_>) {
    let telling = async {
        let settings = app.store.find_alert_settings(account).await?;
        raise(app, account, &settings, news).await
    };
    if let Err(error) = telling.await {
        app.told_today.forget(&news.occasion);
        tracing::error!(%error, "an alert could not be raised");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_occasion_is_new_once_a_day() {
        let told = ToldToday::default();
        assert!(told.remember(1, "a") && !told.remember(1, "a") && told.remember(1, "b"));
        assert!(told.remember(2, "a") && !told.remember(2, "a"));
        told.forget("a");
        assert!(told.remember(2, "a"));
    }

    #[test]
    fn a_flood_of_occasions_takes_no_more_memory() {
        let told = ToldToday::default();
        for number in 0..MOST + 5 {
            assert!(told.remember(1, &number.to_string()));
        }
        assert_eq!(told.0.lock().unwrap().1.len(), MOST);
        assert!(!told.remember(1, "0"));
    }

    #[test]
    fn the_highest_line_that_is_reached_counts() {
        let lines = [50, 75, 90, 100];
        let reached = |used, limit| line_reached(&lines, used, limit);
        assert_eq!([reached(4, 10), reached(5, 10), reached(7, 10)], [None, Some(50), Some(50)]);
        assert_eq!([reached(8, 10), reached(9, 10), reached(10, 10)], [75, 90, 100].map(Some));
        assert_eq!([reached(0, 0), reached(1, 2), reached(2, 2)], [None, Some(50), Some(100)]);
        assert_eq!(reached(i64::MAX, i64::MAX), Some(100));
    }
}
