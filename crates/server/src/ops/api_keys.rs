//! Making and changing API keys.
//!
//! A key never gives more than its owner has, and a key made by a key never more than that key:
//! neither scopes, nor time, nor addresses, domains or requests. What the wish leaves open is
//! inherited; what it asks beyond is refused.

use model::{ApiToken, DAY_MS, DomainName, Environment, Scope, TeamRole, Timestamp};
use store::{ApiKey, KeyChange, KeyMade, NewKey, Once};

use super::accounts::is_line;
use super::key_letters::{self, Told};
use super::plans;
use crate::app::App;
use crate::auth::Identity;
use crate::auth::secrets::Secrets;
use crate::auth::token::new_token;
use crate::error::{Error, FieldProblem, Result};
use crate::mail;
use crate::network::Network;

const MAX_NAME: usize = 100;
const MAX_DESCRIPTION: usize = 1000;
const MAX_LIST: usize = 100;
const MAX_DAYS: i64 = 3650;
const MAX_PER_MINUTE: i64 = 1_000_000;

/// What somebody wants of a new key.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wish {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) environment: Option<Environment>,
    pub(crate) scopes: Option<Vec<Scope>>,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) expires_in_days: Option<i64>,
    pub(crate) ip_allowlist: Option<Vec<String>>,
    pub(crate) domains: Option<Vec<String>>,
    pub(crate) per_minute: Option<i64>,
}

/// Makes a key. The token is shown once and kept nowhere, so a repeated request gets the key alone.
pub(crate) async fn create(
    app: &App,
    caller: &Identity,
    wish: Wish,
    once: Option<&Once>,
) -> Result<(ApiKey, Option<ApiToken>)> {
    let owner = caller.principal();
    let now = app.clock.now();
    let mut allowed = checked(wish, now)?;
    within_scopes(&mut allowed, &caller.scopes())?;
    if allowed.is_restricted() {
        plans::require_gate(app, owner, RESTRICTED_KEYS).await?;
    }
    if let Some(maker) = caller.key() {
        within(&mut allowed, maker)?;
    }
    let policy = app.store.find_key_policy(owner.user_account_id).await?;
    if let Some(days) = policy.max_lifetime_days {
        end_within(&mut allowed, days, now)?;
    }
    let token = new_token().map_err(|error| Error::Internal(error.into()))?;
    let new = allowed.into_row(&app.secrets, &token, Some(owner.user_id));
    let act = caller.act(app);
    match app.store.create_key(owner.user_account_id, &new, once, &act).await? {
        KeyMade::Now(key) => {
            let reader = key_letters::reader(owner);
            let letter = key_letters::created(&Told::of(&key, &reader), &act);
            mail::queue(app, &reader.email, &letter).await?;
            Ok((key, Some(token)))
        }
        KeyMade::Before(key) => Ok((key, None)),
        KeyMade::KeyReused => Err(Error::IdempotencyKeyReused),
        KeyMade::TooMany => Err(Error::KeyLimitReached),
        KeyMade::MakerGone => Err(Error::Unauthorized { sent: true }),
    }
}

