//! Alerts of unusual use: what is noticed at once, told once a key and day.
//!
//! A dead key is only ever recognised by its whole secret, so each alert means that somebody has
//! it. [`ToldToday`] keeps a flood of such requests from the database; the database keeps several
//! nodes from telling of it twice. Nothing here holds up the refusal.
//!
//! To add a rule that is noticed at once: a variant of `AlertType`, an arm in [`dead_key_used`].

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use model::{AlertType, AuthFailure, DAY_MS, Severity, Timestamp};
use store::{ApiKey, NewAlert};

use crate::app::App;
use crate::jobs::send_mail;
use crate::mail::Letter;
use crate::ops::key_letters::Told;

/// Most occasions that are remembered; beyond them the database is asked.
const MOST: usize = 10_000;

/// The occasions of this day that were told of by this process.
#[derive(Default)]
pub(crate) struct ToldToday(Mutex<(i64, HashSet<String>)>);

impl ToldToday {
    /// Remembers an occasion of a day. Returns whether it is new here.
    fn remember(&self, day: i64, occasion: &str) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told.0 != day {
            *told = (day, HashSet::new());
        }
        if told.1.len() >= MOST {
            return !told.1.contains(occasion);
        }
        told.1.insert(occasion.to_owned())
    }

    /// Forgets an occasion that could not be told of.
    fn forget(&self, occasion: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1.remove(occasion);
    }
}

/// Tells the owner of a revoked or expired key that its secret was sent, once a day.
pub(crate) fn dead_key_used(app: &App, key: &ApiKey, reason: AuthFailure, ip: Option<IpAddr>) {
    let alert_type = match reason {
        AuthFailure::Revoked => AlertType::RevokedKeyUsed,
        AuthFailure::Expired => AlertType::ExpiredKeyUsed,
        _ => return,
    };
    let now = app.clock.now();
    let day = now.0.div_euclid(DAY_MS);
    let occasion = format!("{}:{}:{day}", alert_type.as_str(), key.key_id);
    if !app.told_today.remember(day, &occasion) {
        return;
    }
    let (app, key) = (app.clone(), key.clone());
    app.clone().tasks.spawn(async move {
        if let Err(error) = raise(&app, &key, alert_type, ip, &occasion, now).await {
            app.told_today.forget(&occasion);
            tracing::error!(%error, "an alert could not be raised");
        }
    });
}

async fn raise(
    app: &App,
    key: &ApiKey,
    alert_type: AlertType,
    ip: Option<IpAddr>,
    occasion: &str,
    now: Timestamp,
) -> anyhow::Result<()> {
    let (state, severity) = match alert_type {
        AlertType::RevokedKeyUsed => ("revoked", Severity::High),
        AlertType::ExpiredKeyUsed => ("expired", Severity::Medium),
    };
    let from = ip.map_or_else(|| "an unknown address".to_owned(), |ip| ip.to_string());
    let owner = app.store.find_key_owner(key.account_id, key.id).await?;
    let letter = match &owner {
        Some(owner) => {
            let letter = letter(&Told::of(key, owner), state, &from, now);
            Some(send_mail::due(&owner.email, &letter, now)?)
        }
        None => None,
    };
    let alert = NewAlert {
        alert_type,
        severity,
        title: format!("A key that is {state} was used: {}", key.name),
        message: format!(
            "The whole secret of {}… was sent from {from} and refused. Something still has it.",
            key.key_id
        ),
        old_value: None,
        new_value: ip.map(|ip| ip.to_string()),
        key_id: Some(key.key_id.clone()),
        occasion: occasion.to_owned(),
        letter,
    };
    if app.store.raise_alert(key.account_id, &alert, now).await? {
        app.wake.wake();
    }
    Ok(())
}

fn letter(key: &Told, state: &str, from: &str, at: Timestamp) -> Letter {
    Letter {
        subject: format!("A key that is {state} was used: {}", key.name),
        text: format!(
            "The whole secret of an API key that is {state} was sent to us. It was refused.\n\n\
             Name: {}\nKey: {}…\nWhen: {at}\nFrom: {from}\n\n\
             If a program of yours still uses it, give it a new key. If you do not know that \
             address, look at the audit log and revoke what you do not know.\n\n\
             You get this letter at most once a day for each key.\n",
            key.name, key.key_id
        ),
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
}
