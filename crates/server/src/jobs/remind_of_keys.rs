//! Writes to the owners of keys that end soon, are old, or were replaced and are still in use.
//!
//! Queued once an hour. Running it twice is harmless: each notice of a key is written down in the
//! transaction that queues its letter. After a pause only the newest of the notices that were missed
//! is sent.

use model::{DAY_MS, HOUR_MS, Timestamp};

use super::send_mail;
use crate::app::App;
use crate::mail::Letter;
use crate::ops::key_hygiene::used_after_rotation;
use crate::ops::key_letters::{self, Told};

pub(crate) const KIND: &str = "remind_of_keys";
const PAGE: i64 = 500;

/// Days before the end of a key at which its owner is told.
const ENDS_IN_DAYS: [i64; 4] = [1, 3, 10, 30];
/// Hours before the end of the grace period at which the owner of a key in use is told.
const GRACE_HOURS: [i64; 2] = [1, 24];
/// Ages at which rotation is asked for, in days; from the last on, every week.
const FIRST_REMINDER: i64 = 75;
const ROTATION_DUE: i64 = 90;

pub(crate) async fn run(app: &App) -> anyhow::Result<()> {
    let now = app.clock.now();
    let ends_before = now.plus_ms(30 * DAY_MS + 1);
    let made_before = now.plus_ms(1 - FIRST_REMINDER * DAY_MS);
    let mut after = 0;
    loop {
        let watched =
            app.store.list_watched_keys(after, ends_before, made_before, PAGE, now).await?;
        let Some(last) = watched.last() else { break };
        after = last.key.id;
        for watched in &watched {
            let key = Told::of(&watched.key, &watched.owner);
            for (notice, letter) in notices(&key, now) {
                let job = send_mail::due(&watched.owner.email, &letter, now)?;
                app.store.queue_key_notice(watched.key.id, &notice, &job, now).await?;
            }
        }
    }
    app.wake.wake();
    Ok(())
}

/// Returns what the owner of a working key is to be told, each under the name that it has once.
fn notices(key: &Told, now: Timestamp) -> Vec<(String, Letter)> {
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
    let age = now.ms_since(key.created_at) / DAY_MS;
    let reached = match age {
        ..FIRST_REMINDER => None,
        FIRST_REMINDER..ROTATION_DUE => Some(FIRST_REMINDER),
        age => Some(age - (age - ROTATION_DUE) % 7),
    };
    if let Some(days) = reached {
        notices.push((format!("rotation_{days}d"), key_letters::rotation_due(key, age)));
    }
    notices
}

#[cfg(test)]
mod tests {
    use store::{ApiKey, KeyOwner};

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
    fn life(key: &ApiKey, days: i64) -> Vec<String> {
        let owner = KeyOwner { email: "a@example.com".to_owned(), email_verified_at: Some(MADE) };
        let key = Told::of(key, &owner);
        let mut seen: Vec<String> = Vec::new();
        for hour in 0..days * 24 {
            for (notice, _) in notices(&key, MADE.plus_ms(hour * HOUR_MS)) {
                if !seen.contains(&notice) {
                    seen.push(notice);
                }
            }
        }
        seen
    }

    #[test]
    fn the_end_is_told_four_times() {
        assert_eq!(life(&key(Some(60)), 60), ["ends_30d", "ends_10d", "ends_3d", "ends_1d"]);
        assert_eq!(life(&key(Some(7)), 7), ["ends_3d", "ends_1d"]);
        assert!(life(&key(Some(1)), 1).is_empty());
    }

    #[test]
    fn rotation_is_asked_for_again_and_again() {
        let due = ["rotation_75d", "rotation_90d", "rotation_97d", "rotation_104d"];
        assert_eq!(life(&key(None), 110), due);
    }

    #[test]
    fn only_a_replaced_key_that_is_used_is_told_of() {
        let mut old = ApiKey { rotated_at: Some(MADE), ..key(Some(3)) };
        assert!(life(&old, 3).is_empty());
        old.last_used_at = Some(MADE.plus_ms(1));
        assert_eq!(life(&old, 3), ["grace_24h", "grace_1h"]);
    }
}
