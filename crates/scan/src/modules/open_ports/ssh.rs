//! What an SSH server says before any key is exchanged: its identification and the algorithms it
//! offers (RFC 4253, sections 4.2 and 7.1).

use serde::{Deserialize, Serialize};
use tokio::io::AsyncReadExt;

use super::greeting::printable;
use crate::check::{Missing, Seen};
use crate::net::{Connection, NetError};

const OURS: &str = concat!("SSH-2.0-ComplianceLayer_", env!("CARGO_PKG_VERSION"), "\r\n");
/// Bytes before the end of the identification (255, and lines may come before it).
const LONGEST_IDENTIFICATION: usize = 4_096;
/// Bytes of one packet (RFC 4253, section 6.1).
const LONGEST_PACKET: usize = 35_000;
/// Algorithms of one list that are kept.
const MOST_ALGORITHMS: usize = 64;
/// Characters of a name that are kept (RFC 4251, section 6).
const LONGEST_NAME: usize = 64;
const KEXINIT: u8 = 20;

/// What a server offers, in its order of preference.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SshServer {
    /// `2.0`, `1.99` for a server that takes SSH 1 as well, or `1.5`.
    pub protocol: String,
    /// For instance `OpenSSH_9.2p1`.
    pub software: String,
    pub key_exchanges: Vec<String>,
    pub host_keys: Vec<String>,
    /// Of both directions.
    pub ciphers: Vec<String>,
    /// Of both directions.
    pub macs: Vec<String>,
}

impl SshServer {
    /// Returns whether the server takes SSH 1 and nothing else, so that it offers no algorithms.
    pub(super) fn is_ssh1_only(&self) -> bool {
        self.protocol.starts_with("1.") && self.protocol != "1.99"
    }
}

/// Reads identification and algorithms; `greeting` is what was read already.
pub(super) async fn read(connection: &mut Connection, greeting: Vec<u8>) -> Seen<SshServer> {
    let mut read = greeting;
    let server = loop {
        if let Some((server, end)) = identification(&read) {
            read.drain(..end);
            break server;
        }
        if read.len() > LONGEST_IDENTIFICATION {
            return Err(Missing("the server sent no SSH identification".to_owned()));
        }
        more(connection, &mut read).await?;
    };
    if server.is_ssh1_only() {
        return Ok(server);
    }
    connection.send(OURS.as_bytes()).await?;
    while read.len() < 4 {
        more(connection, &mut read).await?;
    }
    let length = u32::from_be_bytes([read[0], read[1], read[2], read[3]]);
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if length > LONGEST_PACKET {
        return Err(Missing("the server sent no SSH packet".to_owned()));
    }
    while read.len() < 4 + length {
        more(connection, &mut read).await?;
    }
    algorithms(server, &read[4..4 + length])
        .ok_or_else(|| Missing("the server named no SSH algorithms".to_owned()))
}

async fn more(connection: &mut Connection, read: &mut Vec<u8>) -> Result<(), NetError> {
    let mut part = [0; 2_048];
    match connection.read(&mut part).await? {
        0 => Err(NetError::Closed),
        count => {
            read.extend(&part[..count]);
            Ok(())
        }
    }
}

/// Finds the identification line, and where it ends. Other lines may come first.
pub(crate) fn identification(read: &[u8]) -> Option<(SshServer, usize)> {
    let mut begin = 0;
    while let Some(length) = read[begin..].iter().position(|octet| *octet == b'\n') {
        let line = String::from_utf8_lossy(&read[begin..begin + length]).into_owned();
        begin += length + 1;
        let Some((protocol, software)) =
            line.strip_prefix("SSH-").and_then(|rest| rest.split_once('-'))
        else {
            continue;
        };
        let software = software.split(' ').next().unwrap_or_default();
        let server = SshServer {
            protocol: printable(protocol, 8),
            software: printable(software, LONGEST_NAME),
            ..SshServer::default()
        };
        return Some((server, begin));
    }
    None
}

/// Reads a packet without its length: padding length, `SSH_MSG_KEXINIT`, cookie, ten lists.
pub(crate) fn algorithms(mut server: SshServer, packet: &[u8]) -> Option<SshServer> {
    let mut rest = match packet {
        [_, KEXINIT, rest @ ..] => rest.get(16..)?,
        _ => return None,
    };
    let mut list = || {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let names = after.get(..length)?;
        rest = &after[length..];
        let names = String::from_utf8_lossy(names).into_owned();
        let names = names.split(',').filter(|name| !name.is_empty()).take(MOST_ALGORITHMS);
        Some(names.map(|name| printable(name, LONGEST_NAME)).collect::<Vec<_>>())
    };
    server.key_exchanges = list()?;
    server.host_keys = list()?;
    server.ciphers = both(list()?, list()?);
    server.macs = both(list()?, list()?);
    Some(server)
}

fn both(mut one: Vec<String>, other: Vec<String>) -> Vec<String> {
    for name in other {
        if !one.contains(&name) {
            one.push(name);
        }
    }
    one
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn packet(lists: &[&str]) -> Vec<u8> {
        let mut packet = vec![4, KEXINIT];
        packet.extend([7; 16]);
        for list in lists {
            packet.extend(u32::try_from(list.len()).unwrap().to_be_bytes());
            packet.extend(list.as_bytes());
        }
        packet
    }

    #[test]
    fn the_identification_may_come_after_other_lines() {
        let (server, end) = identification(b"welcome\r\nSSH-1.99-Cisco-1.25 x\r\nrest").unwrap();
        assert_eq!(
            (server.protocol.as_str(), server.software.as_str(), end),
            ("1.99", "Cisco-1.25", 32)
        );
        assert!(!server.is_ssh1_only());
        assert_eq!(identification(b"SSH-2.0-unfinished"), None);
    }

    #[test]
    fn the_lists_of_both_directions_are_one() {
        let lists = ["kex-a,kex-b", "ssh-rsa", "aes", "aes,3des-cbc", "mac-a", "mac-b", "none"];
        let server = algorithms(SshServer::default(), &packet(&lists)).unwrap();
        assert_eq!(server.key_exchanges, ["kex-a", "kex-b"]);
        assert_eq!(
            (server.ciphers, server.macs),
            (
                vec!["aes".to_owned(), "3des-cbc".to_owned()],
                vec!["mac-a".to_owned(), "mac-b".to_owned()],
            )
        );
        assert_eq!(algorithms(SshServer::default(), &packet(&["kex-a", "ssh-rsa"])), None);
    }

    proptest! {
        #[test]
        fn any_packet_is_read(packet in proptest::collection::vec(any::<u8>(), 0..300)) {
            algorithms(SshServer::default(), &packet);
            identification(&packet);
        }
    }
}
