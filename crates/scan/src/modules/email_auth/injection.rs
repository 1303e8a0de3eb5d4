use std::net::IpAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::check::{Missing, Seen};
use crate::net::{Net, NetError, smtp};

/// How long one session may last.
const SESSION_TIMEOUT: Duration = Duration::from_secs(12);
/// Octets that are read after the handshake.
const MOST_OCTETS: usize = 4 * 1024;

/// Returns whether a command that came in clear is carried out after the handshake, twice.
pub(super) async fn ask(net: &Net, address: IpAddr, name: &str) -> Seen<bool> {
    if !is_carried_out(net, address, name).await? {
        return Ok(false);
    }
    match is_carried_out(net, address, name).await? {
        true => Ok(true),
        false => Err(Missing("the answers changed from one try to the next".to_owned())),
    }
}

/// Sends `NOOP` behind `STARTTLS` and only `QUIT` under TLS: a second reply answers the first.
async fn is_carried_out(net: &Net, address: IpAddr, name: &str) -> Seen<bool> {
    let session = net.smtp(address, SESSION_TIMEOUT).await?;
    let Some(connection) = session.start_tls_with("NOOP").await? else { return Ok(false) };
    let mut stream = net.tls_over(connection, name).await?.stream;
    stream.write_all(b"QUIT\r\n").await.map_err(NetError::from)?;
    let mut heard = Vec::new();
    let mut part = [0; 512];
    while replies(&heard) < 2 && heard.len() < MOST_OCTETS {
        match stream.read(&mut part).await {
            Ok(0) => break,
            Ok(read) => heard.extend(&part[..read]),
            // Who has said goodbye may hang up as they like.
            Err(_) if replies(&heard) > 0 => break,
            Err(error) => return Err(NetError::from(error).into()),
        }
    }
    match replies(&heard) {
        0 => Err(Missing("the mail server says nothing under TLS".to_owned())),
        replies => Ok(replies > 1),
    }
}

/// Counts whole replies (RFC 5321, section 4.2.1).
pub(crate) fn replies(heard: &[u8]) -> usize {
    let lines = heard.split_inclusive(|octet| *octet == b'\n');
    let ends = |line: &[u8]| {
        let text = String::from_utf8_lossy(line.strip_suffix(b"\n")?).into_owned();
        smtp::reply_line(text.trim_end()).ok().filter(|(_, more, _)| !more)
    };
    lines.filter_map(ends).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_counted_when_it_is_whole() {
        assert_eq!(replies(b"250 ok\r\n221 bye\r\n"), 2);
        assert_eq!(replies(b"221-good\r\n221 bye\r\n"), 1);
        assert_eq!(replies(b"221 by"), 0);
        assert_eq!(replies(b"nonsense\r\n\r\n"), 0);
    }
}
