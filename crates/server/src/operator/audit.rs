//! Checking and exporting the audit log, beside a running server.

use std::io::Write;

use serde::Serialize;
use store::{AuditFilter, INSTANCE};

use super::{Operator, OperatorError, Result, nobody};
pub use crate::ops::audit_export::AuditFormat;

/// Entries that are read at once.
const PAGE: i64 = 1_000;

/// Whether an account's audit log is whole.
#[derive(Debug, Clone, Serialize)]
pub struct ChainStatus {
    pub account: i64,
    /// Entries that are whole, from the first on.
    pub rows: i64,
    /// The seal of the last whole entry. Kept elsewhere, it proves later that no end was cut off.
    pub head: String,
    /// The number of the first entry that is missing, changed or out of order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broken_at: Option<i64>,
}

impl Operator {
    /// Checks the audit log of a user's account, or of every account.
    pub async fn verify_audit_log(&self, email: Option<&str>) -> Result<Vec<ChainStatus>> {
        let accounts = match email {
            Some(email) => {
                let user = self.store.find_user(email).await?.ok_or_else(|| nobody(email))?;
                vec![user.account_id]
            }
            None => self.store.list_audited_accounts().await?,
        };
        let mut chains = Vec::new();
        for account in accounts {
            let chain = self.store.check_audit_chain(account).await.map_err(OperatorError::from)?;
            chains.push(ChainStatus {
                account: chain.account,
                rows: chain.rows,
                head: chain.head,
                broken_at: chain.broken_at,
            });
        }
        Ok(chains)
    }

    /// Writes the audit log of a user's account, or of the instance itself, as one file, the newest
    /// entry first.
    pub async fn export_audit_log(
        &self,
        email: Option<&str>,
        format: AuditFormat,
        out: &mut (dyn Write + Send),
    ) -> Result<()> {
        let account = match email {
            Some(email) => {
                self.store.find_user(email).await?.ok_or_else(|| nobody(email))?.account_id
            }
            None => INSTANCE,
        };
        let mut write = |text: &str| out.write_all(text.as_bytes()).map_err(anyhow::Error::from);
        write(&format.head())?;
        let mut earlier = None;
        loop {
            let filter = AuditFilter { before: earlier, ..AuditFilter::default() };
            let entries = self.store.find_audit_entries(account, &filter, PAGE).await?;
            let Some(last) = entries.last().map(|entry| entry.number) else { break };
            write(&format.page(earlier, entries))?;
            earlier = Some(last);
        }
        Ok(write(format.tail())?)
    }
}
