//! What well-known clients would get, computed from what the server was seen to offer: nobody
//! connects for it. Whether a client trusts the certificate is judged elsewhere.
//!
//! Invariant: what was seen does not always decide. Who chooses among suites is known when the
//! server was asked in two orders; who chooses among groups is not, so a group is told only when
//! both would choose the same.

use serde::{Deserialize, Serialize};

use super::TlsEvidence;
use super::certificate::KeyKind;
use super::client_table::{CLIENTS, Client};
use super::wire::hello::{SSL3, TLS10, TLS11, TLS12, TLS13};
use super::wire::suites::{GROUPS, POST_QUANTUM, Trait, group_name, has, is_broken, suite_name};

/// What one client would get.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientOutcome {
    pub client: String,
    /// Whether its maker still cares for it.
    pub current: bool,
    pub outcome: Outcome,
}

/// How its handshake would end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Connects(Agreed),
    /// Why it cannot connect, as a clause.
    Fails(String),
    /// What is not known that would decide, as a clause.
    Undecided(String),
}

/// What client and server agree on; what cannot be told is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreed {
    /// For instance `TLS 1.3`.
    pub version: String,
    pub suite: Option<String>,
    pub group: Option<String>,
    pub forward_secret: Option<bool>,
    /// The protocol that both name by ALPN.
    pub alpn: Option<String>,
}

/// Returns what each client would get.
pub(super) fn simulate(tls: &TlsEvidence) -> Vec<ClientOutcome> {
    let outcome = |client: &Client| ClientOutcome {
        client: client.name.to_owned(),
        current: client.current,
        outcome: shake(client, tls).unwrap_or_else(|outcome| outcome),
    };
    CLIENTS.iter().map(outcome).collect()
}

/// Returns the outcome; as an error when it ends early.
pub(super) fn shake(client: &Client, tls: &TlsEvidence) -> Result<Outcome, Outcome> {
    let fails = |why: &str| Err(Outcome::Fails(why.to_owned()));
    if let Err(missing) = &tls.reached {
        return Err(Outcome::Undecided(missing.0.clone()));
    }
    if !client.names_host {
        match &tls.habits.nameless {
            Ok(Some(_)) => {}
            Ok(None) => return fails("it names no host, and the server refuses such clients"),
            Err(missing) => return Err(Outcome::Undecided(missing.0.clone())),
        }
    }
    let version = version(client, tls)?;
    let suites = suites(client, tls, version)?;
    fits_certificate(client, tls, version)?;
    let secure = tls.features.is_none_or(|features| features.secure_renegotiation);
    if version < TLS13 && client.needs_secure_renegotiation && !secure {
        return fails("it refuses servers without secure renegotiation");
    }
    let suite = match tls.server_order {
        Some(true) if !is_ranked(&suites.server) => None,
        order => choose(&suites.server, &suites.client, order),
    };
    let forward: Vec<bool> =
        suites.client.iter().map(|suite| has(*suite, Trait::ForwardSecret)).collect();
    let forward_secret = match suite {
        Some(suite) => Some(has(suite, Trait::ForwardSecret)),
        None => forward.windows(2).all(|pair| pair[0] == pair[1]).then(|| forward[0]),
    };
    let group = match suite {
        _ if version == TLS13 => group_of_13(client, tls)?,
        Some(suite) if is_ecdhe(suite) => group_before_13(client, tls),
        _ => None,
    };
    let chosen = tls.handshake.as_ref().ok().and_then(|agreed| agreed.alpn.clone());
    Ok(Outcome::Connects(Agreed {
        version: version_name(version).to_owned(),
        suite: suite.map(suite_name),
        group: group.map(group_name),
        forward_secret,
        alpn: chosen.filter(|name| client.alpn.contains(&name.as_str())),
    }))
}

/// Returns the newest version that both have.
fn version(client: &Client, tls: &TlsEvidence) -> Result<u16, Outcome> {
    let (oldest, newest) = client.versions;
    for version in [TLS13, TLS12, TLS11, TLS10, SSL3] {
        if !(oldest..=newest).contains(&version) {
            continue;
        }
        match tls.suites(version) {
            Ok([]) => {}
            Ok(_) => return Ok(version),
            Err(missing) => return Err(Outcome::Undecided(missing.0)),
        }
    }
    let newest = version_name(newest);
    Err(Outcome::Fails(format!("the server has none of its versions, the newest being {newest}")))
}