/// Changes a key of the caller's account. `None` when there is no such living key.
pub(crate) async fn change(
    app: &App,
    caller: &Identity,
    id: i64,
    change: KeyChange,
) -> Result<Option<ApiKey>> {
    // Whatever opens a key up makes a credential; closing it must never wait for a password.
    if change.ip_allowlist.is_some() || change.enabled == Some(true) {
        caller.fresh(app)?;
    }
    let now = app.clock.now();
    let Some(key) = app.store.find_key(caller.principal().user_account_id, id).await? else {
        return Ok(None);
    };
    require_own(caller, &key)?;
    let mut problems = Vec::new();
    let name = change.name.as_deref().map(str::trim).map(str::to_owned);
    check_texts(name.as_deref(), change.description.as_deref(), &mut problems);
    let addresses = change.ip_allowlist.as_deref().map(|list| networks(list, &mut problems));
    if change.expires_at.is_some_and(|end| end <= now) {
        problems.push(FieldProblem::new("expires_at", "must lie in the future"));
    }
    if let (Some(wanted), Some(end)) = (change.expires_at, key.expires_at)
        && wanted > end
    {
        let problem =
            "is later than the key's end, which can only come nearer; rotate the key instead";
        problems.push(FieldProblem::new("expires_at", problem));
    }
    if let (Some(maker), Some(addresses)) = (caller.key(), &addresses)
        && !addresses_within(addresses, &maker.ip_allowlist)
    {
        problems.push(FieldProblem::new("ip_allowlist", BEYOND));
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    // Whoever was put on a smaller plan may still open a key up again.
    if addresses.as_ref().is_some_and(|addresses| !addresses.is_empty()) {
        plans::require_gate(app, caller.principal(), RESTRICTED_KEYS).await?;
    }
    let ip_allowlist = addresses.map(|list| list.iter().map(Network::to_string).collect());
    let change = KeyChange { name, ip_allowlist, ..change };
    Ok(app
        .store
        .update_key(caller.principal().user_account_id, id, &change, &caller.act(app))
        .await?)
}

const BEYOND: &str = "goes beyond what the key that asks may do";

/// What unlocks addresses, domains and a limit of a key's own. Scopes and an end are for everybody:
/// least privilege must not cost anything.
const RESTRICTED_KEYS: &str = "restricted_keys";

/// A wish whose every field is acceptable.
pub(crate) struct Allowed {
    name: String,
    description: Option<String>,
    environment: Option<Environment>,
    /// `None` for the default.
    scopes: Option<Vec<Scope>>,
    expires_at: Option<Timestamp>,
    addresses: Vec<Network>,
    domains: Vec<String>,
    per_minute: Option<i64>,
}

/// Checks a wish by itself.
pub(crate) fn checked(wish: Wish, now: Timestamp) -> Result<Allowed> {
    let mut problems = Vec::new();
    let name = wish.name.trim().to_owned();
    check_texts(Some(&name), wish.description.as_deref(), &mut problems);
    let scopes = wish.scopes.map(|mut scopes| {
        scopes.sort();
        scopes.dedup();
        scopes
    });
    if scopes.as_ref().is_some_and(Vec::is_empty) {
        problems.push(FieldProblem::new("scopes", "must hold at least one scope, or be left out"));
    }
    let expires_at = expiry(wish.expires_at, wish.expires_in_days, now, &mut problems);
    let addresses = networks(wish.ip_allowlist.as_deref().unwrap_or_default(), &mut problems);
    let domains = patterns(wish.domains.as_deref().unwrap_or_default(), &mut problems);
    if wish.per_minute.is_some_and(|limit| !(1..=MAX_PER_MINUTE).contains(&limit)) {
        let problem = format!("must be between 1 and {MAX_PER_MINUTE}");
        problems.push(FieldProblem::new("rate_limit.per_minute", problem));
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    Ok(Allowed {
        name,
        description: wish.description,
        environment: wish.environment,
        scopes,
        expires_at,
        addresses,
        domains,
        per_minute: wish.per_minute,
    })
}

/// Refuses a key that somebody else made, for whoever manages their own alone.
pub(crate) fn require_own(caller: &Identity, key: &ApiKey) -> Result<()> {
    match only_makers(caller) {
        Some(user) if key.created_by != Some(user) => caller.require_role(TeamRole::Admin),
        _ => Ok(()),
    }
}

/// Returns whose keys the caller manages: `None` for everybody's.
pub(crate) fn only_makers(caller: &Identity) -> Option<i64> {
    (!caller.role().manages_every_key()).then(|| caller.principal().user_id)
}

/// Holds the scopes of a wish against those of who asks.
fn within_scopes(wish: &mut Allowed, held: &[Scope]) -> Result<()> {
    match &wish.scopes {
        Some(scopes) => {
            let beyond = scopes.iter().find(|scope| !held.contains(scope));
            beyond.map_or(Ok(()), |beyond| Err(Error::InsufficientScope(*beyond)))
        }
        None => {
            let mut scopes = Scope::defaults();
            scopes.retain(|scope| held.contains(scope));
            if scopes.is_empty() {
                return Err(Error::invalid(
                    "scopes",
                    "must be named: this key has none of the default ones",
                ));
            }
            wish.scopes = Some(scopes);
            Ok(())
        }
    }
}

/// Holds the rest of a wish against the key that asks.
fn within(wish: &mut Allowed, maker: &ApiKey) -> Result<()> {
    let mut problems = Vec::new();
    if let Some(end) = maker.expires_at {
        match wish.expires_at {
            None => wish.expires_at = Some(end),
            Some(wanted) if wanted > end => problems.push(FieldProblem::new("expires_at", BEYOND)),
            Some(_) => {}
        }
    }
    if wish.addresses.is_empty() {
        wish.addresses = maker.ip_allowlist.iter().filter_map(|text| text.parse().ok()).collect();
    } else if !addresses_within(&wish.addresses, &maker.ip_allowlist) {
        problems.push(FieldProblem::new("ip_allowlist", BEYOND));
    }
    if wish.domains.is_empty() {
        wish.domains.clone_from(&maker.domains);
    } else if !domains_within(&wish.domains, &maker.domains) {
        problems.push(FieldProblem::new("domains", BEYOND));
    }
    if let Some(limit) = maker.per_minute {
        match wish.per_minute {
            None => wish.per_minute = Some(limit),
            Some(wanted) if wanted > limit => {
                problems.push(FieldProblem::new("rate_limit.per_minute", BEYOND));
            }
            Some(_) => {}
        }
    }
    problems.is_empty().then_some(()).ok_or(Error::Invalid(problems))
}

/// Refuses a key that may do more than the key that asks, whatever either's end.
pub(crate) fn not_wider(target: &ApiKey, maker: &ApiKey) -> Result<()> {
    if let Some(beyond) = target.scopes.iter().find(|scope| !maker.scopes.contains(scope)) {
        return Err(Error::InsufficientScope(*beyond));
    }
    let addresses: Vec<Network> =
        target.ip_allowlist.iter().filter_map(|text| text.parse().ok()).collect();
    let has_domains = !target.domains.is_empty() || maker.domains.is_empty();
    let fits = addresses_within(&addresses, &maker.ip_allowlist)
        && has_domains
        && domains_within(&target.domains, &maker.domains)
        && maker.per_minute.is_none_or(|most| target.per_minute.is_some_and(|own| own <= most));
    fits.then_some(()).ok_or_else(|| Error::invalid("id", BEYOND))
}

/// Holds a wish against the longest life of the account's keys; a key without an end gets that one.
fn end_within(wish: &mut Allowed, days: i64, now: Timestamp) -> Result<()> {
    let latest = now.plus_ms(days * DAY_MS);
    match wish.expires_at {
        Some(end) if end > latest => {
            let problem = format!("must lie within {days} days: the account's key policy says so");
            Err(Error::invalid("expires_at", problem))
        }
        Some(_) => Ok(()),
        None => {
            wish.expires_at = Some(latest);
            Ok(())
        }
    }
}

impl Allowed {
    /// Returns whether the wish itself asks for more than scopes and an end.
    fn is_restricted(&self) -> bool {
        !self.addresses.is_empty() || !self.domains.is_empty() || self.per_minute.is_some()
    }

    /// Returns the row for a token.
    pub(crate) fn into_row(self, secrets: &Secrets, token: &ApiToken, by: Option<i64>) -> NewKey {
        let (pepper_version, hash) = secrets.hash_key(token);
        NewKey {
            key_id: token.key_id().to_owned(),
            hash,
            pepper_version,
            name: self.name,
            description: self.description,
            environment: self.environment,
            scopes: self.scopes.unwrap_or_else(Scope::defaults),
            ip_allowlist: self.addresses.iter().map(Network::to_string).collect(),
            domains: self.domains,
            per_minute: self.per_minute,
            created_by: by,
            expires_at: self.expires_at,
        }
    }
}

fn check_texts(name: Option<&str>, description: Option<&str>, problems: &mut Vec<FieldProblem>) {
    if name.is_some_and(|name| !is_line(name, MAX_NAME)) {
        let problem = format!("must be one line of 1 to {MAX_NAME} characters");
        problems.push(FieldProblem::new("name", problem));
    }
    if description.is_some_and(|text| text.chars().count() > MAX_DESCRIPTION) {
        let problem = format!("must have at most {MAX_DESCRIPTION} characters");
        problems.push(FieldProblem::new("description", problem));
    }
}

fn expiry(
    at: Option<Timestamp>,
    days: Option<i64>,
    now: Timestamp,
    problems: &mut Vec<FieldProblem>,
) -> Option<Timestamp> {
    match (at, days) {
        (Some(_), Some(_)) => {
            let problem = "cannot stand beside `expires_at`; send one of them";
            problems.push(FieldProblem::new("expires_in_days", problem));
            None
        }
        (None, Some(days)) if !(1..=MAX_DAYS).contains(&days) => {
            let problem = format!("must be between 1 and {MAX_DAYS}");
            problems.push(FieldProblem::new("expires_in_days", problem));
            None
        }
        (None, Some(days)) => Some(now.plus_ms(days * DAY_MS)),
        (Some(at), None) if at <= now => {
            problems.push(FieldProblem::new("expires_at", "must lie in the future"));
            None
        }
        (at, None) => at,
    }
}

fn networks(list: &[String], problems: &mut Vec<FieldProblem>) -> Vec<Network> {
    if list.len() > MAX_LIST {
        let problem = format!("must have at most {MAX_LIST} entries");
        problems.push(FieldProblem::new("ip_allowlist", problem));
        return Vec::new();
    }
    let mut parsed = Vec::new();
    for (at, text) in list.iter().enumerate() {
        match text.parse::<Network>() {
            Ok(network) => parsed.push(network),
            Err(problem) => {
                problems
                    .push(FieldProblem::new(&format!("ip_allowlist[{at}]"), problem.to_string()));
            }
        }
    }
    parsed
}

/// Reads patterns: a domain, or `*.` and a domain for everything below it.
fn patterns(list: &[String], problems: &mut Vec<FieldProblem>) -> Vec<String> {
    if list.len() > MAX_LIST {
        let problem = format!("must have at most {MAX_LIST} entries");
        problems.push(FieldProblem::new("domains", problem));
        return Vec::new();
    }
    let mut parsed = Vec::new();
    for (at, text) in list.iter().enumerate() {
        let (star, name) = match text.strip_prefix("*.") {
            Some(name) => ("*.", name),
            None => ("", text.as_str()),
        };
        match DomainName::parse(name) {
            Ok(domain) => parsed.push(format!("{star}{}", domain.as_str())),
            Err(problem) => {
                problems.push(FieldProblem::new(&format!("domains[{at}]"), problem.to_string()));
            }
        }
    }
    parsed
}

fn addresses_within(wanted: &[Network], allowed: &[String]) -> bool {
    let allowed: Vec<Network> = allowed.iter().filter_map(|text| text.parse().ok()).collect();
    let covered = |inner: &Network| allowed.iter().any(|outer| outer.covers(inner));
    allowed.is_empty() || (!wanted.is_empty() && wanted.iter().all(covered))
}

fn domains_within(wanted: &[String], allowed: &[String]) -> bool {
    let covered = |inner: &String| {
        allowed.iter().any(|outer| {
            let below = outer
                .strip_prefix('*')
                .is_some_and(|suffix| inner.strip_prefix("*").unwrap_or(inner).ends_with(suffix));
            outer == inner || below
        })
    };
    allowed.is_empty() || wanted.iter().all(covered)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn problems(wish: Wish) -> Vec<String> {
        match checked(wish, NOW) {
            Err(Error::Invalid(problems)) => {
                problems.into_iter().map(|problem| problem.field).collect()
            }
            _ => Vec::new(),
        }
    }

    fn list(items: &[&str]) -> Option<Vec<String>> {
        Some(items.iter().map(|item| (*item).to_owned()).collect())
    }

    #[test]
    fn every_problem_of_a_wish_is_told() {
        let wish = Wish {
            name: " \n".to_owned(),
            description: Some("x".repeat(MAX_DESCRIPTION + 1)),
            scopes: Some(Vec::new()),
            expires_at: Some(NOW),
            ip_allowlist: list(&["192.0.2.1", "nonsense"]),
            domains: list(&["example.com", "*.*"]),
            per_minute: Some(0),
            ..Wish::default()
        };
        assert_eq!(
            problems(wish),
            [
                "name",
                "description",
                "scopes",
                "expires_at",
                "ip_allowlist[1]",
                "domains[1]",
                "rate_limit.per_minute"
            ]
        );
        let named = || Wish { name: "ci".to_owned(), ..Wish::default() };
        assert_eq!(problems(Wish { expires_in_days: Some(0), ..named() }), ["expires_in_days"]);
        let both =
            Wish { expires_in_days: Some(1), expires_at: Some(Timestamp(i64::MAX)), ..named() };
        assert_eq!(problems(both), ["expires_in_days"]);
        assert!(problems(named()).is_empty());
    }

    #[test]
    fn narrower_lists_fit_and_wider_ones_do_not() {
        let networks = |items: &[&str]| -> Vec<Network> {
            items.iter().map(|item| item.parse().unwrap()).collect()
        };
        let allowed = list(&["10.0.0.0/8"]).unwrap();
        assert!(addresses_within(&networks(&["10.1.0.0/16"]), &allowed));
        assert!(!addresses_within(&networks(&["10.1.0.0/16", "192.0.2.1"]), &allowed));
        assert!(!addresses_within(&[], &allowed));
        assert!(addresses_within(&[], &[]));
        let allowed = list(&["example.com", "*.example.com"]).unwrap();
        let fits = |items: &[&str]| domains_within(&list(items).unwrap(), &allowed);
        assert!(fits(&["example.com", "a.example.com", "*.example.com", "*.b.example.com"]));
        assert!(!fits(&["badexample.com"]) && !fits(&["*.com"]) && !fits(&["example.org"]));
    }
}
