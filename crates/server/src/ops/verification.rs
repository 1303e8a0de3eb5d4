//! Whether a report is one that this instance issued, and unchanged.

use model::Timestamp;
use report::{Doubt, ReportView};

use super::{reports, shares};
use crate::app::App;
use crate::auth::report_id;
use crate::error::{Error, Result};

/// A report that was issued here.
pub(crate) struct Issued {
    /// With its present attestation.
    pub(crate) view: ReportView,
    /// When the link ends that it was asked for by, if it was one.
    pub(crate) shared_until: Option<Timestamp>,
}

/// Returns the report that has this name, or to which this link leads. A link that takes a password
/// proves nothing without it.
pub(crate) async fn issued(app: &App, token: &str) -> Result<Issued> {
    let (account, scan, shared_until) = match report_id::scan(&app.secrets, token) {
        Some(scan) => {
            let account = app.store.find_scan_owner(scan).await?.ok_or(Error::NotFound)?;
            (account, scan, None)
        }
        None => {
            let shared = shares::find(app, token).await?;
            if shared.password_hash.is_some() {
                return Err(Error::NotFound);
            }
            (shared.account_id, shared.scan_id, Some(shared.expires_at))
        }
    };
    let mut view = reports::of_account(app, account, scan).await?;
    reports::attest(app, &mut view);
    Ok(Issued { view, shared_until })
}

/// What a file turned out to be.
pub(crate) enum Checked {
    /// What was issued here, to the byte. The report is absent once its account is.
    Unchanged(Option<Box<ReportView>>),
    Doubtful(Doubt),
}

/// Compares a file with what it says about itself.
pub(crate) async fn check(app: &App, file: Vec<u8>) -> Result<Checked> {
    let keys = app.secrets.report_keys();
    let checking = tokio::task::spawn_blocking(move || keys.check(&file));
    match checking.await.map_err(|error| Error::Internal(error.into()))? {
        Ok(attestation) => {
            let view = match issued(app, &attestation.report_id).await {
                Ok(issued) => Some(Box::new(issued.view)),
                Err(Error::NotFound) => None,
                Err(error) => return Err(error),
            };
            Ok(Checked::Unchanged(view))
        }
        Err(doubt) => Ok(Checked::Doubtful(doubt)),
    }
}