/// Suites that both have and that could be used, in the order of either.
struct Common {
    server: Vec<u16>,
    client: Vec<u16>,
}

fn suites(client: &Client, tls: &TlsEvidence, version: u16) -> Result<Common, Outcome> {
    let undecided = |missing: crate::check::Missing| Outcome::Undecided(missing.0);
    let offered = tls.suites(version).map_err(undecided)?;
    let usable = |suite: u16| {
        client.suites.contains(&suite)
            && (version == TLS13) == is_13(suite)
            && !(is_dhe(suite)
                && tls.shortest_prime.is_some_and(|bits| bits < client.shortest_prime))
    };
    let server: Vec<u16> = offered.iter().copied().filter(|suite| usable(*suite)).collect();
    let unsettled = tls.versions.iter().find(|seen| seen.version == version);
    let unsettled = unsettled.and_then(|seen| seen.unsettled.as_ref());
    if let Some(open) = unsettled
        && open.suites.iter().any(|suite| usable(*suite))
    {
        return Err(Outcome::Undecided(open.why.0.clone()));
    }
    if server.is_empty() {
        let version = version_name(version);
        return Err(Outcome::Fails(format!("it shares no suite with the server in {version}")));
    }
    let any_curve = || curves(tls).iter().any(|curve| client.groups.contains(curve));
    let server = match version == TLS13 || any_curve() {
        true => server,
        // Curves are asked about in TLS 1.3 alone; below it only the preferred one is known.
        false if server.iter().any(|suite| is_ecdhe(*suite)) => {
            let why = "which curves the server has in TLS 1.2 besides its own choice was not asked";
            return Err(Outcome::Undecided(why.to_owned()));
        }
        false => server,
    };
    let client = client.suites.iter().copied().filter(|suite| server.contains(suite)).collect();
    Ok(Common { server, client })
}

/// Curves that the server is known to have.
fn curves(tls: &TlsEvidence) -> Vec<u16> {
    let groups = tls.groups.as_deref().unwrap_or_default();
    let mut curves: Vec<u16> = tls.curves.clone();
    curves.extend(groups.iter().filter(|group| **group < 256 && !POST_QUANTUM.contains(group)));
    curves
}

fn fits_certificate(client: &Client, tls: &TlsEvidence, version: u16) -> Result<(), Outcome> {
    let leaf = tls.chain.as_ref().ok().and_then(|chain| chain.certificates.first());
    let Some(leaf) = leaf else { return Ok(()) };
    let signs = |schemes: &[u16]| schemes.iter().any(|scheme| client.signatures.contains(scheme));
    let (fits, what) = match leaf.key {
        KeyKind::Rsa(bits) if bits < client.shortest_rsa => (false, "RSA keys that are so short"),
        KeyKind::Rsa(_) if version == TLS13 => (signs(&[0x0804, 0x0805, 0x0806]), "RSASSA-PSS"),
        KeyKind::Ec(521) => (signs(&[0x0603]), "keys of the curve P-521"),
        KeyKind::Ed25519 => (signs(&[0x0807]), "Ed25519 keys"),
        KeyKind::Dsa => (false, "DSA keys"),
        _ => (true, ""),
    };
    if !fits {
        return Err(Outcome::Fails(format!("it does not take {what}")));
    }
    let new_signature = leaf.signature == "RSASSA-PSS" && !signs(&[0x0804, 0x0809]);
    match new_signature {
        true => Err(Outcome::Fails("it does not take certificates signed by RSASSA-PSS".into())),
        false => Ok(()),
    }
}

fn group_of_13(client: &Client, tls: &TlsEvidence) -> Result<Option<u16>, Outcome> {
    let Ok(offered) = &tls.groups else { return Ok(None) };
    let server: Vec<u16> =
        offered.iter().copied().filter(|group| client.groups.contains(group)).collect();
    if server.is_empty() && !offered.is_empty() {
        return Err(Outcome::Fails("it shares no group with the server in TLS 1.3".to_owned()));
    }
    let own: Vec<u16> =
        client.groups.iter().copied().filter(|group| server.contains(group)).collect();
    // The server was asked for its groups in the order of our list; when it answered in that order,
    // it may have followed us.
    let ours = GROUPS.iter().map(|(id, _)| *id).filter(|id| offered.contains(id));
    let follows_us = offered.len() < 2 || ours.eq(offered.iter().copied());
    Ok(choose(&server, &own, (!follows_us).then_some(true)))
}

