//! An SMTP session up to STARTTLS (RFC 5321; RFC 3207): looks, never sends mail.

use std::net::IpAddr;
use std::time::Duration;

use super::patience::TurnedAway;
use super::{Connection, Net, NetError};

const PORT: u16 = 25;
/// "Service not available, closing transmission channel" (RFC 5321, section 4.2.2).
const NOT_NOW: u16 = 421;
/// Our name in `EHLO`: one that resolves nowhere, since we are no mail server.
const OUR_NAME: &str = "scan.compliancelayer.invalid";
/// Bytes read in one session.
const SESSION_BYTES: usize = 256 * 1024;
/// Bytes of one line of a reply; twice what RFC 5321, section 4.5.3.1.5 allows.
const LONGEST_LINE: usize = 1_024;
/// Lines of one reply.
const MOST_LINES: usize = 64;
/// Keywords that are kept, and characters of each.
const MOST_EXTENSIONS: usize = 32;
const LONGEST_EXTENSION: usize = 64;

/// A session in which the server has answered `EHLO`.
pub struct SmtpSession {
    connection: Connection,
    /// The text after 220, at most 128 printable characters.
    pub greeting: String,
    /// Keywords of the `EHLO` reply with their parameters, in upper case.
    pub extensions: Vec<String>,
}

/// The code of a reply and its lines without it.
type Reply = (u16, Vec<String>);

impl Net {
    /// Opens a session at port 25 and says `EHLO`. A server that will not talk to us is an error:
    /// it may do so because of where we come from.
    pub async fn smtp(&self, address: IpAddr, lifetime: Duration) -> Result<SmtpSession, NetError> {
        self.smtp_at(address, PORT, lifetime).await
    }

    /// Opens a session as [`Net::smtp`] does, at a port of submission.
    pub async fn smtp_at(
        &self,
        address: IpAddr,
        port: u16,
        lifetime: Duration,
    ) -> Result<SmtpSession, NetError> {
        let greeting = || self.greet(address, port, lifetime);
        self.patiently(address, greeting, TurnedAway::read).await
    }

    async fn greet(
        &self,
        address: IpAddr,
        port: u16,
        lifetime: Duration,
    ) -> Result<SmtpSession, NetError> {
        let mut connection = self.open_for(address, port, lifetime, SESSION_BYTES).await?;
        let (code, lines) = reply(&mut connection).await?;
        if code != 220 {
            return Err(refusal("us", code, &lines));
        }
        let greeting = printable(lines.first().map(String::as_str).unwrap_or_default(), 128);
        connection.send(format!("EHLO {OUR_NAME}\r\n").as_bytes()).await?;
        let (code, lines) = reply(&mut connection).await?;
        if code != 250 {
            return Err(refusal("our EHLO", code, &lines));
        }
        let keywords = lines.iter().skip(1).take(MOST_EXTENSIONS);
        let extensions =
            keywords.map(|line| printable(line, LONGEST_EXTENSION).to_ascii_uppercase());
        Ok(SmtpSession { connection, greeting, extensions: extensions.collect() })
    }
}

impl SmtpSession {
    /// Returns whether the server offers an extension.
    pub fn offers(&self, keyword: &str) -> bool {
        self.extensions.iter().any(|line| line.split(' ').next() == Some(keyword))
    }

    /// Asks for TLS. The server waits for a ClientHello then; one that says no is
    /// [`NetError::Protocol`].
    pub async fn start_tls(mut self) -> Result<Connection, NetError> {
        self.connection.send(b"STARTTLS\r\n").await?;
        let (code, lines) = reply(&mut self.connection).await?;
        match code {
            220 => Ok(self.connection),
            _ => Err(refusal("STARTTLS", code, &lines)),
        }
    }

    /// Asks for TLS with another command right behind it, in clear, as somebody on the way would put
    /// it there. `None` when the server refuses that.
    pub async fn start_tls_with(mut self, command: &str) -> Result<Option<Connection>, NetError> {
        self.connection.send(format!("STARTTLS\r\n{command}\r\n").as_bytes()).await?;
        let (code, _) = reply(&mut self.connection).await?;
        Ok((code == 220).then_some(self.connection))
    }

    /// Takes leave as it should be; whether the server heard it does not matter.
    pub async fn quit(mut self) {
        let _heard = self.connection.send(b"QUIT\r\n").await;
    }
}

fn refusal(what: &str, code: u16, lines: &[String]) -> NetError {
    if code == NOT_NOW {
        return NetError::TurnedAway;
    }
    let said = printable(lines.first().map(String::as_str).unwrap_or_default(), 80);
    NetError::Protocol(format!("the mail server refuses {what}: {code} {said}"))
}

/// Reads one reply of one or more lines (RFC 5321, section 4.2.1).
async fn reply(connection: &mut Connection) -> Result<Reply, NetError> {
    let mut lines = Vec::new();
    while lines.len() < MOST_LINES {
        let (code, more, text) = reply_line(&connection.line(LONGEST_LINE).await?)?;
        lines.push(text);
        if !more {
            return Ok((code, lines));
        }
    }
    Err(NetError::TooMuch)
}

/// Reads one line of a reply: the code, whether more lines follow, and the text.
pub(crate) fn reply_line(line: &str) -> Result<(u16, bool, String), NetError> {
    let nonsense = || NetError::Protocol("the server does not speak SMTP".to_owned());
    let code: u16 = line.get(..3).and_then(|code| code.parse().ok()).ok_or_else(nonsense)?;
    let more = match line.as_bytes().get(3) {
        Some(b'-') => true,
        Some(b' ') | None => false,
        Some(_) => return Err(nonsense()),
    };
    Ok((code, more, line.get(4..).unwrap_or_default().to_owned()))
}

fn printable(text: &str, most: usize) -> String {
    let kept = text.trim().chars().filter(|c| c.is_ascii_graphic() || *c == ' ');
    kept.take(most).collect()
}
