//! Whether a report is what was issued: by its id, by the file, with and without the server.

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use report::{Doubt, PublicKeys};
use serde_json::json;

use crate::comparisons::scanned;
use crate::scans::start;
use crate::support::{Client, Reply, TestApp};

/// Returns the body of an answer to the byte.
pub(crate) async fn file(client: &Client, path: &str) -> Vec<u8> {
    let request = Request::get(path)
        .header("host", "localhost")
        .header("authorization", client.authorization.as_deref().unwrap())
        .body(Full::new(Bytes::new()))
        .unwrap();
    let response = client.connection().await.send_request(request).await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    response.into_body().collect().await.unwrap().to_bytes().to_vec()
}

pub(crate) async fn keys(app: &TestApp) -> PublicKeys {
    let reply = app.anonymous().get("/.well-known/report-keys.json").await;
    assert_eq!(reply.status, 200);
    serde_json::from_value(reply.body).unwrap()
}

/// Sends a file as the form of the page does.
async fn upload(app: &TestApp, file: &[u8]) -> Reply {
    let mut body =
        b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n".to_vec();
    body.extend(file);
    body.extend(b"\r\n--x--\r\n");
    let request = Request::post("/verify")
        .header("content-type", "multipart/form-data; boundary=x")
        .body(Full::new(Bytes::from(body)))
        .unwrap();
    app.anonymous().raw(request).await
}

/// Makes a report better than it is.
fn tampered(file: &[u8], score: &str) -> Vec<u8> {
    let at = file.windows(score.len()).position(|window| window == score.as_bytes()).unwrap();
    let mut file = file.to_vec();
    let last = at + score.len() - 1;
    file[last] = if file[last] == b'9' { b'8' } else { b'9' };
    file
}

#[tokio::test]
async fn a_report_verifies_in_every_place_and_a_changed_one_in_none() {
    let (_lab, app) = start("professional").await;
    let user = app.user("ann@example.com").await;
    let scan = scanned(&user, &["dns_email", "http_headers"]).await;
    let report = format!("/v1/scan/jobs/{scan}/report");
    let view = user.get(&report).await.body;
    let id = view["attestation"]["report_id"].as_str().unwrap().to_owned();
    let score = format!("\"score\":{}", view["score"]);
    let by_id = app.anonymous().get(&format!("/v1/verify/{}", id.to_lowercase())).await;
    assert_eq!((by_id.status, &by_id.body["report_id"]), (200, &json!(id)), "{}", by_id.body);
    assert_eq!(by_id.body["score"], view["score"]);
    assert_eq!(by_id.body["attestation"], view["attestation"]);

    let keys = keys(&app).await;
    let json = file(&user, &report).await;
    let html = file(&user, &format!("{report}?format=html")).await;
    let pdf = file(&user, &format!("/v1/compliance/reports/{scan}/pdf")).await;
    for issued in [&json, &html, &pdf] {
        assert_eq!(keys.check(issued).unwrap().report_id, id);
        let page = upload(&app, issued).await;
        assert!(page.text().contains("Issued here, unchanged"), "{}", page.text());
        assert!(page.text().contains("shop.test") && page.text().contains(&id));
    }
    assert!(String::from_utf8_lossy(&html).contains(&id), "the id stands in the text");
    let changed_pdf = [&pdf[..200], b"!", &pdf[201..]].concat();
    let changed_html = String::from_utf8(html).unwrap().replacen("of 100", "of  100", 1);
    for changed in [tampered(&json, &score), changed_html.into_bytes(), changed_pdf] {
        assert_eq!(keys.check(&changed), Err(Doubt::Changed));
        assert!(upload(&app, &changed).await.text().contains("Changed, or not from here"));
    }
    let bare = upload(&app, b"%PDF-1.7 by hand").await;
    assert!(bare.text().contains("Nothing to compare"), "{}", bare.text());
    assert_eq!(upload(&app, b"").await.status, 422);
    assert_eq!(upload(&app, &vec![b'x'; 4 * 1024 * 1024]).await.status, 422);

    let page = app.anonymous().get(&format!("/verify?id={id}")).await;
    assert!(page.text().contains("Issued here") && page.text().contains("shop.test"));
    let unknown = app.anonymous().get("/verify?id=7Q4M-29XK").await;
    assert!(unknown.text().contains("Not known here"), "{}", unknown.text());
    let evil = app.anonymous().get("/verify?id=%3Cscript%3E").await;
    assert!(evil.status == 200 && !evil.text().contains("<script>"));
    assert_eq!(app.anonymous().get("/v1/verify/7Q4M-29XK").await.status, 404);
}

#[tokio::test]
async fn what_a_former_key_signed_verifies_after_a_rotation() {
    let (_lab, app) = start("professional").await;
    let user = app.user("ann@example.com").await;
    let scan = scanned(&user, &["dns_email"]).await;
    let report = format!("/v1/scan/jobs/{scan}/report");
    let before = file(&user, &report).await;
    let rotated = app.operator().await.rotate_report().unwrap();
    assert_eq!((rotated.secret, rotated.name.as_str()), ("report", "2"));
    app.server.reload_secrets();
    let after = file(&user, &report).await;
    let keys = keys(&app).await;
    let (old, new) = (keys.check(&before).unwrap(), keys.check(&after).unwrap());
    assert!(old.key_id != new.key_id && old.report_id == new.report_id);
    let status = app.operator().await.secrets_status().await.unwrap();
    assert_eq!((status.report.len(), &status.report[0].key_id), (2, &new.key_id));
}

#[tokio::test]
async fn strangers_ask_sixty_times_a_minute() {
    let app = TestApp::start().await;
    for _ in 0..60 {
        assert_eq!(app.anonymous().get("/v1/verify/x").await.status, 404);
    }
    let refused = app.anonymous().get("/v1/verify/x").await;
    assert_eq!((refused.status, &refused.body["window"]), (429, &json!("public-report")));
    assert_eq!(app.anonymous().get("/verify").await.status, 200, "the form itself asks nothing");
}
