//! What a server says before it is asked: which service it is, and its product and version. The
//! rest is forgotten, since it holds names and whatever else the server likes to send.

use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::time::{Instant, timeout_at};

use super::services::Service;
use crate::known_flaws::distribution;
use crate::net::Connection;

/// Bytes of a greeting that are read.
const MOST_BYTES: usize = 512;
/// Characters of a product and its version that are kept.
const LONGEST_PRODUCT: usize = 64;

/// Products that name themselves in the greetings of FTP, SMTP, POP3 and IMAP servers.
const PRODUCTS: &[&str] = &[
    "vsFTPd",
    "ProFTPD",
    "Pure-FTPd",
    "FileZilla Server",
    "Microsoft FTP Service",
    "wu-ftpd",
    "Serv-U",
    "Postfix",
    "Exim",
    "Sendmail",
    "Microsoft ESMTP MAIL Service",
    "OpenSMTPD",
    "Haraka",
    "Dovecot",
    "Cyrus",
    "Courier",
    "Stalwart",
];

/// Reads what comes first, until a line has ended, the server falls silent, or `patience` is over.
pub(super) async fn read(connection: &mut Connection, patience: Duration) -> Vec<u8> {
    let until = Instant::now() + patience;
    let mut greeting = Vec::new();
    let mut part = [0; MOST_BYTES];
    while greeting.len() < MOST_BYTES && !greeting.contains(&b'\n') && !is_binary(&greeting) {
        let room = MOST_BYTES - greeting.len();
        match timeout_at(until, connection.read(&mut part[..room])).await {
            Ok(Ok(count)) if count > 0 => greeting.extend(&part[..count]),
            _ => break,
        }
    }
    greeting
}

/// Returns whether what came is a message without lines.
fn is_binary(greeting: &[u8]) -> bool {
    greeting.iter().take(5).any(|octet| !octet.is_ascii_graphic() && !b" \r\n".contains(octet))
}

/// Returns the service that greets like this; `None` when it could be any.
pub(crate) fn service(greeting: &[u8]) -> Option<Service> {
    let line = first_line(greeting).to_ascii_uppercase();
    match greeting {
        [b'S', b'S', b'H', b'-', ..] => Some(Service::Ssh),
        // A negotiation of options (RFC 854).
        [0xff, 0xfb..=0xfe, ..] => Some(Service::Telnet),
        // Length, sequence 0, then protocol 10 or an error.
        [_, _, 0, 0, 0x0a | 0xff, ..] => Some(Service::Mysql),
        _ if line.starts_with("RFB 0") => Some(Service::Vnc),
        _ if line.starts_with("@RSYNCD:") => Some(Service::Rsync),
        _ if line.starts_with("+OK") => Some(Service::Pop3),
        _ if line.starts_with("* OK") => Some(Service::Imap),
        _ if line.starts_with("220") && line.contains("SMTP") => Some(Service::Smtp),
        _ if line.starts_with("220") && line.contains("FTP") => Some(Service::Ftp),
        _ => None,
    }
}

/// Returns the product and its version, when the greeting names them.
pub(crate) fn product(greeting: &[u8]) -> Option<String> {
    let line = first_line(greeting);
    let named = match service(greeting) {
        Some(Service::Mysql) => {
            let version = greeting.get(5..).filter(|_| greeting.get(4) == Some(&0x0a))?;
            let version = version.split(|octet| *octet == 0).next()?;
            format!("MySQL {}", String::from_utf8_lossy(version))
        }
        Some(Service::Vnc) => line,
        Some(Service::Rsync) => line.replace("@RSYNCD:", "rsync protocol"),
        Some(Service::Ssh) => {
            line.split('-').skip(2).collect::<Vec<_>>().join("-").split(' ').next()?.to_owned()
        }
        _ => mentioned(&line)?,
    };
    // Whose package it is matters, since distributions mend flaws without a new version.
    let named = match distribution(&first_line(greeting)) {
        Some(distribution) if named.contains(|c: char| c.is_ascii_digit()) => {
            format!("{named} ({distribution})")
        }
        _ => named,
    };
    let safe = printable(&named, LONGEST_PRODUCT);
    (!safe.is_empty()).then_some(safe)
}

