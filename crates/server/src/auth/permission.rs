use model::Scope;

/// What a handler demands of a key. A signed-in user has every scope.
pub(crate) trait Permission: Send + Sync + 'static {
    /// Whether it costs something or makes credentials, so that the user's address must be confirmed
    /// where the instance asks for that.
    const NEEDS_VERIFIED_EMAIL: bool = false;

    /// Returns a scope that is missing, if one is.
    fn missing(scopes: &[Scope]) -> Option<Scope>;
}

/// Any key will do.
pub(crate) struct AnyScope;

impl Permission for AnyScope {
    fn missing(_: &[Scope]) -> Option<Scope> {
        None
    }
}

/// Only a key that may do everything will do.
pub(crate) struct AllScopes;

impl Permission for AllScopes {
    fn missing(scopes: &[Scope]) -> Option<Scope> {
        Scope::ALL.iter().copied().find(|scope| !scopes.contains(scope))
    }
}

macro_rules! permissions {
    ($($name:ident),+ $(,)?) => { $(
        #[doc = concat!("The scope of the same name, [`Scope::", stringify!($name), "`].")]
        pub(crate) struct $name;

        impl Permission for $name {
            const NEEDS_VERIFIED_EMAIL: bool =
                matches!(Scope::$name, Scope::ScansWrite | Scope::KeysWrite);

            fn missing(scopes: &[Scope]) -> Option<Scope> {
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
        assert_eq!(AnyScope::missing(&[]), None);
        assert_eq!(KeysRead::missing(&usual), Some(Scope::KeysRead));
        assert_eq!(KeysRead::missing(&[Scope::KeysRead]), None);
        assert_eq!(AllScopes::missing(&usual), Some(Scope::KeysRead));
        assert_eq!(AllScopes::missing(Scope::ALL), None);
    }
}