/// Returns the group of an ECDHE suite, when there is no doubt.
fn group_before_13(client: &Client, tls: &TlsEvidence) -> Option<u16> {
    let known: Vec<u16> =
        curves(tls).into_iter().filter(|curve| client.groups.contains(curve)).collect();
    let own = client.groups.iter().copied().filter(|group| known.contains(group));
    choose(&known, &own.collect::<Vec<_>>(), None)
}

/// Returns whether it is known how a server ranks these: broken suites were asked for apart from the
/// others, and stand first unless they are known to come last.
fn is_ranked(suites: &[u16]) -> bool {
    !suites.first().is_some_and(|first| is_broken(*first))
        || suites.iter().all(|suite| is_broken(*suite))
}

/// Chooses from what both have, given in the order of either; `None` when it is not known whose
/// order decides, and that matters.
fn choose(server: &[u16], client: &[u16], server_order: Option<bool>) -> Option<u16> {
    let (server, client) = (server.first().copied()?, client.first().copied()?);
    match server_order {
        Some(true) => Some(server),
        Some(false) => Some(client),
        None => (server == client).then_some(server),
    }
}

fn is_13(suite: u16) -> bool {
    (0x1301..=0x1305).contains(&suite)
}

fn is_ecdhe(suite: u16) -> bool {
    suite_name(suite).starts_with("TLS_ECDHE_")
}

fn is_dhe(suite: u16) -> bool {
    suite_name(suite).starts_with("TLS_DHE_")
}

