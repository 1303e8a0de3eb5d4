use model::{Scope, TeamRole};

/// What a handler demands of a credential. A signed-in user has the scopes of their role in the
/// team; a key has those of its scopes that its maker has now.
pub(crate) trait Permission: Send + Sync + 'static {
    /// Whether it costs something or makes credentials, so that the user's address must be confirmed
    /// where the instance asks for that.
    const NEEDS_VERIFIED_EMAIL: bool = false;

    /// Returns a scope that a credential of a user of that role is missing, if one is.
    fn missing(scopes: &[Scope], role: TeamRole) -> Option<Scope>;
}

/// Any key will do.
pub(crate) struct AnyScope;

impl Permission for AnyScope {
    fn missing(_: &[Scope], _: TeamRole) -> Option<Scope> {
        None
    }
}

/// Only a credential that may do all that its user may will do.
pub(crate) struct AllScopes;

impl Permission for AllScopes {
    fn missing(scopes: &[Scope], role: TeamRole) -> Option<Scope> {
        role.scopes().iter().copied().find(|scope| !scopes.contains(scope))
    }
}

macro_rules! permissions {
    ($($name:ident),+ $(,)?) => { $(
        #[doc = concat!("The scope of the same name, [`Scope::", stringify!($name), "`].")]
        pub(crate) struct $name;

        impl Permission for $name {
            const NEEDS_VERIFIED_EMAIL: bool =
                matches!(Scope::$name, Scope::ScansWrite | Scope::KeysWrite);

            fn missing(scopes: &[Scope], _: TeamRole) -> Option<Scope> {
                (!scopes.contains(&Scope::$name)).then_some(Scope::$name)
            }
        }
    )+ };
}
permissions!(
    AccountRead,
    AccountWrite,
    AlertsRead,
    AlertsWrite,
    KeysRead,
    KeysWrite,
    ReportsRead,
    ScansRead,
    ScansWrite
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_scope_is_named() {
        let usual = Scope::defaults();
        let (owner, viewer) = (TeamRole::Owner, TeamRole::Viewer);
        assert_eq!(AnyScope::missing(&[], viewer), None);
        assert_eq!(KeysRead::missing(&usual, owner), Some(Scope::KeysRead));
        assert_eq!(KeysRead::missing(&[Scope::KeysRead], owner), None);
        assert_eq!(AllScopes::missing(&usual, owner), Some(Scope::KeysRead));
        assert_eq!(AllScopes::missing(Scope::ALL, owner), None);
        assert_eq!(AllScopes::missing(viewer.scopes(), viewer), None);
        assert_eq!(AllScopes::missing(&usual, viewer), Some(Scope::KeysRead));
    }
}
