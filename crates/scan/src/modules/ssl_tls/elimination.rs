//! Lists the suites of one version by elimination: offer all, note the one chosen, offer the rest,
//! until the server refuses. TLS 1.3 is asked with an empty list of key shares, so that it names the
//! group it wants and no key has to be computed.
//!
//! Every answer decides the next question, so the questions cannot be asked side by side. Half of the
//! time of one goes into the connection: once a list turns out to be long, the next connection is
//! opened while an answer is under way.
//!
//! Invariant: nobody waits for a place at the server while holding one that only their own next
//! question gives back. Hence a connection that was opened ahead is dropped before a question is
//! asked in any other way.

use super::Unsettled;
use super::listing::{Entry, Lister, OUT_OF_CONNECTIONS};
use super::wire::hello::{ClientHello, Shares, TLS12, TLS13};
use super::wire::reply::{self, Reply, ServerHello};
use super::wire::suites::{SUITES_13, broken_and_others, predates_tls12};
use crate::check::{Missing, Seen};
use crate::net::{Connection, NetError};

/// Suites in one hello: some servers drop longer ones.
pub(super) const CHUNK: usize = 110;
/// Suites after which a list is long.
const LONG: usize = 4;

/// What listing one version came to.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// Empty when the version is not offered.
    pub(super) suites: Vec<u16>,
    pub(super) hellos: Vec<ServerHello>,
    /// Suites that were answered by hanging up.
    pub(super) hung_up: Vec<u16>,
    /// Suites that could not be asked about any more.
    pub(super) unsettled: Option<Unsettled>,
}

impl Lister<'_> {
    /// Lists the suites of TLS 1.2, the broken ones first: should listing be cut short, what is left
    /// open is of less weight.
    pub(super) async fn tls12(&self) -> Seen<Listed> {
        self.eliminate(TLS12, &broken_and_others()).await
    }

    /// Lists the suites of TLS 1.3.
    pub(super) async fn tls13(&self) -> Seen<Listed> {
        self.eliminate(TLS13, &[SUITES_13.iter().map(|(id, _)| *id).collect()]).await
    }

    /// Lists the suites of a version before TLS 1.2: first those that are not `known` from a later
    /// version, so that nothing new is missed should listing be cut short. Three connections tell
    /// whether the version is offered.
    pub(super) async fn before_tls12(&self, version: u16, known: &[u16]) -> Seen<Listed> {
        let mut known_here = Vec::new();
        let new = broken_and_others().map(|suites| {
            let here = suites.into_iter().filter(|suite| predates_tls12(*suite));
            let (known, new): (Vec<u16>, Vec<u16>) = here.partition(|suite| known.contains(suite));
            known_here.extend(known);
            new
        });
        let [broken, others] = new;
        self.eliminate(version, &[broken, others, known_here]).await
    }

    /// Goes on where the connections ran out, if they did.
    pub(super) async fn resume(&self, version: u16, listed: &mut Listed) {
        let Some(open) =
            listed.unsettled.as_ref().filter(|open| open.why == OUT_OF_CONNECTIONS.into())
        else {
            return;
        };
        if let Ok(more) = self.eliminate(version, std::slice::from_ref(&open.suites)).await {
            listed.suites.extend(more.suites);
            listed.hellos.extend(more.hellos);
            listed.hung_up.extend(more.hung_up);
            listed.unsettled = more.unsettled;
        }
    }

    async fn eliminate(&self, version: u16, parts: &[Vec<u16>]) -> Seen<Listed> {
        let groups = ClientHello::all_groups();
        let mut listed = Listed::default();
        let mut shares = Shares::None;
        let is_of_use = self.entry != Entry::StartTls;
        let mut ahead = Ahead { lister: self, connection: None, is_of_use };
        let chunks: Vec<&[u16]> = parts.iter().flat_map(|part| part.chunks(CHUNK)).collect();
        for (index, chunk) in chunks.iter().enumerate() {
            let mut left = chunk.to_vec();
            while !left.is_empty() {
                let hello = ClientHello {
                    version,
                    name: self.name,
                    suites: &left,
                    groups: &groups,
                    shares,
                };
                let answer = match listed.suites.len() < LONG {
                    true => None,
                    false => ahead.ask(&hello).await,
                };
                let answer = match answer {
                    Some(answer) => Ok(answer),
                    None if listed.hung_up.is_empty() => self.ask(&hello).await,
                    // One that hung up twice may do so for every suite.
                    None => self.ask_once(&hello).await,
                };
                match answer {
                    Ok(Reply::Hello(hello))
                        if hello.version == version && left.contains(&hello.suite) =>
                    {
                        left.retain(|suite| *suite != hello.suite);
                        listed.suites.push(hello.suite);
                        listed.hellos.push(*hello);
                    }
                    // Some servers want to see a key share before they answer.
                    Ok(Reply::Alert(_))
                        if version == TLS13
                            && shares == Shares::None
                            && listed.suites.is_empty() =>
                    {
                        shares = Shares::LooksReal;
                    }
                    // Another version, or a suite nobody offered: this version is not to be had.
                    Ok(Reply::Hello(_)) => return Ok(listed),
                    Ok(Reply::Alert(alert)) if reply::refuses_version(alert) => return Ok(listed),
                    Ok(Reply::Alert(_)) => break,
                    Err(NetError::Closed) => {
                        listed.hung_up.append(&mut left);
                    }
                    Err(error) if listed.suites.is_empty() => return Err(error.into()),
                    Err(error) => {
                        left.extend(chunks[index + 1..].iter().copied().flatten());
                        listed.unsettled = Some(Unsettled { suites: left, why: error.into() });
                        return Ok(listed);
                    }
                }
            }
        }
        Ok(listed)
    }
}

/// Asks a question of a list after the other, with the next connection opened while an answer is
/// under way.
struct Ahead<'l, 'n> {
    lister: &'l Lister<'n>,
    connection: Option<Connection>,
    is_of_use: bool,
}

impl Ahead<'_, '_> {
    /// Asks once. `None` when there is no connection or no answer; then nothing is opened ahead any
    /// more.
    async fn ask(&mut self, hello: &ClientHello<'_>) -> Option<Reply> {
        if !std::mem::take(&mut self.is_of_use) {
            return None;
        }
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.lister.open().await.ok()?,
        };
        let hello = hello.to_bytes();
        let (answer, next) = tokio::join!(reply::ask_over(connection, &hello), self.lister.open());
        let answer = answer.ok()?;
        self.connection = next.ok();
        self.is_of_use = self.connection.is_some();
        Some(answer)
    }
}

impl Listed {
    /// Counts the suites at which the server hung up among those that are open, because it hangs
    /// up on everything by now.
    pub(super) fn doubt(&mut self, why: &Missing) {
        if self.hung_up.is_empty() {
            return;
        }
        let suites = std::mem::take(&mut self.hung_up);
        let unsettled = self
            .unsettled
            .get_or_insert_with(|| Unsettled { suites: Vec::new(), why: why.clone() });
        unsettled.suites.extend(suites);
    }
}
