use super::{Offered, PATIENCE, unsteady};
use crate::check::{Missing, Seen};
use crate::modules::ssl_tls::session::channel::{ALERT, HEARTBEAT};
use crate::modules::ssl_tls::session::hello::{self, Offer};
use crate::modules::ssl_tls::session::{Greeted, Place};
use crate::net::NetError;

/// What a heartbeat carries, and the padding after it (RFC 6520, section 4).
const PAYLOAD: &[u8] = b"ComplianceLayer";
const PADDING: [u8; 16] = [0; 16];
/// The length it claims: one octet more than it carries.
const CLAIMED: usize = PAYLOAD.len() + 1;
const REQUEST: u8 = 1;
const RESPONSE: u8 = 2;
/// The level of an alert that ends a connection.
const FATAL: u8 = 2;
/// Records that are read while waiting for the answer.
const MOST_RECORDS: usize = 8;

/// Returns whether a heartbeat that claims too much is answered with what stood beyond it.
///
/// The first one has padding, so the octet too many is one of ours; only a server that answers it is
/// sent one without, whose answer holds a single octet of the server's memory. Nothing of an answer
/// is kept but its length.
pub(super) async fn ask(place: &Place<'_>, offered: Offered) -> Seen<bool> {
    if !is_answered(place, &offered, &PADDING).await? {
        return Ok(false);
    }
    let first = is_answered(place, &offered, &[]).await?;
    match first && !is_answered(place, &offered, &[]).await? {
        true => Err(unsteady()),
        false => Ok(first),
    }
}

async fn is_answered(place: &Place<'_>, offered: &Offered, padding: &[u8]) -> Seen<bool> {
    let agree = Some((hello::HEARTBEAT, [1].as_slice()));
    let offer = Offer { extension: agree, ..Offer::new(offered.version, &offered.suites) };
    let mut greeted = Greeted::begin(place, &offer).await?;
    if !greeted.flight.extensions.contains(&hello::HEARTBEAT) {
        return Ok(false);
    }
    let length = u16::try_from(CLAIMED).unwrap_or_default().to_be_bytes();
    let message = [&[REQUEST], &length[..], PAYLOAD, padding].concat();
    greeted.channel.send(HEARTBEAT, &message).await?;
    for _ in 0..MOST_RECORDS {
        match greeted.channel.receive(PATIENCE).await {
            Ok((HEARTBEAT, answer)) if answer.first() == Some(&RESPONSE) => {
                return Ok(answer.len() >= 3 + CLAIMED);
            }
            Ok((ALERT, alert)) if alert.first() == Some(&FATAL) => return Ok(false),
            Err(NetError::Closed) => return Ok(false),
            Err(NetError::TimedOut) => return is_alive(greeted).await.map(|()| false),
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Missing("the server sent something else without end".to_owned()))
}

/// Takes leave, to tell a server that ignores what is wrong (RFC 6520, section 4) from one that
/// hears nothing at all.
async fn is_alive(mut greeted: Greeted) -> Seen<()> {
    greeted.channel.send(ALERT, &[1, 0]).await?;
    let reaction = greeted.channel.reaction(PATIENCE).await?;
    match reaction.is_silence() {
        true => Err(Missing("the server says nothing to anything after its hello".to_owned())),
        false => Ok(()),
    }
}
