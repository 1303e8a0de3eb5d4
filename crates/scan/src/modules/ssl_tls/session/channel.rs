//! Records over one connection, in clear or protected, and how a server reacts to one.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use super::plain_record;
use super::record::{Malformed, Protection};
use crate::modules::ssl_tls::wire::reply;
use crate::net::{Connection, NetError};

pub(crate) const CHANGE_CIPHER_SPEC: u8 = 20;
pub(crate) const ALERT: u8 = 21;
pub(crate) const HANDSHAKE: u8 = 22;
pub(crate) const DATA: u8 = 23;
pub(crate) const HEARTBEAT: u8 = 24;

/// Records after which a reaction is no longer listened to.
const MOST_RECORDS: usize = 8;

/// How a server reacts to what it should refuse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// The descriptions of its alerts, at most seven.
    pub alerts: Vec<u8>,
    pub end: End,
}

/// What a reaction ends in. A connection that is reset counts as closed: which of the two it is
/// depends on what was still on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    Closed,
    /// Nothing more comes, and the connection stays open.
    Silent,
    /// Data of the application.
    Data,
    /// More of a handshake.
    Handshake,
    /// Something that is no record, or cannot be decrypted.
    Unreadable,
}

impl Reaction {
    /// Returns whether nothing came at all.
    pub fn is_silence(&self) -> bool {
        self.end == End::Silent && self.alerts.is_empty()
    }
}

impl fmt::Display for Reaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, alert) in self.alerts.iter().take(3).enumerate() {
            write!(f, "{}alert {alert}", if index == 0 { "" } else { ", " })?;
        }
        let end = match self.end {
            End::Closed if !self.alerts.is_empty() => return Ok(()),
            End::Closed => "hanging up",
            End::Silent => "silence",
            End::Data => "data",
            End::Handshake => "more of the handshake",
            End::Unreadable => "something unreadable",
        };
        write!(f, "{}{end}", if self.alerts.is_empty() { "" } else { " and " })
    }
}

/// One connection with what protects it.
pub(crate) struct Channel {
    pub(super) connection: Connection,
    pub(super) version: u16,
    pub(super) write: Option<Protection>,
    pub(super) read: Option<Protection>,
}

impl Channel {
    /// Sends one record.
    pub(crate) async fn send(&mut self, kind: u8, body: &[u8]) -> Result<(), NetError> {
        let record = self.record(kind, body)?;
        self.connection.send(&record).await
    }

    /// Sends one record of application data that is wrong in one way.
    pub(crate) async fn send_malformed(
        &mut self,
        malformed: Malformed,
        data: &[u8],
    ) -> Result<(), NetError> {
        let Some(protection) = &mut self.write else {
            return Err(NetError::Failed("the handshake is not finished".to_owned()));
        };
        let record = protection.seal_malformed(malformed, data)?;
        self.connection.send(&record).await
    }

    pub(super) fn record(&mut self, kind: u8, body: &[u8]) -> Result<Vec<u8>, NetError> {
        match &mut self.write {
            Some(protection) => protection.seal(kind, body),
            None => Ok(plain_record(kind, self.version, body)),
        }
    }

    /// Reads one record.
    pub(crate) async fn receive(&mut self, patience: Duration) -> Result<(u8, Vec<u8>), NetError> {
        let reading = timeout(patience, reply::record(&mut self.connection));
        let (kind, body) = reading.await.unwrap_or(Err(NetError::TimedOut))?;
        let Some(protection) = &mut self.read else { return Ok((kind, body)) };
        let opened = protection.open(kind, &body);
        let unreadable = || NetError::Protocol("a record could not be decrypted".to_owned());
        Ok((kind, opened.ok_or_else(unreadable)?))
    }

    /// Listens until the server has reacted; one that does not stop is [`NetError::TooMuch`]. Each of
    /// its records may take as long as `patience`.
    pub(crate) async fn reaction(&mut self, patience: Duration) -> Result<Reaction, NetError> {
        let mut alerts = Vec::new();
        for _ in 0..MOST_RECORDS {
            let end = match self.receive(patience).await {
                Ok((ALERT, body)) => match body[..] {
                    [_, description] => {
                        alerts.push(description);
                        continue;
                    }
                    _ => End::Unreadable,
                },
                Ok((DATA, _)) => End::Data,
                Ok((HANDSHAKE | CHANGE_CIPHER_SPEC, _)) => End::Handshake,
                Err(NetError::Closed) => End::Closed,
                Err(NetError::TimedOut) => End::Silent,
                Ok(_) | Err(_) => End::Unreadable,
            };
            return Ok(Reaction { alerts, end });
        }
        Err(NetError::TooMuch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reaction_reads_as_words() {
        let words = |alerts: &[u8], end| Reaction { alerts: alerts.to_vec(), end }.to_string();
        assert_eq!(words(&[20], End::Closed), "alert 20");
        assert_eq!(words(&[], End::Closed), "hanging up");
        assert_eq!(words(&[20, 0], End::Silent), "alert 20, alert 0 and silence");
        assert_eq!(words(&[], End::Data), "data");
    }
}
