//! Writes to the owners of keys that end soon, are old, or were replaced and are still in use, and
//! raises the alerts about old and idle ones.
//!
//! Queued once an hour. Running it twice is harmless: each notice of a key is written down in the
//! transaction that queues its letter, and an alert has its occasion. After a pause only the newest of the notices that were missed
//! is sent.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use model::{AlertChannel, AlertRules, AlertType, DAY_MS, HOUR_MS, Severity, Timestamp};
use store::{AlertSettings, ApiKey};

use super::send_mail;
use crate::app::App;
use crate::mail::Letter;
use crate::ops::alerts::{self, News};
use crate::ops::key_hygiene::used_after_rotation;
use crate::ops::key_letters::{self, Told};

pub(crate) const KIND: &str = "remind_of_keys";
const PAGE: i64 = 500;

/// Days before the end of a key at which its owner is told.
const ENDS_IN_DAYS: [i64; 4] = [1, 3, 10, 30];
/// Hours before the end of the grace period at which the owner of a key in use is told.
const GRACE_HOURS: [i64; 2] = [1, 24];
/// Days before rotation is due at which it is asked for first, unless the time is shorter than twice
/// that; from the day on that it is due it is asked for each week.
const LEAD_DAYS: i64 = 15;

pub(crate) async fn run(app: &App) -> anyhow::Result<()> {
    let now = app.clock.now();
    let ends_before = now.plus_ms(30 * DAY_MS + 1);
    // An account may ask for rotation after a day.
    let made_before = now.plus_ms(1 - DAY_MS);
    let mut after = 0;
    loop {
        let watched =
            app.store.list_watched_keys(after, ends_before, made_before, PAGE, now).await?;
        let Some(last) = watched.last() else { break };
        after = last.key.id;
        let mut settings_of = HashMap::new();
        for watched in &watched {
            let account = watched.key.account_id;
            let settings = match settings_of.entry(account) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unknown) => {
                    unknown.insert(app.store.find_alert_settings(account).await?)
                }
            };
            let key = Told::of(&watched.key, &watched.owner);
            for (notice, letter) in notices(&key, settings, now) {
                let job = send_mail::due(&watched.owner.email, &letter, now)?;
                app.store.queue_key_notice(watched.key.id, &notice, &job, now).await?;
            }
            for news in news(&watched.key, &settings.rules, now) {
                if !app.store.was_told(account, &news.occasion).await? {
                    alerts::raise(app, account, settings, &news).await?;
                }
            }
        }
    }
    app.wake.wake();
    Ok(())
}

/// Returns what the owner of a working key is to be told, each under the name that it has once.
fn notices(key: &Told, settings: &AlertSettings, now: Timestamp) -> Vec<(String, Letter)> {
    let mut notices = Vec::new();
    if let (Some(end), Some(_)) = (key.expires_at, key.rotated_at) {
        let left = end.ms_since(now);
        let hours = GRACE_HOURS.into_iter().find(|hours| left <= hours * HOUR_MS);
        if let Some(hours) = hours.filter(|_| used_after_rotation(key)) {
            notices.push((format!("grace_{hours}h"), key_letters::still_in_use(key, end, hours)));
        }
        return notices;
    }
    if let Some(end) = key.expires_at {
        let (left, whole) = (end.ms_since(now), end.ms_since(key.created_at));
        let days = ENDS_IN_DAYS.into_iter().find(|days| left <= days * DAY_MS);
        // A key that was made for a week need not be told of thirty days.
        if let Some(days) = days.filter(|days| whole > days * DAY_MS) {
            notices.push((format!("ends_{days}d"), key_letters::ends_soon(key, end, days)));
        }
    }
    let rule = &settings.rules.rotation_due;
    if !rule.enabled || !rule.channels.contains(&AlertChannel::Email) || !settings.preferences.email
    {
        return notices;
    }
    let age = now.ms_since(key.created_at) / DAY_MS;
    let first = (rule.days - LEAD_DAYS.min(rule.days / 2)).max(1);
    let reached = match age {
        age if age < first => None,
        age if age < rule.days => Some(first),
        age => Some(age - (age - rule.days) % 7),
    };
    if let Some(days) = reached {
        let letter = key_letters::rotation_due(key, age, rule.days);
        notices.push((format!("rotation_{days}d"), letter));
    }
    notices
}

/// Returns what the list of alerts is to tell of a working key.
fn news<'a>(key: &'a ApiKey, rules: &AlertRules, now: Timestamp) -> Vec<News<'a>> {
    if key.rotated_at.is_some() {
        return Vec::new();
    }
    let mut news = Vec::new();
    let mut tell = |alert_type: AlertType, title: &str, message: String, days: i64, occasion| {
        news.push(News {
            alert_type,
            severity: Severity::Low,
            title: title.to_owned(),
            message,
            old_value: None,
            new_value: Some(days.to_string()),
            key: Some(key),
            occasion,
            hold: None,
        });
    };
    let age = now.ms_since(key.created_at) / DAY_MS;
    let due = rules.rotation_due.days;
    if rules.rotation_due.enabled && age >= due {
        let message = format!(
            "{}… is {age} days old. Rotate it, or revoke it if nothing needs it.",
            key.key_id
        );
        let occasion = format!("{}:{}:{due}", AlertType::RotationDue, key.key_id);
        tell(AlertType::RotationDue, "A key is due for rotation", message, age, occasion);
    }
    let last_use = key.last_used_at.unwrap_or(key.created_at);
    let idle = now.ms_since(last_use) / DAY_MS;
    if rules.idle_key.enabled && idle >= rules.idle_key.days {
        let message = match key.last_used_at {
            Some(at) => format!("{}… was used last at {at}, {idle} days ago.", key.key_id),
            None => format!("{}… was made {idle} days ago and never used.", key.key_id),
        };
        let occasion = format!("{}:{}:{}", AlertType::IdleKey, key.key_id, last_use.0);
        tell(AlertType::IdleKey, "A key is not used any more", message, idle, occasion);
    }
    news
}

