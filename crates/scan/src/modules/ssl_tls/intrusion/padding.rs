use serde::{Deserialize, Serialize};

use super::{End, Malformed, Offered, PATIENCE, ROUNDS, Reaction, differ, unsteady};
use crate::check::Seen;
use crate::modules::ssl_tls::session::hello::Offer;
use crate::modules::ssl_tls::session::{Place, Session};
use crate::net::USER_AGENT;

/// How a server answers to records that it should refuse alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Padding {
    pub version: u16,
    pub suite: u16,
    pub reactions: Vec<(Malformed, Reaction)>,
    /// Whether the reactions tell them apart, each time they were asked for.
    pub oracle: bool,
}

impl Padding {
    /// Returns the names under which what was seen is known.
    pub fn names(&self) -> Vec<&'static str> {
        let of = |wanted: Malformed| {
            self.reactions.iter().find(|(kind, _)| *kind == wanted).map(|(_, reaction)| reaction)
        };
        let mac = of(Malformed::WrongMac);
        let accepted = of(Malformed::WrongPadding).is_some_and(|seen| seen.end == End::Data);
        let mut names = Vec::new();
        if accepted {
            names.push("POODLE");
        } else if of(Malformed::WrongPadding) != mac {
            names.push("Zombie POODLE");
        }
        if of(Malformed::PaddingTooLong) != mac || of(Malformed::NoMac) != mac {
            names.push("GOLDENDOODLE");
        }
        if of(Malformed::EmptyWrongMac) != mac {
            names.push("0-length padding oracle");
        }
        if self.oracle { names } else { Vec::new() }
    }
}

/// Sends each kind of malformed record over a connection of its own; what looks like an oracle has
/// to look the same each time.
pub(super) async fn ask(place: &Place<'_>, offered: Offered) -> Seen<Padding> {
    // One suite, so that nothing but the record differs: the one the server likes best.
    let version = offered.version;
    let suite = offered.suites.first().copied().unwrap_or_default();
    let reactions = round(place, version, suite).await?;
    let oracle = differ(&reactions);
    if oracle {
        for _ in 1..ROUNDS {
            if round(place, version, suite).await? != reactions {
                return Err(unsteady());
            }
        }
    }
    Ok(Padding { version, suite, reactions, oracle })
}

async fn round(place: &Place<'_>, version: u16, suite: u16) -> Seen<Vec<(Malformed, Reaction)>> {
    let mut reactions = Vec::new();
    for malformed in Malformed::ALL {
        reactions.push((malformed, once(place, version, suite, malformed).await?));
    }
    Ok(reactions)
}

async fn once(place: &Place<'_>, version: u16, suite: u16, malformed: Malformed) -> Seen<Reaction> {
    let suites = [suite];
    let mut session = Session::open(place, &Offer::new(version, &suites)).await?;
    // A whole request, so that a server that takes the record has something to answer.
    let request = format!(
        "HEAD / HTTP/1.1\r\nHost: {}\r\nUser-Agent: {USER_AGENT}\r\nConnection: close\r\n\r\n",
        place.name()
    );
    session.channel.send_malformed(malformed, request.as_bytes()).await?;
    Ok(session.channel.reaction(PATIENCE).await?)
}
