use lab::{Lab, Mail, Tls};

use super::{connect, talk};

async fn says(mail: Mail, request: &str) -> String {
    let lab = Lab::builder().smtp(mail).start().await.unwrap();
    let answer = talk(connect(&lab, 25).await, request.as_bytes(), 2_000).await;
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn mail_servers_behave_as_asked() {
    let session = "EHLO probe.test\r\nQUIT\r\n";
    let modern = Mail::StartTls(Tls::modern(&["mail.lab"]));
    assert!(says(modern.clone(), session).await.contains("250-STARTTLS\r\n"));
    assert!(says(modern, "STARTTLS\r\n").await.ends_with("220 go ahead\r\n"));
    assert!(
        says(Mail::RefusesStartTls, "STARTTLS\r\n").await.ends_with("454 TLS not available\r\n")
    );
    assert!(says(Mail::Stripped, session).await.contains("250-XXXXXXXA\r\n"));
    let plain = says(Mail::NoStartTls, session).await;
    assert!(!plain.contains("STARTTLS") && plain.ends_with("221 bye\r\n"), "{plain}");
    assert_eq!(says(Mail::SilentAfterBanner, session).await, "220 mail.lab ESMTP\r\n");
    assert_eq!(says(Mail::DropsAtEhlo, session).await, "220 mail.lab ESMTP\r\n");
    assert_eq!(says(Mail::NeverEndsEhlo, session).await.len(), 2_000);
    assert_eq!(says(Mail::Refuses, "").await, "554 no service\r\n");
}
