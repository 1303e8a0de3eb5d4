use model::{AlertPreferences, AlertPreferencesChange, AlertRules, AlertRulesChange, AuditAction};
use serde_json::json;

use crate::audit::audit;
use crate::rows::{json as text, row};
use crate::{Act, Result, Store, read, write};

row! {
    /// What an account wants to be told of, and how.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    pub struct AlertSettings {
        pub rules: AlertRules,
        pub preferences: AlertPreferences,
    }
}

/// What is to change in an account's settings. What is absent stays.
#[derive(Debug, Clone, Default)]
pub struct AlertSettingsChange {
    pub rules: AlertRulesChange,
    pub preferences: AlertPreferencesChange,
}

impl Store {
    /// Returns an account's settings; the defaults when it never changed any.
    pub async fn find_alert_settings(&self, account: i64) -> Result<AlertSettings> {
        const SQL: &str = "SELECT rules, preferences FROM alert_settings WHERE account_id = $1";
        let settings: Option<AlertSettings> = read!(self, pool => {
            sqlx::query_as(SQL).bind(account).fetch_optional(pool).await?
        });
        Ok(settings.unwrap_or_default())
    }

    /// Changes an account's settings and returns the whole as it is now.
    pub async fn change_alert_settings(
        &self,
        account: i64,
        change: &AlertSettingsChange,
        act: &Act,
    ) -> Result<AlertSettings> {
        /// Makes one of two racers wait, so that neither overwrites what the other changed.
        const TAKE: &str = "
            INSERT INTO alert_settings (account_id, rules, preferences) VALUES ($1, '{}', '{}')
            ON CONFLICT (account_id) DO UPDATE SET rules = alert_settings.rules
            RETURNING rules, preferences";
        const SET: &str =
            "UPDATE alert_settings SET rules = $2, preferences = $3 WHERE account_id = $1";
        Ok(write!(self, tx => {
            let mut settings: AlertSettings =
                sqlx::query_as(TAKE).bind(account).fetch_one(&mut *tx).await?;
            settings.rules.apply(&change.rules);
            settings.preferences.apply(&change.preferences);
            sqlx::query(SET)
                .bind(account)
                .bind(text(&settings.rules)?)
                .bind(text(&settings.preferences)?)
                .execute(&mut *tx)
                .await?;
            let detail = json!({ "rules": change.rules, "preferences": change.preferences });
            audit!(self, tx, account, act, AuditAction::AlertSettingsChanged, None, detail);
            Ok(settings)
        }))
    }
}

#[cfg(test)]
mod tests {
    use model::{Role, Timestamp};

    use super::*;
    use crate::NewUser;
    use crate::testing::store_test;

    store_test! {
        async fn racing_changes_are_all_kept(store: Store, _address: String) {
            let owner = store.create_user(&NewUser::plain("a@example.com", Role::User), Timestamp(1)).await.unwrap().unwrap().account_id;
            assert_eq!(store.find_alert_settings(owner).await.unwrap(), AlertSettings::default());
            let changes = [
                r#"{"quota":{"percent":[80]}}"#, r#"{"idle_key":{"enabled":false}}"#, r#"{"rotation_due":{"days":30}}"#,
                r#"{"request_spike":{"factor":5}}"#, r#"{"request_spike":{"min_per_hour":7}}"#,
            ];
            let racers = changes.map(|change| {
                let store = store.clone();
                tokio::spawn(async move {
                    let rules = serde_json::from_str(change).unwrap();
                    let change = AlertSettingsChange { rules, ..AlertSettingsChange::default() };
                    store.change_alert_settings(owner, &change, &Act::operator(Timestamp(2))).await.unwrap();
                })
            });
            for racer in racers {
                racer.await.unwrap();
            }
            let rules = store.find_alert_settings(owner).await.unwrap().rules;
            let mut expected = AlertRules::default();
            for change in changes {
                expected.apply(&serde_json::from_str(change).unwrap());
            }
            assert_eq!(rules, expected);
            let entries = store.list_audit_log(owner, None, 100).await.unwrap();
            let changed = entries.iter().filter(|entry| entry.action == "alert_settings.changed");
            assert_eq!(changed.count(), changes.len());
        }
    }
}
