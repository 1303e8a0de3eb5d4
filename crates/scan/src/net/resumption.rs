//! A handshake that lets the server hand out what resumes it, and counts that. Nothing is resumed.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use rustls::NamedGroup;
use rustls::client::{
    ClientSessionStore, Resumption, Tls12ClientSessionValue, Tls13ClientSessionValue,
};
use rustls::pki_types::ServerName;

use super::patience::TurnedAway;
use super::tls::shake;
use super::{Net, NetError, TlsConnection};

/// What a server handed out to resume a session. In TLS 1.3 it comes with the first bytes that are
/// read after the handshake (RFC 8446, section 4.6.1).
#[derive(Debug, Default)]
pub struct Tickets {
    handed_out: AtomicU32,
    early_data: AtomicU32,
}

impl Tickets {
    /// Returns whether the session could be resumed.
    pub fn any(&self) -> bool {
        self.handed_out.load(Ordering::Relaxed) > 0
    }

    /// Returns how many bytes may be sent before the handshake of a resumed session is finished.
    pub fn early_data(&self) -> u32 {
        self.early_data.load(Ordering::Relaxed)
    }
}

impl ClientSessionStore for Tickets {
    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}

    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        None
    }

    fn set_tls12_session(&self, _: ServerName<'static>, _: Tls12ClientSessionValue) {
        self.handed_out.fetch_add(1, Ordering::Relaxed);
    }

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        None
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {}

    fn insert_tls13_ticket(&self, _: ServerName<'static>, ticket: Tls13ClientSessionValue) {
        self.handed_out.fetch_add(1, Ordering::Relaxed);
        self.early_data.fetch_max(ticket.max_early_data_size(), Ordering::Relaxed);
    }

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        None
    }
}

impl Net {
    /// Shakes hands for HTTP/1.1 as a client that may come back, sending `name` as SNI. The connection
    /// lives for one small exchange more.
    pub async fn tls_resumable(
        &self,
        address: IpAddr,
        port: u16,
        name: &str,
    ) -> Result<(TlsConnection, Arc<Tickets>), NetError> {
        let tickets = Arc::new(Tickets::default());
        let mut config = (*self.0.shared.tls.http).clone();
        config.resumption = Resumption::store(Arc::clone(&tickets) as _);
        let config = Arc::new(config);
        let asking =
            || async { shake(&config, self.open_to_shake(address, port).await?, name).await };
        Ok((self.patiently(address, asking, TurnedAway::read).await?, tickets))
    }
}
