//! What people must be able to do while somebody else uses up the account's limits with a key of
//! theirs: look at their keys, revoke them, end sign-ins, change the password.
//!
//! Only signed-in users have this way in, never a key, so who holds a stolen key cannot fill it.

use axum::extract::MatchedPath;
use axum::http::request::Parts;
use model::{MINUTE_MS, Timestamp};

use super::Limiter;
use crate::auth::{Credential, Identity};

/// How many such requests an account has in a minute beside what its plan admits.
const PER_MINUTE: i64 = 60;

const ROUTES: [&str; 15] = [
    "/v1/auth/api-keys",
    "/v1/auth/api-keys/hygiene",
    "/v1/auth/api-keys/revoke",
    "/v1/auth/api-keys/{id}",
    "/v1/auth/logout",
    "/v1/auth/password/change",
    "/v1/auth/sessions",
    "/v1/auth/sessions/{id}",
    "/settings/api-keys",
    "/settings/api-keys/{id}",
    "/settings/api-keys/{id}/revoke",
    "/settings/security",
    "/settings/security/password",
    "/settings/security/sessions",
    "/settings/security/sessions/{id}",
];

/// Returns whether a request that the plan's limits refuse is let in all the same, and counts it.
pub(super) fn admits(limiter: &Limiter, parts: &Parts, caller: &Identity, now: Timestamp) -> bool {
    let route = parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str);
    let is_signed_in = matches!(caller.credential, Credential::Session { .. });
    is_signed_in
        && route.is_some_and(|route| ROUTES.contains(&route))
        && limiter.admit_remedy(caller.principal().user_account_id, now)
}

impl Limiter {
    fn admit_remedy(&self, account: i64, now: Timestamp) -> bool {
        let mut shard = self.shard(account);
        let window = &mut shard.accounts.entry(account).or_default().remedies;
        let is_open = window.room(PER_MINUTE, MINUTE_MS, now.0).wait_ms <= 0;
        if is_open {
            window.take();
        }
        is_open
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixty_a_minute_are_let_in() {
        let limiter = Limiter::default();
        let at = |ms| Timestamp(60_000_000 + ms);
        let admitted = (0..100).filter(|_| limiter.admit_remedy(7, at(0))).count();
        assert_eq!(admitted, 60);
        assert!(limiter.admit_remedy(8, at(0)), "another account has its own");
        assert!(limiter.admit_remedy(7, at(MINUTE_MS + 2_500)));
    }
}