/// Returns the product a line mentions, with the version if that is the next word.
fn mentioned(line: &str) -> Option<String> {
    let lower = line.to_ascii_lowercase();
    let known = PRODUCTS.iter().find_map(|product| {
        let at = lower.find(&product.to_ascii_lowercase())?;
        Some((*product, &line[at + product.len()..]))
    });
    let (product, rest) = known?;
    let next = rest.split([' ', ')', '(', '/', ']', ';', ',']).find(|word| !word.is_empty());
    let version = next.map(|word| word.trim_start_matches(['v', 'V']));
    match version.filter(|word| word.starts_with(|first: char| first.is_ascii_digit())) {
        Some(version) => Some(format!("{product} {version}")),
        None => Some(product.to_owned()),
    }
}

fn first_line(greeting: &[u8]) -> String {
    let line = greeting.split(|octet| *octet == b'\n').next().unwrap_or_default();
    printable(&String::from_utf8_lossy(line), MOST_BYTES)
}

/// Keeps at most so many characters, all of them printable ASCII.
pub(super) fn printable(text: &str, most: usize) -> String {
    let kept = text.trim().chars().filter(|c| c.is_ascii_graphic() || *c == ' ');
    kept.take(most).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read_off(greeting: &[u8]) -> (Option<Service>, Option<String>) {
        (service(greeting), product(greeting))
    }

    fn named(service: Service, product: &str) -> (Option<Service>, Option<String>) {
        (Some(service), Some(product.to_owned()))
    }

    #[test]
    fn services_are_known_by_their_greetings() {
        assert_eq!(
            read_off(b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n"),
            named(Service::Ssh, "OpenSSH_9.2p1 (Debian)")
        );
        assert_eq!(read_off(b"220 (vsFTPd 3.0.3)\r\n"), named(Service::Ftp, "vsFTPd 3.0.3"));
        assert_eq!(
            read_off(b"220 mail.example.com ESMTP Exim 4.96 Tue\r\n"),
            named(Service::Smtp, "Exim 4.96")
        );
        assert_eq!(
            read_off(b"220 mx ESMTP Postfix (Debian/GNU)\r\n"),
            named(Service::Smtp, "Postfix")
        );
        assert_eq!(
            read_off(b"\x4a\0\0\0\x0a8.0.36\0\x08\0\0\0"),
            named(Service::Mysql, "MySQL 8.0.36")
        );
        assert_eq!(
            read_off(b"\x47\0\0\0\xff\x6a\x04Host is not allowed"),
            (Some(Service::Mysql), None)
        );
        assert_eq!(read_off(b"RFB 003.008\n"), named(Service::Vnc, "RFB 003.008"));
        assert_eq!(read_off(b"@RSYNCD: 31.0\n"), named(Service::Rsync, "rsync protocol 31.0"));
        assert_eq!(read_off(b"\xff\xfd\x18\xff\xfd\x20"), (Some(Service::Telnet), None));
        assert_eq!(read_off(b"+OK Dovecot ready.\r\n"), named(Service::Pop3, "Dovecot"));
        assert_eq!(read_off(b"* OK [CAPABILITY IMAP4rev1] hi\r\n"), (Some(Service::Imap), None));
        assert_eq!(read_off(b"hello"), (None, None));
    }

    #[test]
    fn only_product_and_version_are_kept() {
        let kept = product(b"220 ProFTPD 1.3.5e Server (<script>alert(1)</script>) [10.0.0.7]\r\n");
        assert_eq!(kept.as_deref(), Some("ProFTPD 1.3.5e"));
        assert_eq!(product(b"SSH-2.0-\x1b[31mX\x07Y z\r\n").as_deref(), Some("[31mXY"));
    }

    proptest! {
        #[test]
        fn any_greeting_is_read(greeting in proptest::collection::vec(any::<u8>(), 0..600)) {
            service(&greeting);
            let kept = product(&greeting).unwrap_or_default();
            prop_assert!(kept.len() <= LONGEST_PRODUCT);
            prop_assert!(kept.bytes().all(|octet| octet.is_ascii_graphic() || octet == b' '));
        }
    }
}
