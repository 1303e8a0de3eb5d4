use std::os::unix::fs::PermissionsExt;

use lab::{Authority, Mailbox};
use serde_json::json;

use crate::support::{PASSWORD, TestApp};

const NEW: &str = "seven purple anvils waltz";

#[tokio::test]
async fn without_a_mail_server_letters_are_files_for_the_owner_alone() {
    let app = TestApp::start().await;
    let ann = app.user("ann@example.com").await;
    let change = json!({ "current_password": PASSWORD, "new_password": NEW });
    assert_eq!(ann.post("/v1/auth/password/change", change).await.status, 204);
    let letter = app.letter("ann@example.com", "Your password was changed", 1).await;
    assert!(letter.contains("No API key was made in the last 30 days"), "{letter}");
    let folder = app.config.data_dir.join("mail");
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for file in std::fs::read_dir(&folder).unwrap() {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }
}

#[tokio::test]
async fn a_server_that_cannot_be_trusted_gets_no_letter() {
    let mailbox = Mailbox::start(&Authority::generate().unwrap()).await.unwrap();
    let url = format!("smtp://{}", mailbox.address);
    let settings = [("mail.smtp_url", url.as_str()), ("mail.from", "no-reply@example.com")];
    let app = TestApp::with(&settings).await;
    app.user("ann@example.com").await;
    let sent = json!({ "email": "ann@example.com" });
    app.anonymous().post("/v1/auth/password/forgot", sent).await;
    let began = std::time::Instant::now();
    while mailbox.broken() == 0 {
        assert!(began.elapsed() < std::time::Duration::from_secs(30), "nobody calls");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert!(mailbox.letters().is_empty());
}

#[tokio::test]
async fn a_relay_on_this_machine_may_be_spoken_to_in_the_clear() {
    let mailbox = Mailbox::start(&Authority::generate().unwrap()).await.unwrap();
    let url = format!("smtp://{}?tls=none", mailbox.address);
    let settings = [("mail.smtp_url", url.as_str()), ("mail.from", "no-reply@example.com")];
    let app = TestApp::with(&settings).await;
    app.user("ann@example.com").await;
    app.anonymous().post("/v1/auth/password/forgot", json!({ "email": "ann@example.com" })).await;
    app.idle().await;
    let letters = mailbox.letters();
    assert_eq!(letters.len(), 1);
    assert!(!letters[0].encrypted && letters[0].to == ["ann@example.com"]);
}
