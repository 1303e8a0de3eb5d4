//! What a server of mailboxes offers before anybody signs in: one question in clear, and leave is
//! taken (RFC 9051, section 6.1.1; RFC 2449, section 5).

use std::net::IpAddr;
use std::time::Duration;

use super::{Connection, Net, NetError};

/// Bytes read in one session.
const SESSION_BYTES: usize = 32 * 1024;
/// Bytes of one line, and lines of one answer.
const LONGEST_LINE: usize = 4_096;
const MOST_LINES: usize = 64;

impl Net {
    /// Asks an IMAP server whether it offers STARTTLS.
    pub async fn imap_offers_tls(
        &self,
        address: IpAddr,
        port: u16,
        lifetime: Duration,
    ) -> Result<bool, NetError> {
        let mut connection = self.open_for(address, port, lifetime, SESSION_BYTES).await?;
        if !connection.line(LONGEST_LINE).await?.starts_with("* OK") {
            return Err(NetError::Protocol("the server does not greet as IMAP does".to_owned()));
        }
        connection.send(b"a CAPABILITY\r\n").await?;
        let mut offered = false;
        for _ in 0..MOST_LINES {
            let line = connection.line(LONGEST_LINE).await?.to_ascii_uppercase();
            if let Some(capabilities) = line.strip_prefix("* CAPABILITY ") {
                offered |= capabilities.split(' ').any(|word| word == "STARTTLS");
            } else if line.starts_with("A ") {
                leave(&mut connection, b"b LOGOUT\r\n").await;
                return Ok(offered);
            }
        }
        Err(NetError::TooMuch)
    }

    /// Asks a POP3 server whether it offers STLS (RFC 2595, section 4).
    pub async fn pop3_offers_tls(
        &self,
        address: IpAddr,
        port: u16,
        lifetime: Duration,
    ) -> Result<bool, NetError> {
        let mut connection = self.open_for(address, port, lifetime, SESSION_BYTES).await?;
        if !connection.line(LONGEST_LINE).await?.starts_with("+OK") {
            return Err(NetError::Protocol("the server does not greet as POP3 does".to_owned()));
        }
        connection.send(b"CAPA\r\n").await?;
        // A server that does not know the command has no capabilities either.
        if !connection.line(LONGEST_LINE).await?.starts_with("+OK") {
            leave(&mut connection, b"QUIT\r\n").await;
            return Ok(false);
        }
        let mut offered = false;
        for _ in 0..MOST_LINES {
            match connection.line(LONGEST_LINE).await?.trim_end() {
                "." => {
                    leave(&mut connection, b"QUIT\r\n").await;
                    return Ok(offered);
                }
                line => offered |= line.eq_ignore_ascii_case("STLS"),
            }
        }
        Err(NetError::TooMuch)
    }
}

/// Takes leave; whether the server heard it does not matter.
async fn leave(connection: &mut Connection, farewell: &[u8]) {
    let _heard = connection.send(farewell).await;
}
