use super::Offered;
use crate::check::Seen;
use crate::modules::ssl_tls::session::hello::{Offer, SESSION_TICKET};
use crate::modules::ssl_tls::session::{Greeted, Place, Session, random};

/// Octets of the session id that comes with a ticket: a server with the flaw fills it up to 32 from
/// its memory, so this is the longest that shows it, and the one that leaks least.
const SESSION_ID: usize = 31;

/// Returns whether a session id beside a ticket comes back longer than it was sent; none when the
/// server gives no ticket.
pub(super) async fn ask(place: &Place<'_>, offered: Offered) -> Seen<Option<bool>> {
    let usual = Offer::new(offered.version, &offered.suites);
    let first = Offer { extension: Some((SESSION_TICKET, &[])), ..usual };
    let Some(ticket) = Session::open(place, &first).await?.ticket else { return Ok(None) };
    for _ in 0..2 {
        let sent: [u8; SESSION_ID] = random()?;
        let extension = Some((SESSION_TICKET, ticket.as_slice()));
        let again = Offer { session_id: &sent, extension, ..usual };
        let back = Greeted::glimpse(place, &again).await?.session_id;
        if back.len() == sent.len() || !back.starts_with(&sent) {
            return Ok(Some(false));
        }
    }
    Ok(Some(true))
}
