//! Letting somebody in again who lost every second factor.

use model::FactorChange;

use super::{Changed, Operator, OperatorError, Result, nobody};
use crate::ops::second_factors::notice;

impl Operator {
    /// Takes every second factor and passkey of a user away, ends all their sessions, and tells them by
    /// mail. From
    /// then on the password alone signs them in: first make sure of who asks.
    pub async fn reset_mfa(&self, email: &str) -> Result<Changed> {
        let user = self.store.find_user(email).await?.ok_or_else(|| nobody(email))?;
        let act = self.act();
        let notice = notice(user.id, FactorChange::Reset, &act)?;
        match self.store.reset_second_factors(user.account_id, user.id, &notice, &act).await? {
            true => Ok(Changed::from([("email", user.email), ("mfa", "reset".to_owned())])),
            false => Err(OperatorError::Refused(format!(
                "{} has neither a second factor nor a passkey",
                user.email
            ))),
        }
    }
}