#[cfg(test)]
mod tests {
    use store::KeyOwner;

    use super::*;

    const MADE: Timestamp = Timestamp(1_795_509_096_000);

    fn key(lifetime_days: Option<i64>) -> ApiKey {
        ApiKey {
            id: 1,
            account_id: 1,
            key_id: "cl_aaaaaaaaaaaa".to_owned(),
            name: "ci".to_owned(),
            description: None,
            environment: None,
            scopes: Vec::new(),
            ip_allowlist: Vec::new(),
            domains: Vec::new(),
            per_minute: None,
            enabled: true,
            created_at: MADE,
            created_by: None,
            expires_at: lifetime_days.map(|days| MADE.plus_ms(days * DAY_MS)),
            last_used_at: None,
            last_used_ip: None,
            last_used_agent: None,
            last_used_endpoint: None,
            rotated_from: None,
            rotated_to: None,
            rotated_at: None,
            exposed_at: None,
            revoked_at: None,
            revoked_by: None,
        }
    }

    /// Every notice of a key's life, looked for each hour.
    fn life(key: &ApiKey, settings: &AlertSettings, days: i64) -> Vec<String> {
        let owner = KeyOwner { email: "a@example.com".to_owned(), email_verified_at: Some(MADE) };
        let key = Told::of(key, &owner);
        let mut seen: Vec<String> = Vec::new();
        for hour in 0..days * 24 {
            for (notice, _) in notices(&key, settings, MADE.plus_ms(hour * HOUR_MS)) {
                if !seen.contains(&notice) {
                    seen.push(notice);
                }
            }
        }
        seen
    }

    #[test]
    fn the_end_is_told_four_times() {
        assert_eq!(
            life(&key(Some(60)), &AlertSettings::default(), 60),
            ["ends_30d", "ends_10d", "ends_3d", "ends_1d"]
        );
        assert_eq!(life(&key(Some(7)), &AlertSettings::default(), 7), ["ends_3d", "ends_1d"]);
        assert!(life(&key(Some(1)), &AlertSettings::default(), 1).is_empty());
    }

    #[test]
    fn rotation_is_asked_for_again_and_again() {
        let due = ["rotation_75d", "rotation_90d", "rotation_97d", "rotation_104d"];
        assert_eq!(life(&key(None), &AlertSettings::default(), 110), due);
    }

    #[test]
    fn an_account_says_when_rotation_is_due_and_whether_letters_come() {
        let mut settings = AlertSettings::default();
        settings.rules.rotation_due.days = 30;
        assert_eq!(
            life(&key(None), &settings, 40),
            ["rotation_15d", "rotation_30d", "rotation_37d"]
        );
        settings.rules.rotation_due.days = 1;
        assert_eq!(life(&key(None), &settings, 8), ["rotation_1d"]);
        settings.rules.rotation_due.channels = vec![AlertChannel::Dashboard];
        assert!(life(&key(None), &settings, 110).is_empty());
        settings = AlertSettings::default();
        settings.preferences.email = false;
        assert!(life(&key(None), &settings, 110).is_empty());
        assert_eq!(life(&key(Some(7)), &settings, 7), ["ends_3d", "ends_1d"]);
    }

    #[test]
    fn an_idle_key_is_told_of_once_until_it_is_used_again() {
        let told = |key: &ApiKey, days: i64| -> Vec<String> {
            let rules = AlertRules::default();
            let news = news(key, &rules, MADE.plus_ms(days * DAY_MS));
            news.into_iter().map(|news| news.occasion).collect()
        };
        let never = key(None);
        assert!(told(&never, 89).is_empty());
        let first = told(&never, 90);
        assert_eq!((first.len(), &first), (2, &told(&never, 400)));
        let used = ApiKey { last_used_at: Some(MADE.plus_ms(95 * DAY_MS)), ..never };
        assert_eq!(told(&used, 100), first[..1]);
        let again = told(&used, 185);
        assert!(again.len() == 2 && again[1] != first[1], "{again:?}");
        let replaced = ApiKey { rotated_at: Some(MADE), ..used };
        assert!(told(&replaced, 400).is_empty());
    }

    #[test]
    fn only_a_replaced_key_that_is_used_is_told_of() {
        let mut old = ApiKey { rotated_at: Some(MADE), ..key(Some(3)) };
        assert!(life(&old, &AlertSettings::default(), 3).is_empty());
        old.last_used_at = Some(MADE.plus_ms(1));
        assert_eq!(life(&old, &AlertSettings::default(), 3), ["grace_24h", "grace_1h"]);
    }
}
