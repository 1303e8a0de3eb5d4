//! Servers that are looked at by knocking: they greet, answer a line, say nothing, or never end.

use std::collections::HashMap;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How a server behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Service {
    /// Says these bytes, then listens.
    Greets(Vec<u8>),
    /// Waits for the client.
    Silent,
    /// Says `x` for ever, without a line end.
    Endless,
    /// Hangs up at once.
    HangsUp,
    /// One byte every two seconds.
    Drips,
    /// Reads a line, sends what belongs to it, if anything, and hangs up.
    Answers(HashMap<String, String>),
    Ssh(SshGreeter),
}

/// An SSH server that names its algorithms and no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SshGreeter {
    /// Without the line end.
    pub identification: String,
    pub key_exchanges: Vec<String>,
    pub host_keys: Vec<String>,
    pub ciphers: Vec<String>,
    pub macs: Vec<String>,
}

impl Service {
    /// Returns a server that says a text first.
    pub fn greets(text: &str) -> Self {
        Self::Greets(text.as_bytes().to_vec())
    }

    /// Returns a server that answers questions of one line, as WHOIS does.
    pub fn answers(answers: &[(&str, &str)]) -> Self {
        let owned = |(question, answer): &(&str, &str)| ((*question).into(), (*answer).into());
        Self::Answers(answers.iter().map(owned).collect())
    }
}

impl SshGreeter {
    /// Returns an SSH server as distributions shipped it in 2018.
    pub fn of_2018() -> Self {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            identification: "SSH-2.0-OpenSSH_7.4".to_owned(),
            key_exchanges: owned(&[
                "curve25519-sha256",
                "ecdh-sha2-nistp256",
                "diffie-hellman-group-exchange-sha256",
                "diffie-hellman-group14-sha256",
                "diffie-hellman-group-exchange-sha1",
                "diffie-hellman-group1-sha1",
            ]),
            host_keys: owned(&["ssh-rsa", "rsa-sha2-512", "rsa-sha2-256", "ssh-ed25519"]),
            ciphers: owned(&[
                "chacha20-poly1305@openssh.com",
                "aes128-ctr",
                "aes256-gcm@openssh.com",
                "aes128-cbc",
                "3des-cbc",
            ]),
            macs: owned(&["umac-64-etm@openssh.com", "hmac-sha2-256-etm@openssh.com", "hmac-sha1"]),
        }
    }

    /// Returns an SSH server as it is today.
    pub fn current() -> Self {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            identification: "SSH-2.0-OpenSSH_10.0".to_owned(),
            key_exchanges: owned(&[
                "mlkem768x25519-sha256",
                "curve25519-sha256",
                "kex-strict-s-v00@openssh.com",
            ]),
            host_keys: owned(&["rsa-sha2-512", "ssh-ed25519"]),
            ciphers: owned(&["chacha20-poly1305@openssh.com", "aes256-gcm@openssh.com"]),
            macs: owned(&["hmac-sha2-256-etm@openssh.com"]),
        }
    }

    /// Writes `SSH_MSG_KEXINIT` as one packet (RFC 4253, sections 6 and 7.1).
    fn packet(&self) -> Vec<u8> {
        let mut payload = vec![20];
        payload.extend([7; 16]);
        let none = vec!["none".to_owned()];
        let lists = [
            &self.key_exchanges,
            &self.host_keys,
            &self.ciphers,
            &self.ciphers,
            &self.macs,
            &self.macs,
            &none,
            &none,
            &Vec::new(),
            &Vec::new(),
        ];
        for names in lists {
            let names = names.join(",");
            payload.extend(length(names.len()));
            payload.extend(names.as_bytes());
        }
        payload.extend([0; 5]);
        let padding = 8 - (payload.len() + 5) % 8 + 4;
        let mut packet = length(payload.len() + padding + 1).to_vec();
        packet.push(u8::try_from(padding).unwrap_or(0));
        packet.extend(payload);
        packet.resize(packet.len() + padding, 0);
        packet
    }
}

fn length(octets: usize) -> [u8; 4] {
    u32::try_from(octets).unwrap_or(u32::MAX).to_be_bytes()
}

pub(crate) async fn serve(mut tcp: TcpStream, service: &Service) -> anyhow::Result<()> {
    match service {
        Service::Greets(greeting) => tcp.write_all(greeting).await?,
        Service::Silent => {}
        Service::Endless => loop {
            tcp.write_all(&[b'x'; 1_024]).await?;
        },
        Service::HangsUp => return Ok(()),
        Service::Drips => loop {
            tcp.write_all(b"2").await?;
            tokio::time::sleep(Duration::from_secs(2)).await;
        },
        Service::Answers(answers) => {
            let mut question = Vec::new();
            loop {
                match tcp.read_u8().await? {
                    b'\n' => break,
                    octet => question.push(octet),
                }
            }
            let question = String::from_utf8_lossy(&question);
            if let Some(answer) = answers.get(question.trim_end()) {
                tcp.write_all(answer.as_bytes()).await?;
            }
            return Ok(tcp.shutdown().await?);
        }
        Service::Ssh(ssh) => {
            tcp.write_all(format!("{}\r\n", ssh.identification).as_bytes()).await?;
            // Some servers name their algorithms only to somebody who has said who they are.
            while tcp.read_u8().await? != b'\n' {}
            tcp.write_all(&ssh.packet()).await?;
        }
    }
    let mut ignored = [0; 512];
    while tcp.read(&mut ignored).await? > 0 {}
    Ok(())
}
