use super::{Offered, PATIENCE, unsteady};
use crate::check::{Missing, Seen};
use crate::modules::ssl_tls::session::channel::CHANGE_CIPHER_SPEC;
use crate::modules::ssl_tls::session::hello::Offer;
use crate::modules::ssl_tls::session::{Greeted, Place};

/// Alerts of a server that tried to decrypt: `bad_record_mac` and `decryption_failed`.
const TRIED_TO_DECRYPT: [u8; 2] = [20, 21];

/// Returns whether a ChangeCipherSpec is taken before the key exchange.
pub(super) async fn ask(place: &Place<'_>, offered: Offered) -> Seen<bool> {
    if !is_taken(place, &offered).await? {
        return Ok(false);
    }
    match is_taken(place, &offered).await? {
        true => Ok(true),
        false => Err(unsteady()),
    }
}

/// Sends it twice: who has taken the first decrypts the second, with keys that anybody knows, and
/// complains about that.
async fn is_taken(place: &Place<'_>, offered: &Offered) -> Seen<bool> {
    let offer = Offer::new(offered.version, &offered.suites);
    let mut channel = Greeted::begin(place, &offer).await?.channel;
    channel.send(CHANGE_CIPHER_SPEC, &[1]).await?;
    if !channel.reaction(PATIENCE).await?.is_silence() {
        return Ok(false);
    }
    channel.send(CHANGE_CIPHER_SPEC, &[1]).await?;
    let second = channel.reaction(PATIENCE).await?;
    match second.is_silence() {
        true => Err(Missing("the server says nothing to a ChangeCipherSpec too early".to_owned())),
        false => Ok(second.alerts.iter().any(|alert| TRIED_TO_DECRYPT.contains(alert))),
    }
}
