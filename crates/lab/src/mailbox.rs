//! A mail server that keeps what it is given, so that a test can read a letter that went through a
//! whole SMTP conversation, STARTTLS included.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::task::AbortOnDropHandle;

use crate::certificate::Authority;
use crate::tls::{Prepared, Tls};

/// A letter as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    pub from: String,
    pub to: Vec<String>,
    /// Header and body, lines ending in CR LF.
    pub text: String,
    /// Whether the conversation was encrypted by then.
    pub encrypted: bool,
}

/// A mail server for `127.0.0.1` that stores letters. It stops when dropped.
pub struct Mailbox {
    pub address: SocketAddr,
    letters: Arc<Mutex<Vec<Received>>>,
    broken: Arc<AtomicU32>,
    _task: AbortOnDropHandle<()>,
}

impl Mailbox {
    /// Starts a server that offers STARTTLS with a certificate of that authority.
    pub async fn start(authority: &Authority) -> anyhow::Result<Self> {
        let Prepared::Rustls(tls) = Tls::modern(&["127.0.0.1"]).prepare(authority)? else {
            anyhow::bail!("a modern server is one of rustls");
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let letters = Arc::new(Mutex::new(Vec::new()));
        let broken = Arc::new(AtomicU32::new(0));
        let task = tokio::spawn({
            let (letters, broken) = (Arc::clone(&letters), Arc::clone(&broken));
            async move {
                loop {
                    let Ok((tcp, _)) = listener.accept().await else { continue };
                    let serving = serve(tcp, tls.clone(), Arc::clone(&letters));
                    let broken = Arc::clone(&broken);
                    tokio::spawn(async move {
                        if serving.await.is_err() {
                            broken.fetch_add(1, Ordering::Relaxed);
                        }
                    });
                }
            }
        });
        Ok(Self { address, letters, broken, _task: AbortOnDropHandle::new(task) })
    }

    /// Returns how many conversations broke off, in the TLS handshake for instance.
    pub fn broken(&self) -> u32 {
        self.broken.load(Ordering::Relaxed)
    }

    /// Returns what has arrived so far.
    pub fn letters(&self) -> Vec<Received> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// How a conversation goes on.
enum Next {
    StartTls,
    HangUp,
}

async fn serve(
    tcp: TcpStream,
    tls: TlsAcceptor,
    letters: Arc<Mutex<Vec<Received>>>,
) -> anyhow::Result<()> {
    let mut client = BufReader::new(tcp);
    client.write_all(b"220 mail.lab ESMTP\r\n").await?;
    if let Next::StartTls = converse(&mut client, &letters, false).await? {
        let mut client = BufReader::new(tls.accept(client.into_inner()).await?);
        converse(&mut client, &letters, true).await?;
    }
    Ok(())
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    client: &mut BufReader<S>,
    letters: &Mutex<Vec<Received>>,
    encrypted: bool,
) -> anyhow::Result<Next> {
    let mut envelope = (String::new(), Vec::new());
    while let Some(line) = read_line(client).await? {
        let (verb, argument) = line.split_once(' ').unwrap_or((&line, ""));
        let address = argument.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        let answer: &[u8] = match verb.to_ascii_uppercase().as_str() {
            "EHLO" if encrypted => b"250-mail.lab\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
            "EHLO" => b"250-mail.lab\r\n250-STARTTLS\r\n250 8BITMIME\r\n",
            "STARTTLS" => {
                client.write_all(b"220 go ahead\r\n").await?;
                return Ok(Next::StartTls);
            }
            "MAIL" => {
                envelope = (address, Vec::new());
                b"250 ok\r\n"
            }
            "RCPT" => {
                envelope.1.push(address);
                b"250 ok\r\n"
            }
            "DATA" => {
                client.write_all(b"354 go ahead\r\n").await?;
                let text = read_text(client).await?;
                let (from, to) = std::mem::take(&mut envelope);
                let letter = Received { from, to, text, encrypted };
                letters.lock().unwrap_or_else(PoisonError::into_inner).push(letter);
                b"250 kept\r\n"
            }
            "QUIT" => {
                client.write_all(b"221 bye\r\n").await?;
                return Ok(Next::HangUp);
            }
            _ => b"250 ok\r\n",
        };
        client.write_all(answer).await?;
    }
    Ok(Next::HangUp)
}

async fn read_line(client: &mut (impl AsyncBufRead + Unpin)) -> anyhow::Result<Option<String>> {
    let mut line = String::new();
    let read = client.read_line(&mut line).await?;
    Ok((read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned()))
}

/// Reads up to the lone dot, undoing the doubling of dots at the start of lines (RFC 5321, 4.5.2).
async fn read_text(client: &mut (impl AsyncBufRead + Unpin)) -> anyhow::Result<String> {
    let mut text = String::new();
    while let Some(line) = read_line(client).await? {
        if line == "." {
            return Ok(text);
        }
        text.push_str(line.strip_prefix('.').unwrap_or(&line));
        text.push_str("\r\n");
    }
    anyhow::bail!("the client hung up in the middle of a letter")
}
