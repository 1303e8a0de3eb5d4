use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// How a mail server behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mail {
    /// Offers STARTTLS.
    StartTls,
    NoStartTls,
    SilentAfterBanner,
    DropsAtEhlo,
    NeverEndsEhlo,
    /// Refuses with 554 at once.
    Refuses,
}

pub(crate) async fn serve(tcp: TcpStream, mail: Mail) -> anyhow::Result<()> {
    let mut client = BufReader::new(tcp);
    if mail == Mail::Refuses {
        client.write_all(b"554 no service\r\n").await?;
        return Ok(());
    }
    client.write_all(b"220 mail.lab ESMTP\r\n").await?;
    loop {
        let mut line = String::new();
        if client.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let verb = line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
        match (verb.as_str(), mail) {
            ("EHLO", Mail::SilentAfterBanner) => std::future::pending::<()>().await,
            ("EHLO", Mail::DropsAtEhlo) => return Ok(()),
            ("EHLO", Mail::NeverEndsEhlo) => loop {
                client.write_all(b"250-MORE AND MORE\r\n").await?;
            },
            ("EHLO", Mail::StartTls) => {
                client.write_all(b"250-mail.lab\r\n250-STARTTLS\r\n250 SIZE 1000000\r\n").await?;
            }
            ("EHLO", _) => client.write_all(b"250-mail.lab\r\n250 SIZE 1000000\r\n").await?,
            ("QUIT", _) => {
                client.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => client.write_all(b"250 ok\r\n").await?,
        }
    }
}
