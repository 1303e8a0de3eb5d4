//! Mail servers that are looked at: how they greet, and what becomes of STARTTLS.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::certificate::Authority;
use crate::tls::{self, Prepared, Tls};

/// How a mail server behaves.
#[derive(Debug, Clone)]
pub enum Mail {
    /// Offers STARTTLS, and serves TLS like this from then on.
    StartTls(Tls),
    /// The same, and carries out under TLS what came in clear behind STARTTLS (CVE-2011-0411).
    Injectable(Tls),
    /// The same, and refuses STARTTLS when something comes behind it.
    RefusesPipelining(Tls),
    NoStartTls,
    /// Offers STARTTLS and takes it back when asked.
    RefusesStartTls,
    /// Offers nothing but X, as a firewall makes it.
    Stripped,
    /// Resets the connection before it has greeted.
    ResetsAfterAccept,
    /// One byte of its greeting every two seconds.
    DripsGreeting,
    /// A greeting of lines without end.
    NeverEndsGreeting,
    SilentAfterBanner,
    DropsAtEhlo,
    /// Resets the connection when greeted.
    ResetsAtEhlo,
    NeverEndsEhlo,
    /// Offers STARTTLS and resets the connection when asked.
    ResetsAtStartTls,
    /// Refuses with 554 at once.
    Refuses,
}

impl Mail {
    /// Makes what is needed to shake hands, if it comes to that.
    pub(crate) fn prepare(&self, authority: &Authority) -> anyhow::Result<Option<Prepared>> {
        match self {
            Self::StartTls(tls) | Self::Injectable(tls) | Self::RefusesPipelining(tls) => {
                Ok(Some(tls.clone().prepare(authority)?))
            }
            _ => Ok(None),
        }
    }
}

pub(crate) async fn serve(
    tcp: TcpStream,
    mail: &Mail,
    prepared: Option<&Prepared>,
) -> anyhow::Result<()> {
    let mut client = BufReader::new(tcp);
    match mail {
        Mail::Refuses => {
            client.write_all(b"554 no service\r\n").await?;
            return Ok(());
        }
        Mail::ResetsAfterAccept => return Ok(client.get_ref().set_zero_linger()?),
        Mail::DripsGreeting => {
            for octet in b"220 mail.lab ".iter().cycle() {
                client.write_all(&[*octet]).await?;
                tokio::time::sleep(Duration::from_secs(2)).await;
            }
        }
        Mail::NeverEndsGreeting => loop {
            client.write_all(b"220-and more\r\n").await?;
        },
        _ => {}
    }
    client.write_all(b"220 mail.lab ESMTP\r\n").await?;
    loop {
        let mut line = String::new();
        if client.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let verb = line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
        match (verb.as_str(), mail, prepared) {
            ("EHLO", Mail::SilentAfterBanner, _) => std::future::pending::<()>().await,
            ("EHLO", Mail::DropsAtEhlo, _) => return Ok(()),
            ("EHLO", Mail::ResetsAtEhlo, _) => return Ok(client.get_ref().set_zero_linger()?),
            ("EHLO", Mail::NeverEndsEhlo, _) => loop {
                client.write_all(b"250-MORE AND MORE\r\n").await?;
            },
            (
                "EHLO",
                Mail::StartTls(_)
                | Mail::Injectable(_)
                | Mail::RefusesPipelining(_)
                | Mail::RefusesStartTls
                | Mail::ResetsAtStartTls,
                _,
            ) => {
                client.write_all(b"250-mail.lab\r\n250-STARTTLS\r\n250 SIZE 1000000\r\n").await?;
            }
            ("EHLO", Mail::Stripped, _) => {
                client.write_all(b"250-mail.lab\r\n250-XXXXXXXA\r\n250 SIZE 1000000\r\n").await?;
            }
            ("EHLO", ..) => client.write_all(b"250-mail.lab\r\n250 SIZE 1000000\r\n").await?,
            ("STARTTLS", Mail::RefusesPipelining(_), Some(_)) if !client.buffer().is_empty() => {
                return Ok(client.write_all(b"554 too early\r\n").await?);
            }
            ("STARTTLS", _, Some(prepared)) => {
                client.write_all(b"220 go ahead\r\n").await?;
                let early = match mail {
                    Mail::Injectable(_) => client.buffer().to_vec(),
                    _ => Vec::new(),
                };
                return match tls::hand_over(client.into_inner(), prepared).await? {
                    Some(tls) => under_tls(tls, early).await,
                    None => Ok(()),
                };
            }
            ("STARTTLS", Mail::ResetsAtStartTls, _) => {
                return Ok(client.get_ref().set_zero_linger()?);
            }
            ("STARTTLS", ..) => client.write_all(b"454 TLS not available\r\n").await?,
            ("QUIT", ..) => {
                client.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => client.write_all(b"250 ok\r\n").await?,
        }
    }
}

/// Serves what comes under TLS, after what came too early.
async fn under_tls(
    tls: tokio_rustls::server::TlsStream<TcpStream>,
    early: Vec<u8>,
) -> anyhow::Result<()> {
    let mut client = BufReader::new(tls);
    for _ in early.iter().filter(|octet| **octet == b'\n') {
        client.write_all(b"250 ok\r\n").await?;
    }
    loop {
        let mut line = String::new();
        if client.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        if line.trim_end() == "QUIT" {
            client.write_all(b"221 bye\r\n").await?;
            return Ok(client.shutdown().await?);
        }
        client.write_all(b"250 ok\r\n").await?;
    }
}
