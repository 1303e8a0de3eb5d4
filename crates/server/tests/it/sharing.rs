//! Links under which anybody sees one report.

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use serde_json::{Value, json};

use crate::browser::{Browser, unmasked};
use crate::comparisons::scanned;
use crate::scans::start;
use crate::support::{Client, PASSWORD, Reply, TestApp};

async fn share(client: &Client, scan: i64, wish: Value) -> Reply {
    let reply = client.post(&format!("/v1/scan/jobs/{scan}/share"), wish).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    reply
}

/// Returns the path of a link that was just made.
fn path(shared: &Reply) -> String {
    let url = shared.body["url"].as_str().unwrap();
    format!("/r/{}", url.rsplit_once("/r/").unwrap().1)
}

async fn open(app: &TestApp, path: &str) -> Reply {
    Browser::new(app).open(path).await
}

#[tokio::test]
async fn a_link_shows_the_report_until_it_is_ended() {
    let (_lab, app) = start("free").await;
    let user = app.user("ann@example.com").await;
    let scan = scanned(&user, &["dns_email", "ssl_tls"]).await;
    let shared = share(&user, scan, json!({ "name": " For the broker " })).await;
    assert_eq!(shared.body["name"], "For the broker");
    assert_eq!(shared.body["expires_at"], json!("2026-12-24T08:31:36.000Z"), "30 days");
    assert_eq!((&shared.body["hide"], &shared.body["has_password"]), (&json!([]), &json!(false)));
    let path = path(&shared);
    let page = open(&app, &path).await;
    assert_eq!((page.status, page.header("x-robots-tag")), (200, "noindex, nofollow"));
    let text = page.text();
    assert!(text.contains("<h1>shop.test</h1>") && text.contains("id=\"dmarc.monitor-only\""));
    assert!(!text.contains("class=\"side\"") && !text.contains("For the broker"));
    assert!(!text.contains(&format!("/scans/{scan}")) && !text.contains("ann@example.com"));

    let token = shared.body["token"].as_str().unwrap();
    let verified = app.anonymous().get(&format!("/v1/verify/{token}")).await;
    assert_eq!((verified.status, &verified.body["domain"]), (200, &json!("shop.test")));
    assert_eq!(verified.body["shared_until"], shared.body["expires_at"]);

    let listing = format!("/v1/scan/jobs/{scan}/share");
    let listed = user.get(&listing).await.body;
    let first = &listed["shares"][0];
    assert_eq!((&first["views"], &first["status"]), (&json!(1), &json!("active")));
    assert!(first.get("url").is_none() && first.get("token").is_none(), "{first}");
    assert!(app.store().await.tables_that_hold(token).await.is_empty(), "only its hash is kept");

    let id = shared.body["id"].as_i64().unwrap();
    assert_eq!(user.delete(&format!("{listing}/{id}")).await.status, 204);
    assert_eq!(user.delete(&format!("{listing}/{id}")).await.status, 404);
    let gone = open(&app, &path).await;
    let never = open(&app, "/r/00000000000000000000000000000000").await;
    assert_eq!((gone.status, unmasked(gone.text())), (404, unmasked(never.text())));
    assert_eq!(app.anonymous().get(&format!("/v1/verify/{token}")).await.status, 404);
    assert_eq!(user.get(&listing).await.body["shares"], json!([]));
    let log = user.get("/v1/audit-log?limit=2").await.body;
    let actions: Vec<_> =
        log["entries"].as_array().unwrap().iter().map(|one| &one["action"]).collect();
    assert_eq!(actions, ["report.unshared", "report.shared"]);
}

#[tokio::test]
async fn a_link_ends_by_itself_and_with_its_account() {
    let (_lab, app) = start("free").await;
    let user = app.user("ann@example.com").await;
    let scan = scanned(&user, &["dns_email"]).await;
    let brief = share(&user, scan, json!({ "name": "brief", "expires_in_days": 1 })).await;
    let long = share(&user, scan, json!({ "name": "long", "expires_in_days": 365 })).await;
    app.clock.advance(model::DAY_MS);
    assert_eq!(open(&app, &path(&brief)).await.status, 404);
    assert_eq!(open(&app, &path(&long)).await.status, 200);
    app.operator().await.suspend("ann@example.com", None).await.unwrap();
    assert_eq!(open(&app, &path(&long)).await.status, 404);
    app.operator().await.resume("ann@example.com").await.unwrap();
    assert_eq!(open(&app, &path(&long)).await.status, 200);
    let user = app.sign_in("ann@example.com").await;
    let listed = user.get(&format!("/v1/scan/jobs/{scan}/share")).await.body;
    assert_eq!(listed["shares"][1]["status"], "expired");
    let farewell = Some(json!({ "current_password": PASSWORD }));
    assert_eq!(user.send(http::Method::DELETE, "/v1/auth/me", farewell).await.status, 204);
    assert_eq!(open(&app, &path(&long)).await.status, 404);
}

#[tokio::test]
async fn what_is_hidden_is_in_no_byte_of_the_page() {
    let (_lab, app) = start("free").await;
    let user = app.user("ann@example.com").await;
    let scan = scanned(&user, &["dns_email", "ssl_tls", "http_headers"]).await;
    let report = user.get(&format!("/v1/scan/jobs/{scan}/report")).await.body;
    let evidence = report["issues"].as_array().unwrap().iter();
    let mut evidence = evidence.filter_map(|issue| issue["evidence"].as_str());
    let evidence =
        evidence.find(|text| text.len() > 20 && !text.contains(['&', '<', '"', '\''])).unwrap();
    let everything = share(&user, scan, json!({ "name": "all" })).await;
    assert!(open(&app, &path(&everything)).await.text().contains(evidence), "{evidence}");
    let hidden = json!({ "name": "less", "hide": ["evidence", "addresses"] });
    let hidden = share(&user, scan, hidden).await;
    assert_eq!(hidden.body["hide"], json!(["evidence", "addresses"]));
    let page = open(&app, &path(&hidden)).await;
    assert!(!page.text().contains(evidence) && !page.text().contains("127.0.0.1"));
}

