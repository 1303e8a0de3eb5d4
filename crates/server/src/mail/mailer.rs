//! The way a letter leaves: through SMTP, or into a file.
//!
//! The connection is encrypted and the server's name is checked, unless the operator writes
//! `tls=none`: there is no "if possible", which anybody on the way could turn into "no". What a mail
//! server answers is reduced to its code, because its words repeat the address.

use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::Context;
use lettre::message::header::{
    ContentTransferEncoding, ContentType, Header, HeaderName, HeaderValue,
};
use lettre::message::{Body, Mailbox, Message};
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use model::Timestamp;

use super::Letter;
use crate::auth::token::random_base62;
use crate::config::Config;

type Smtp = AsyncSmtpTransport<Tokio1Executor>;

/// How long one command of a conversation may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Characters of a line (RFC 5322, 2.1.1 asks for 78 at most).
const MAX_LINE: usize = 76;

/// Letters cannot be sent as the settings say.
#[derive(Debug, thiserror::Error)]
pub enum MailProblem {
    #[error("`mail.from` must be an address such as `ComplianceLayer <no-reply@example.com>`")]
    From,
    #[error(
        "`mail.smtp_url` must be smtps://USER:PASSWORD@HOST or smtp://USER:PASSWORD@HOST[?tls=none]"
    )]
    Server,
    #[error("`mail.trust_roots`: {path} holds no certificates in PEM form")]
    TrustRoots { path: PathBuf },
}

/// Hands letters on.
pub(crate) struct Mailer {
    from: Mailbox,
    way: Way,
}

enum Way {
    Server(Smtp),
    Files(PathBuf),
}

impl Mailer {
    /// Makes the mailer that the settings describe.
    pub(crate) fn new(config: &Config) -> Result<Self, MailProblem> {
        let from = config.mail.from.as_deref().unwrap_or("ComplianceLayer <no-reply@localhost>");
        let from = from.parse().map_err(|_| MailProblem::From)?;
        let way = match &config.mail.smtp_url {
            Some(url) => Way::Server(server(url.expose(), config.mail.trust_roots.as_deref())?),
            None => Way::Files(config.data_dir.join("mail")),
        };
        Ok(Self { from, way })
    }

    /// Returns the folder that letters are written to, when no mail server is configured.
    pub(crate) fn folder(&self) -> Option<&Path> {
        match &self.way {
            Way::Server(_) => None,
            Way::Files(folder) => Some(folder),
        }
    }

    /// Sends a letter. An error may be tried again and names no address.
    pub(crate) async fn send(
        &self,
        to: &str,
        letter: &Letter,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let Some(message) = self.message(to, letter, now)? else {
            tracing::warn!("a letter was dropped: its address is none that mail can be sent to");
            return Ok(());
        };
        let domain = to.rsplit('@').next().unwrap_or_default();
        match &self.way {
            Way::Server(smtp) => {
                smtp.send(message).await.map_err(|error| told(&error))?;
                tracing::info!(domain, "a letter was sent");
            }
            Way::Files(folder) => {
                let path = write(folder, &message.formatted())?;
                tracing::info!(domain, path = %path.display(), "a letter was written to a file");
            }
        }
        Ok(())
    }

    /// Returns the letter as it goes over the wire; `None` when the address cannot be written.
    fn message(
        &self,
        to: &str,
        letter: &Letter,
        now: Timestamp,
    ) -> anyhow::Result<Option<Message>> {
        let Ok(address) = to.parse() else { return Ok(None) };
        let since_1970 = Duration::from_millis(u64::try_from(now.0).unwrap_or(0));
        let id = format!("<{}@{}>", random_base62(24)?, self.from.email.domain());
        let text = wrapped(&letter.text);
        // Left to itself, the encoder cuts up lines longer than 76 (links), though a line may have
        // 998 (RFC 5322, 2.1.1). A file is no joy to read then.
        let body = match text.is_ascii() && text.lines().all(|line| line.len() < 998) {
            true => {
                Body::dangerous_pre_encoded(text.into_bytes(), ContentTransferEncoding::SevenBit)
            }
            false => Body::new(text),
        };
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address))
            .subject(letter.subject.replace(char::is_control, " "))
            .date(SystemTime::UNIX_EPOCH + since_1970)
            .message_id(Some(id))
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN)
            .body(body)
            .context("a letter could not be put together")?;
        Ok(Some(message))
    }
}

/// Breaks lines between words so that none is longer than [`MAX_LINE`], words (links) aside, and
/// ends each as mail does.
fn wrapped(text: &str) -> String {
    let mut wrapped = String::with_capacity(text.len() + text.len() / 32);
    for line in text.lines() {
        let mut width = 0;
        for word in line.split_inclusive(' ') {
            let length = word.trim_end().chars().count();
            if width > 0 && width + length > MAX_LINE {
                wrapped.truncate(wrapped.trim_end_matches(' ').len());
                wrapped.push_str("\r\n");
                width = 0;
            }
            wrapped.push_str(word);
            width += word.chars().count();
        }
        wrapped.push_str("\r\n");
    }
    wrapped
}

/// Keeps vacation notices from answering (RFC 3834, 5).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

