use crate::{Scope, words};

/// What a person may do in their team: in the account that they share with others.
///
/// The order is that of power: whoever may do more is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TeamRole {
    /// Looks at everything and changes nothing.
    Viewer,
    /// Scans, watches domains, and makes keys of their own.
    Member,
    /// Everything but making, changing and removing owners, and deleting the account.
    Admin,
    Owner,
}
words!(TeamRole { Viewer = "viewer", Member = "member", Admin = "admin", Owner = "owner" });

const VIEWER: &[Scope] = &[
    Scope::ScansRead,
    Scope::DomainsRead,
    Scope::AlertsRead,
    Scope::WebhooksRead,
    Scope::ReportsRead,
    Scope::KeysRead,
    Scope::AccountRead,
];
const MEMBER: &[Scope] = &[
    Scope::ScansRead,
    Scope::ScansWrite,
    Scope::DomainsRead,
    Scope::DomainsWrite,
    Scope::AlertsRead,
    Scope::AlertsWrite,
    Scope::WebhooksRead,
    Scope::ReportsRead,
    Scope::KeysRead,
    Scope::KeysWrite,
    Scope::AccountRead,
];

impl TeamRole {
    /// Returns what a signed-in user of that role may do, and the most that a key may do which such
    /// a user made.
    pub fn scopes(self) -> &'static [Scope] {
        match self {
            Self::Viewer => VIEWER,
            Self::Member => MEMBER,
            Self::Admin | Self::Owner => Scope::ALL,
        }
    }

    /// Returns whether the role manages every key of the account. Others manage those they made.
    pub fn manages_every_key(self) -> bool {
        self >= Self::Admin
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_greater_role_may_do_all_that_a_smaller_one_may() {
        for pair in TeamRole::ALL.windows(2) {
            assert!(pair[0] < pair[1]);
            let missing = pair[0].scopes().iter().find(|scope| !pair[1].scopes().contains(scope));
            assert_eq!(missing, None, "{} lacks it", pair[1]);
        }
    }

    #[test]
    fn a_viewer_reads_everything_and_writes_nothing() {
        for scope in Scope::ALL {
            let reads = scope.as_str().ends_with(":read");
            assert_eq!(TeamRole::Viewer.scopes().contains(scope), reads, "{scope}");
        }
    }

    #[test]
    fn a_member_changes_neither_the_account_nor_where_its_news_go() {
        let kept = [Scope::AccountWrite, Scope::WebhooksWrite];
        assert!(kept.iter().all(|scope| !TeamRole::Member.scopes().contains(scope)));
    }
}