#[tokio::test]
async fn a_password_is_asked_for_and_guessing_it_gets_slow() {
    let (_lab, app) = start("free").await;
    let user = app.user("ann@example.com").await;
    let scan = scanned(&user, &["dns_email"]).await;
    let wish = json!({ "name": "locked", "password": "eight letters" });
    let shared = share(&user, scan, wish).await;
    let path = path(&shared);
    let mut browser = Browser::new(&app);
    let asked = browser.open(&path).await;
    assert!(asked.status == 200 && asked.text().contains("type=\"password\""));
    assert!(!asked.text().contains("shop.test"), "{}", asked.text());
    let token = shared.body["token"].as_str().unwrap();
    assert_eq!(app.anonymous().get(&format!("/v1/verify/{token}")).await.status, 404);
    let wrong = browser.fill(&path, &path, &[("password", "nine letters")]).await;
    assert!(wrong.status == 422 && wrong.text().contains("That is not the password."));
    let soon = browser.fill(&path, &path, &[("password", "eight letters")]).await;
    assert_eq!(soon.status, 429);
    app.clock.advance(2_000);
    let right = browser.fill(&path, &path, &[("password", "eight letters")]).await;
    assert!(right.status == 200 && right.text().contains("<h1>shop.test</h1>"));
    assert!(right.headers.get("set-cookie").is_none());
}

#[tokio::test]
async fn a_link_that_cannot_be_is_explained_and_a_repeated_request_makes_one() {
    let (_lab, app) = start("free").await;
    let user = app.user("ann@example.com").await;
    let scan = scanned(&user, &["dns_email"]).await;
    let sharing = format!("/v1/scan/jobs/{scan}/share");
    for (field, wish) in [
        ("name", json!({})),
        ("name", json!({ "name": "two\nlines" })),
        ("expires_in_days", json!({ "name": "x", "expires_in_days": 0 })),
        ("expires_in_days", json!({ "name": "x", "expires_in_days": 366 })),
        ("password", json!({ "name": "x", "password": "short" })),
        ("hide", json!({ "name": "x", "hide": ["score"] })),
    ] {
        let reply = user.post(&sharing, wish).await;
        assert_eq!((reply.status, &reply.body["errors"][0]["field"]), (422, &json!(field)));
    }
    let once = async |body: &str| {
        let request = Request::post(&sharing)
            .header("authorization", user.authorization.as_deref().unwrap())
            .header("content-type", "application/json")
            .header("idempotency-key", "one")
            .body(Full::new(Bytes::from(body.to_owned())));
        user.raw(request.unwrap()).await
    };
    let first = once(r#"{"name":"x"}"#).await;
    let again = once(r#"{"name":"x"}"#).await;
    assert_eq!((again.status, &again.body["id"]), (201, &first.body["id"]));
    assert_eq!((&again.body["url"], &again.body["replayed"]), (&Value::Null, &json!(true)));
    assert_eq!(once(r#"{"name":"y"}"#).await.status, 422);
    assert_eq!(user.get(&sharing).await.body["shares"].as_array().unwrap().len(), 1);
    let queued = user.post("/v1/scan", json!({ "domain": "absent.test" })).await;
    let id = queued.body["job_id"].as_i64().unwrap();
    crate::scans::ended(&user, id).await;
    let early = user.post(&format!("/v1/scan/jobs/{id}/share"), json!({ "name": "x" })).await;
    assert_eq!((early.status, &early.body["error"]), (409, &json!("scan_not_complete")));
}

#[tokio::test]
async fn links_are_made_and_ended_on_a_page_without_script() {
    let (_lab, app) = start("free").await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    let user = app.sign_in("ann@example.com").await;
    let scan = scanned(&user, &["dns_email"]).await;
    let report = browser.open(&format!("/scans/{scan}")).await;
    let here = format!("/scans/{scan}/share");
    assert!(report.text().contains(&format!("href=\"{here}\"")), "{}", report.text());
    let wrong = browser.fill(&here, &here, &[("name", ""), ("days", "30"), ("password", "")]).await;
    assert!(wrong.status == 422 && wrong.text().contains("id=\"name-about\""));
    let fields = [("name", "<b>"), ("days", "7"), ("password", ""), ("addresses", "1")];
    let made = browser.fill(&here, &here, &fields).await;
    assert_eq!(made.status, 200, "{}", made.text());
    let link = made.text().split_once("/r/").unwrap().1[..32].to_owned();
    assert!(!made.text().contains("<b>") && made.text().contains("Copy the link now"));
    assert_eq!(open(&app, &format!("/r/{link}")).await.status, 200);
    let list = browser.open(&here).await;
    assert!(!list.text().contains(&link) && list.text().contains("End the link"));
    let shares = user.get(&format!("/v1/scan/jobs/{scan}/share")).await.body;
    let id = shares["shares"][0]["id"].as_i64().unwrap();
    let ended = browser.fill(&here, &format!("{here}/{id}/end"), &[]).await;
    assert_eq!(
        (ended.status, ended.header("location")),
        (303, &*format!("{here}?done=share-ended"))
    );
    assert!(
        browser.open(&format!("{here}?done=share-ended")).await.text().contains("It leads nowhere")
    );
    assert_eq!(open(&app, &format!("/r/{link}")).await.status, 404);
    let mut stranger = Browser::signed_in(&app, "bob@example.com").await;
    assert_eq!(stranger.open(&here).await.status, 404);
}