fn version_name(version: u16) -> &'static str {
    match version {
        TLS13 => "TLS 1.3",
        TLS12 => "TLS 1.2",
        TLS11 => "TLS 1.1",
        TLS10 => "TLS 1.0",
        _ => "SSL 3.0",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Missing;
    use crate::modules::ssl_tls::{Unsettled, seen, with_leaf};

    fn outcome(name: &str, change: impl FnOnce(&mut TlsEvidence)) -> Outcome {
        let evidence = seen(|tls| {
            tls.habits.nameless = Ok(None);
            change(tls);
        });
        let all = simulate(evidence.tls.as_ref().unwrap());
        all.into_iter().find(|one| one.client.starts_with(name)).unwrap().outcome
    }

    fn agreed(name: &str, change: impl FnOnce(&mut TlsEvidence)) -> String {
        match outcome(name, change) {
            Outcome::Connects(agreed) => format!(
                "{} {} {} {:?}",
                agreed.version,
                agreed.suite.as_deref().unwrap_or("?"),
                agreed.group.as_deref().unwrap_or("?"),
                agreed.forward_secret
            ),
            Outcome::Fails(why) => format!("fails: {why}"),
            Outcome::Undecided(why) => format!("undecided: {why}"),
        }
    }

    #[test]
    fn each_client_gets_the_newest_it_has() {
        let well = |_: &mut TlsEvidence| {};
        assert_eq!(
            agreed("Chrome", well),
            "TLS 1.3 TLS_AES_128_GCM_SHA256 X25519MLKEM768 Some(true)"
        );
        assert_eq!(agreed("Android 14", well), "TLS 1.3 TLS_AES_128_GCM_SHA256 x25519 Some(true)");
        assert_eq!(
            agreed("Windows Server 2016", well),
            "TLS 1.2 TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 x25519 Some(true)"
        );
        assert_eq!(agreed("Java 11", well), "fails: it shares no group with the server in TLS 1.3");
        assert_eq!(
            agreed("OpenSSL 1.0.2", well),
            "fails: it names no host, and the server refuses such clients"
        );
    }

    #[test]
    fn whose_order_decides_matters() {
        let order = |order| {
            move |tls: &mut TlsEvidence| {
                tls.server_order = order;
                tls.versions[4].suites = Ok(Vec::new());
                tls.versions[3].suites = Ok(vec![0x002f, 0xc02f, 0xc030]);
            }
        };
        let name = "Windows Server 2016";
        assert_eq!(
            agreed(name, order(Some(true))),
            "TLS 1.2 TLS_RSA_WITH_AES_128_CBC_SHA ? Some(false)"
        );
        assert_eq!(
            agreed(name, order(Some(false))),
            "TLS 1.2 TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 x25519 Some(true)"
        );
        assert_eq!(agreed(name, order(None)), "TLS 1.2 ? ? None");
        let broken_first = |tls: &mut TlsEvidence| {
            order(Some(true))(tls);
            tls.versions[3].suites = Ok(vec![0x000a, 0xc02f]);
        };
        assert_eq!(agreed(name, broken_first), "TLS 1.2 ? ? None", "asked for apart");
    }

    #[test]
    fn who_cannot_connect_is_told_why() {
        assert_eq!(
            agreed("Chrome", |tls| {
                tls.versions[3].suites = Ok(Vec::new());
                tls.versions[4].suites = Ok(Vec::new());
                tls.versions[1].suites = Ok(vec![0x002f]);
            }),
            "fails: the server has none of its versions, the newest being TLS 1.3"
        );
        assert_eq!(
            agreed("Chrome", |tls| {
                tls.versions[3].suites = Ok(vec![0x009e]);
                tls.versions[4].suites = Ok(Vec::new());
            }),
            "fails: it shares no suite with the server in TLS 1.2"
        );
        let short = |tls: &mut TlsEvidence| {
            tls.versions[3].suites = Ok(vec![0x009e]);
            tls.versions[4].suites = Ok(Vec::new());
            tls.shortest_prime = Some(1_024);
        };
        assert!(agreed("OpenSSL 3.5", short).starts_with("fails: it shares no suite"));
        assert!(agreed("OpenSSL 3.0", short).contains("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"));
        let unsafe_renegotiation = |tls: &mut TlsEvidence| {
            tls.versions[4].suites = Ok(Vec::new());
            tls.features.as_mut().unwrap().secure_renegotiation = false;
        };
        assert_eq!(
            agreed("OpenSSL 3.0", unsafe_renegotiation),
            "fails: it refuses servers without secure renegotiation"
        );
        let key = |key| {
            let evidence = with_leaf(|leaf| leaf.key = key);
            let all = simulate(evidence.tls.as_ref().unwrap());
            let fails = |one: &&ClientOutcome| matches!(one.outcome, Outcome::Fails(_));
            all.iter().filter(fails).map(|one| one.client.clone()).collect::<Vec<_>>()
        };
        assert!(key(KeyKind::Ec(521)).contains(&"Chrome 142".to_owned()));
        assert!(!key(KeyKind::Ec(521)).contains(&"Firefox 145".to_owned()));
        assert!(key(KeyKind::Ed25519).contains(&"Safari 26, iOS 26".to_owned()));
        assert!(key(KeyKind::Rsa(1_024)).contains(&"Safari 26, iOS 26".to_owned()));
    }

    #[test]
    fn what_was_not_seen_decides_nothing() {
        let silence = || Missing("silence".to_owned());
        assert_eq!(
            agreed("Chrome", |tls| tls.versions[4].suites = Err(silence())),
            "undecided: silence"
        );
        assert_eq!(
            agreed("Chrome", |tls| {
                tls.versions[4].unsettled =
                    Some(Unsettled { suites: vec![0x1302], why: silence() });
            }),
            "undecided: silence"
        );
        assert_eq!(agreed("Chrome", |tls| tls.reached = Err(silence())), "undecided: silence");
        assert_eq!(
            agreed("OpenSSL 1.0.2", |tls| tls.habits.nameless = Err(silence())),
            "undecided: silence"
        );
        // The server prefers x25519, which Windows 7 does not have, and nobody asked for others.
        let only_12 = |tls: &mut TlsEvidence| {
            tls.versions[4].suites = Ok(Vec::new());
            tls.groups = Ok(Vec::new());
            tls.versions[3].suites = Ok(vec![0xc028]);
        };
        assert!(
            agreed("Internet Explorer 11 on W", only_12).starts_with("undecided: which curves")
        );
    }
}
