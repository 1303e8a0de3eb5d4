//! Rotation of secrets, beside a running server: it looks at the files every second.

use model::{DAY_MS, MINUTE_MS, Timestamp};
use serde::Serialize;

use super::{Operator, Result};
use crate::auth::keyring;
use crate::auth::secrets::{JWT_KEYRING, KEY_PEPPER, REPORT_KEYRING, report_key};

/// How long what a retired key signed can be good: a day, and a minute for servers that sign with it
/// until they look.
const RETIRED_MS: i64 = DAY_MS + MINUTE_MS;

/// The secrets that can be rotated.
#[derive(Debug, Clone, Serialize)]
pub struct SecretsStatus {
    /// The keys that sign the tokens of sign-ins, the current one first.
    pub jwt: Vec<JwtKeyStatus>,
    /// The peppers of API keys, the current one first.
    pub pepper: Vec<PepperStatus>,
    /// The keys that sign reports, the current one first.
    pub report: Vec<ReportKeyStatus>,
}

/// A key that signs reports, or that reports were signed with.
#[derive(Debug, Clone, Serialize)]
pub struct ReportKeyStatus {
    pub name: String,
    /// The `key_id` of what it signed.
    pub key_id: String,
}

/// A key that signs, or signed, the tokens of sign-ins.
#[derive(Debug, Clone, Serialize)]
pub struct JwtKeyStatus {
    pub name: String,
    /// When nothing it signed is good any more; absent for the current one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// A pepper and how many API keys are stored under it.
#[derive(Debug, Clone, Serialize)]
pub struct PepperStatus {
    pub name: String,
    /// Keys that are not revoked. Each moves to the current pepper when it is used.
    pub keys: i64,
    pub revoked_keys: i64,
}

/// What was rotated.
#[derive(Debug, Clone, Serialize)]
pub struct Rotated {
    pub secret: &'static str,
    /// The name of the new one.
    pub name: String,
    /// When the one before stops working; absent when it stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub former_until: Option<Timestamp>,
}

impl Operator {
    /// Signs the tokens of sign-ins with a new key from now on. What the former one signed stays good
    /// until it ends by itself, within 24 hours.
    pub fn rotate_jwt(&self) -> Result<Rotated> {
        let now = self.clock.now();
        let until = now.plus_ms(RETIRED_MS);
        let path = self.secrets.folder().join(JWT_KEYRING);
        let name = keyring::rotate(&path, Some(until), now).map_err(anyhow::Error::from)?;
        Ok(Rotated { secret: "jwt", name, former_until: Some(until) })
    }

    /// Hashes API keys under a new pepper from now on. Keys under the former one stay good and move
    /// when they are used, so the former one stays as long as there are any.
    pub fn rotate_pepper(&self) -> Result<Rotated> {
        let path = self.secrets.folder().join(KEY_PEPPER);
        let name = keyring::rotate(&path, None, self.clock.now()).map_err(anyhow::Error::from)?;
        Ok(Rotated { secret: "pepper", name, former_until: None })
    }

    /// Signs reports with a new key from now on. What the former ones signed verifies as long as their
    /// lines stay in the file.
    pub fn rotate_report(&self) -> Result<Rotated> {
        let path = self.secrets.folder().join(REPORT_KEYRING);
        let name = keyring::rotate(&path, None, self.clock.now()).map_err(anyhow::Error::from)?;
        Ok(Rotated { secret: "report", name, former_until: None })
    }

    /// Returns which secrets there are and what still needs them.
    pub async fn secrets_status(&self) -> Result<SecretsStatus> {
        let read = |name: &str| {
            keyring::read(&self.secrets.folder().join(name)).map_err(anyhow::Error::from)
        };
        let jwt = read(JWT_KEYRING)?
            .into_iter()
            .map(|secret| JwtKeyStatus { name: secret.name, until: secret.until });
        let counts = self.store.count_keys_by_pepper().await?;
        let pepper = read(KEY_PEPPER)?.into_iter().map(|secret| {
            let count = counts.iter().find(|count| count.version.to_string() == secret.name);
            PepperStatus {
                name: secret.name,
                keys: count.map_or(0, |count| count.living),
                revoked_keys: count.map_or(0, |count| count.revoked),
            }
        });
        let report = read(REPORT_KEYRING)?.into_iter().map(|secret| ReportKeyStatus {
            key_id: report_key(&secret).id().to_owned(),
            name: secret.name,
        });
        Ok(SecretsStatus { jwt: jwt.collect(), pepper: pepper.collect(), report: report.collect() })
    }
}