fn server(url: &str, roots: Option<&Path>) -> Result<Smtp, MailProblem> {
    let (place, query) = url.split_once('?').unwrap_or((url, ""));
    let host = place.parse::<http::Uri>().ok();
    let host = host.as_ref().and_then(http::Uri::host).ok_or(MailProblem::Server)?;
    let builder = |url: &str| Smtp::from_url(url).map_err(|_| MailProblem::Server);
    let builder = match (place.split_once("://").map_or("", |(scheme, _)| scheme), query) {
        ("smtps", "") => builder(place)?.tls(Tls::Wrapper(trusting(host, roots)?)),
        ("smtp", "") => {
            builder(&format!("{place}?tls=required"))?.tls(Tls::Required(trusting(host, roots)?))
        }
        ("smtp", "tls=none") => builder(place)?,
        _ => return Err(MailProblem::Server),
    };
    Ok(builder.timeout(Some(PATIENCE)).build())
}

fn trusting(host: &str, roots: Option<&Path>) -> Result<TlsParameters, MailProblem> {
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let mut tls = TlsParameters::builder(host);
    if let Some(path) = roots {
        let broken = || MailProblem::TrustRoots { path: path.to_owned() };
        let pem = std::fs::read(path).map_err(|_| broken())?;
        tls = tls.add_root_certificate(Certificate::from_pem(&pem).map_err(|_| broken())?);
    }
    tls.build().map_err(|_| MailProblem::Server)
}

/// Says what went wrong without the server's words.
fn told(error: &lettre::transport::smtp::Error) -> anyhow::Error {
    match error.status() {
        Some(code) => anyhow::anyhow!("the mail server answered {code}"),
        None if error.is_timeout() => anyhow::anyhow!("the mail server did not answer in time"),
        None if error.is_tls() => {
            anyhow::anyhow!("the mail server offers no TLS that can be trusted")
        }
        None => anyhow::anyhow!("the mail server could not be reached or broke off"),
    }
}

fn write(folder: &Path, letter: &[u8]) -> anyhow::Result<PathBuf> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let path = folder.join(format!("{}.eml", random_base62(20)?));
    // Under another name first, so that nobody reads half a letter.
    let draft = path.with_extension("draft");
    let mut file =
        std::fs::File::options().write(true).create_new(true).mode(0o600).open(&draft)?;
    file.write_all(letter)?;
    std::fs::rename(&draft, &path)?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mailer(folder: &Path) -> Mailer {
        let from = "ComplianceLayer <no-reply@example.com>".parse().unwrap();
        Mailer { from, way: Way::Files(folder.to_owned()) }
    }

    async fn written(to: &str, subject: &str, text: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let letter = Letter { subject: subject.to_owned(), text: text.to_owned() };
        let now = Timestamp(1_795_509_096_000);
        mailer(folder.path()).send(to, &letter, now).await.unwrap();
        let files = std::fs::read_dir(folder.path()).unwrap();
        files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect()
    }

    #[tokio::test]
    async fn a_letter_is_plain_text_with_a_date_of_ours() {
        let letters = written("ann@example.org", "Hello", "One line.\n").await;
        let letter = &letters[0];
        for line in [
            "From: ComplianceLayer <no-reply@example.com>\r\n",
            "To: ann@example.org\r\n",
            "Subject: Hello\r\n",
            "Date: Tue, 24 Nov 2026 08:31:36 +0000\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "Content-Type: text/plain; charset=utf-8\r\n",
            "\r\n\r\nOne line.\r\n",
        ] {
            assert!(letter.contains(line), "{line:?} is missing from {letter}");
        }
        assert!(letter.contains("Message-ID: <") && letter.contains("@example.com>"), "{letter}");
    }

    #[tokio::test]
    async fn lines_are_short_and_links_whole() {
        let link = format!("https://example.com/password/reset?token={}", "x".repeat(43));
        let text = format!("{}\n\n{link}\n", "word ".repeat(40));
        let letters = written("ann@example.org", "Hello", &text).await;
        assert!(letters[0].contains(&format!("\r\n{link}\r\n")), "{}", letters[0]);
        assert!(letters[0].lines().all(|line| line.len() <= 76 || line == link), "{}", letters[0]);
        let odd = written("ann@example.org", "Grüße", "Ein Schlüssel für Zoë.\n").await;
        assert!(odd[0].contains("Subject: =?utf-8?") && odd[0].is_ascii(), "{}", odd[0]);
    }

    #[tokio::test]
    async fn nobody_adds_a_header() {
        let letters = written("ann@example.org", "Hi\r\nBcc: eve@example.org", "x").await;
        assert!(!letters[0].contains("\r\nBcc:"), "{}", letters[0]);
        for bad in
            ["ann@example.org\r\nBcc: eve@example.org", "ann@example.org, eve@example.org", "ann"]
        {
            assert!(written(bad, "Hi", "x").await.is_empty(), "{bad}");
        }
    }

    #[tokio::test]
    async fn addresses_of_servers_are_read() {
        for good in [
            "smtps://me:p%40ss@mail.example",
            "smtp://mail.example:2525",
            "smtp://127.0.0.1?tls=none",
        ] {
            assert!(server(good, None).is_ok(), "{good}");
        }
        for bad in [
            "http://mail.example",
            "smtp://",
            "smtp://mail.example?tls=opportunistic",
            "mail.example",
        ] {
            assert!(matches!(server(bad, None), Err(MailProblem::Server)), "{bad}");
        }
        let missing = server("smtp://mail.example", Some(Path::new("/nowhere")));
        assert!(matches!(missing, Err(MailProblem::TrustRoots { .. })));
    }
}
