use model::{AlertType, Timestamp};
use store::{Alert, KeyOwner};

use super::alerts::News;
use super::key_letters::Told;
use crate::mail::Letter;

/// Alerts that a digest lists.
pub(crate) const MOST_IN_DIGEST: usize = 50;

const HOW_OFTEN: &str = "You get a letter like this at most once a day for each key; whatever else \
                         happens stands in the list of alerts and comes in one letter the day after. \
                         What you are told of is set under `/v1/settings/alert-rules`.";

/// Returns what to do about an alert; `None` for those that other letters tell of.
pub(crate) fn advice(alert_type: AlertType) -> Option<&'static str> {
    Some(match alert_type {
        AlertType::RevokedKeyUsed | AlertType::ExpiredKeyUsed => {
            "If a program of yours still uses it, give it a new key. If you do not know that \
             address, look at the audit log and revoke what you do not know."
        }
        AlertType::RequestSpike => {
            "If you do not expect that, look at the list of requests and rotate or revoke the key."
        }
        AlertType::FailedAuthBurst => {
            "They were all refused. Look at the list of failed attempts: if a program of yours is \
             behind it, mend its key; if not, somebody is guessing. Passwords that you use elsewhere \
             too should be changed."
        }
        AlertType::NewNetwork => {
            "If you have moved a program there, there is nothing to do. If not, somebody has the \
             key: rotate it without a grace period. A list of allowed addresses keeps a key at home."
        }
        AlertType::Quota => "Wait for the next month, or choose a larger plan.",
        AlertType::IdleKey => "Revoke it if nothing needs it: a key that nobody misses is a risk.",
        AlertType::LimitReached => {
            "Spread the requests out and wait for `Retry-After`, or choose a larger plan. If you do \
             not expect that many, look at the list of requests."
        }
        // The one is told of when it happens, the other again and again by the reminders.
        AlertType::KeyExposed | AlertType::RotationDue => return None,
    })
}

/// Returns the letter about one alert.
pub(crate) fn single(news: &News<'_>, reader: &KeyOwner, at: Timestamp) -> Letter {
    let told = news.key.map(|key| Told::of(key, reader));
    let subject = match &told {
        Some(key) => format!("{}: {}", news.title, key.name),
        None => news.title.clone(),
    };
    let facts = match &told {
        Some(key) => format!("Name: {}\nKey: {}…\nWhen: {at}", key.name, key.key_id),
        None => format!("When: {at}"),
    };
    let advice = advice(news.alert_type).unwrap_or_default();
    let paragraphs = [news.message.as_str(), &facts, advice, HOW_OFTEN];
    Letter { subject, text: paragraphs.join("\n\n") + "\n" }
}

/// Returns the letter that somebody sends to themselves to see whether letters arrive.
pub(crate) fn test(at: Timestamp) -> Letter {
    let text = format!(
        "This is a test. Somebody with your address asked for it at {at}.\n\nAlerts of your account \
         reach you: you need not do anything.\n"
    );
    Letter { subject: "Test of your alerts".to_owned(), text }
}

/// Returns the letter about alerts whose own letters found no room, the newest first.
pub(crate) fn digest(alerts: &[Alert]) -> Letter {
    let line = |alert: &Alert| format!("{}\n{}", alert.created_at, alert.message);
    let mut parts = vec!["This happened besides what we have written of.".to_owned()];
    parts.extend(alerts.iter().take(MOST_IN_DIGEST).map(line));
    if alerts.len() > MOST_IN_DIGEST {
        parts.push("… and more; `/v1/domains/alerts` lists them all.".to_owned());
    }
    parts.push(HOW_OFTEN.to_owned());
    Letter { subject: "More alerts of your account".to_owned(), text: parts.join("\n\n") + "\n" }
}
