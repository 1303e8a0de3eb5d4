use model::{FactorChange, Timestamp};
use store::User;

use super::Letter;
use crate::app::App;
use crate::error::Result;

/// Writes what happened to a user's second factors, and what to do if it was somebody else.
pub(super) async fn write(
    app: &App,
    user: &User,
    change: FactorChange,
    ip: Option<&str>,
    at: Timestamp,
) -> Result<Letter> {
    let (subject, what) = match change {
        FactorChange::TotpEnrolled => (
            "An authenticator was added",
            "An authenticator app was added: signing in takes a code from now on. Every other \
             sign-in has ended",
        ),
        FactorChange::TotpRemoved => (
            "Your authenticator was removed",
            "The authenticator app was removed: signing in takes no code of it any more. Every \
             other sign-in has ended",
        ),
        FactorChange::RecoveryCodeUsed => {
            ("A recovery code was used", "A recovery code was used instead of the second factor")
        }
        FactorChange::RecoveryCodesReplaced => (
            "New recovery codes were made",
            "New recovery codes were made; the earlier ones are void",
        ),
        FactorChange::Reset => (
            "Your second factors were removed",
            "The operator of this service removed every second factor and every passkey: signing \
             in takes the password alone. Every sign-in has ended",
        ),
    };
    let from = ip.map(|ip| format!(" from {ip}")).unwrap_or_default();
    let left = app.store.second_factors(user.id).await?.recovery_codes_left;
    let codes = match change {
        FactorChange::RecoveryCodeUsed => {
            format!(" There are {left} left; make new ones before they run out.")
        }
        _ => String::new(),
    };
    let text = format!(
        "This happened to your ComplianceLayer account on {at}{from}:\n\n{what}.{codes}\n\n\
         If it was not you, set a new password at once ({}), end every session, look through your \
         API keys, and tell the operator of this service.\n",
        app.base_url
    );
    Ok(Letter { subject: subject.to_owned(), text })
}
