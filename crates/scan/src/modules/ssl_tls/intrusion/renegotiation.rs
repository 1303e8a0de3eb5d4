use serde::{Deserialize, Serialize};

use super::{Offered, PATIENCE, unsteady};
use crate::check::{Missing, Seen};
use crate::modules::ssl_tls::session::channel::{ALERT, HANDSHAKE};
use crate::modules::ssl_tls::session::hello::{Offer, RENEGOTIATION_INFO};
use crate::modules::ssl_tls::session::{Place, Session};
use crate::net::NetError;

/// Records that are read while waiting for the answer.
const MOST_RECORDS: usize = 8;
const SERVER_HELLO: u8 = 2;

/// What becomes of a client that asks for another handshake on its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Renegotiation {
    Refused,
    /// It is begun, and tied to the first (RFC 5746).
    Accepted,
    /// It is begun, and nothing tells who spoke before.
    AcceptedInsecurely,
}

/// Asks for another handshake and leaves as soon as it is begun.
pub(super) async fn ask(place: &Place<'_>, offered: Offered) -> Seen<Renegotiation> {
    let first = once(place, &offered).await?;
    match first == Renegotiation::Refused || first == once(place, &offered).await? {
        true => Ok(first),
        false => Err(unsteady()),
    }
}

async fn once(place: &Place<'_>, offered: &Offered) -> Seen<Renegotiation> {
    let offer = Offer::new(offered.version, &offered.suites);
    let mut session = Session::open(place, &offer).await?;
    let suite = session.flight.suite;
    session.ask_anew(place.name(), suite).await?;
    for _ in 0..MOST_RECORDS {
        match session.channel.receive(PATIENCE).await {
            Ok((HANDSHAKE, body)) if body.first() == Some(&SERVER_HELLO) => {
                return Ok(match session.flight.extensions.contains(&RENEGOTIATION_INFO) {
                    true => Renegotiation::Accepted,
                    false => Renegotiation::AcceptedInsecurely,
                });
            }
            Ok((ALERT, _)) | Err(NetError::Closed | NetError::TimedOut) => {
                return Ok(Renegotiation::Refused);
            }
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Missing("the server sent something else without end".to_owned()))
}
