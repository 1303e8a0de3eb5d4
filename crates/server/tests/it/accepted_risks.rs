//! Accepted risks: a finding that somebody answers for stays a finding.

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use model::DAY_MS;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::comparisons::scanned;
use crate::scans::start;
use crate::support::Client;
use crate::{team, verification};

const RISKS: &str = "/v1/accepted-risks";
const CHECK: &str = "dmarc.monitor-only";
const REASON: &str = "Reports are <still> being read";

fn wish() -> Value {
    json!({
        "domain": "Shop.Test.", "check_id": CHECK, "reason": REASON, "expires_in_days": 90,
    })
}

async fn report(client: &Client, scan: i64) -> Value {
    let reply = client.get(&format!("/v1/scan/jobs/{scan}/report")).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.body
}

/// Returns a finding of a report.
fn issue(report: &Value) -> &Value {
    report["issues"].as_array().unwrap().iter().find(|issue| issue["id"] == CHECK).unwrap()
}

#[tokio::test]
async fn an_accepted_finding_is_marked_and_the_judgement_stays() {
    let (_lab, app) = start("professional").await;
    let ann = app.user("ann@example.com").await;
    let scan = scanned(&ann, &["dns_email"]).await;
    let before = report(&ann, scan).await;
    assert!(!before.to_string().contains("accepted"), "{before}");

    let made = ann.post(RISKS, wish()).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let id = made.body["id"].as_i64().unwrap();
    assert_eq!(
        made.body,
        json!({
            "id": id, "domain": "shop.test", "check_id": CHECK, "reason": REASON, "status": "open",
            "accepted_by": "ann@example.com", "created_at": "2026-11-24T08:31:36.000Z",
            "created_by": made.body["created_by"], "expires_at": "2027-02-22T08:31:36.000Z",
            "ended_at": null, "ended_by": null,
        })
    );
    let after = report(&ann, scan).await;
    let accepted = json!({
        "id": id, "reason": REASON, "until": "2027-02-22T08:31:36.000Z", "by": "ann@example.com",
    });
    assert_eq!((&issue(&after)["accepted"], &after["accepted_risks"]), (&accepted, &json!(1)));
    for kept in ["score", "grade", "cap", "ledger", "total_issues", "compliance", "recommendations"]
    {
        assert_eq!(after[kept], before[kept], "{kept}");
    }
    // A stored report knows nothing of it, and each file is signed as it is given out.
    assert!(!app.store().await.tables_that_hold(REASON).await.contains(&"reports".to_owned()));
    let keys = verification::keys(&app).await;
    let here = format!("/v1/scan/jobs/{scan}/report");
    for (format, is_signed, expected) in [
        ("json", true, "\"by\":\"ann@example.com\""),
        (
            "html",
            true,
            "Risk accepted by ann@example.com until 2027-02-22: Reports are &lt;still&gt;",
        ),
        ("csv", false, "2027-02-22,ann@example.com,Reports are <still> being read"),
        ("sarif", false, "\"kind\": \"external\""),
        ("junit", false, "<skipped message=\"Risk accepted by ann@example.com until 2027-02-22: "),
        ("markdown", false, "Risk accepted by ann&#64;example.com until 2027-02-22: "),
    ] {
        let file = verification::file(&ann, &format!("{here}?format={format}")).await;
        let text = String::from_utf8(file.clone()).unwrap();
        assert!(text.contains(expected), "{format}: {text}");
        assert_eq!(keys.check(&file).is_ok(), is_signed, "{format}");
    }

    let later = scanned(&ann, &["dns_email"]).await;
    assert_eq!(issue(&report(&ann, later).await)["accepted"], accepted, "of later scans too");
    app.clock.advance(90 * DAY_MS);
    let ann = app.sign_in("ann@example.com").await;
    assert_eq!(report(&ann, scan).await, before, "to the byte, its digest as well");
    let listed = ann.get(RISKS).await.body;
    assert_eq!(listed["accepted_risks"][0]["status"], "expired");
    assert_eq!(
        ann.get("/v1/accepted-risks?open_only=true").await.body["accepted_risks"],
        json!([])
    );
    assert_eq!(ann.delete(&format!("{RISKS}/{id}")).await.status, 404, "it is over");
    assert_eq!(ann.post(RISKS, wish()).await.status, 201, "it can be accepted again");
}

#[tokio::test]
async fn an_acceptance_is_ended_and_stays_in_the_list() {
    let (_lab, app) = start("professional").await;
    let ann = app.user("ann@example.com").await;
    let made = ann.post(RISKS, wish()).await.body;
    let path = format!("{RISKS}/{}", made["id"]);
    let again = ann.post(RISKS, wish()).await;
    assert_eq!((again.status, &again.body["error"]), (409, &json!("conflict")));

    let bob = app.user("bob@example.com").await;
    assert_eq!(bob.delete(&path).await.status, 404);
    assert_eq!(bob.get(RISKS).await.body["accepted_risks"], json!([]));
    assert_eq!(bob.post(RISKS, wish()).await.status, 201, "every account for itself");

    assert_eq!(ann.delete(&path).await.status, 204);
    assert_eq!(ann.delete(&path).await.status, 404);
    let listed = ann.get("/v1/accepted-risks?domain=shop.test").await.body;
    let first = &listed["accepted_risks"][0];
    assert_eq!((&first["status"], &first["ended_by"]), (&json!("ended"), &made["created_by"]));
    assert_eq!(listed["accepted_risks"].as_array().unwrap().len(), 1);
    let other = ann.get("/v1/accepted-risks?domain=other.test").await.body;
    assert_eq!(other, json!({ "accepted_risks": [], "next_cursor": null }));
    assert_eq!(ann.get("/v1/accepted-risks?domain=-").await.body["error"], "invalid_domain");

    for number in 0..3 {
        let domain = format!("a{number}.test");
        let wish =
            json!({ "domain": domain, "check_id": CHECK, "reason": "x", "expires_in_days": 1 });
        assert_eq!(ann.post(RISKS, wish).await.status, 201);
    }
    let page = ann.get("/v1/accepted-risks?limit=2").await.body;
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = ann.get(&format!("/v1/accepted-risks?limit=2&cursor={cursor}")).await.body;
    let domains = [&page, &rest].map(|page| page["accepted_risks"][1]["domain"].clone());
    assert_eq!(domains, ["a1.test", "shop.test"]);

    let log = ann.get("/v1/audit-log?limit=10").await.body;
    let entries = log["entries"].as_array().unwrap().iter();
    let risks = entries.filter(|entry| entry["target"] == "domain:shop.test");
    let actions: Vec<_> = risks.map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["risk.acceptance_ended", "risk.accepted"]);
    let export = ann.get("/v1/auth/export").await.body;
    assert_eq!(export["accepted_risks"].as_array().unwrap().len(), 4);
    assert_eq!(export["accepted_risks"][3]["reason"], REASON);
}

#[tokio::test]
async fn what_cannot_be_accepted_is_explained() {
    let (_lab, app) = start("professional").await;
    let ann = app.user("ann@example.com").await;
    let with = |changes: Value| {
        let mut wish = wish();
        wish.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        wish
    };
    for (field, changes) in [
        ("check_id", json!({ "check_id": "dmarc.monitor-onyl" })),
        ("reason", json!({ "reason": "  " })),
        ("reason", json!({ "reason": "x".repeat(501) })),
        ("expires_in_days", json!({ "expires_in_days": 366 })),
        ("expires_in_days", json!({ "expires_at": "2027-01-31T00:00:00Z" })),
        ("expires_at", json!({ "expires_in_days": null })),
        ("expires_at", json!({ "expires_in_days": null, "expires_at": "2026-11-24T08:31:36Z" })),
        ("expires_at", json!({ "expires_in_days": null, "expires_at": "2027-11-24T08:31:37Z" })),
    ] {
        let reply = ann.post(RISKS, with(changes)).await;
        assert_eq!((reply.status, &reply.body["errors"][0]["field"]), (422, &json!(field)));
        if field == "check_id" {
            let text = reply.body["message"].as_str().unwrap();
            assert!(text.ends_with("did you mean `dmarc.monitor-only`?"), "{text}");
        }
    }
    assert_eq!(ann.post(RISKS, with(json!({ "domain": "192.0.2.1" }))).await.status, 400);
    assert_eq!(ann.get(RISKS).await.body["accepted_risks"], json!([]));

    let once = async |body: Value| {
        let request = Request::post(RISKS)
            .header("authorization", ann.authorization.as_deref().unwrap())
            .header("content-type", "application/json")
            .header("idempotency-key", "one")
            .body(Full::new(Bytes::from(body.to_string())));
        ann.raw(request.unwrap()).await
    };
    let first = once(wish()).await;
    assert_eq!((once(wish()).await.body, first.status), (first.body, 201));
    assert_eq!(once(with(json!({ "reason": "other" }))).await.status, 422);
}

#[tokio::test]
async fn who_looks_on_accepts_nothing_and_a_key_only_for_its_domains() {
    let (_lab, app) = start("professional").await;
    let ann = app.user("ann@example.com").await;
    let made = ann.post(RISKS, wish()).await.body;
    let (_, eve) = team::join(&app, &ann, "eve@example.com", "viewer").await;
    let refused = eve.post(RISKS, wish()).await;
    assert_eq!((refused.status, &refused.body["error"]), (403, &json!("insufficient_scope")));
    assert_eq!(eve.delete(&format!("{RISKS}/{}", made["id"])).await.status, 403);
    assert_eq!(eve.get(RISKS).await.body["accepted_risks"][0]["accepted_by"], "ann@example.com");

    let (_, key) = app.key(&ann, json!({ "name": "ci", "domains": ["other.test"] })).await;
    assert_eq!(key.get(RISKS).await.body["accepted_risks"], json!([]));
    assert_eq!(key.delete(&format!("{RISKS}/{}", made["id"])).await.status, 404);
    let refused = key.post(RISKS, wish()).await;
    assert_eq!((refused.status, &refused.body["code"]), (403, &json!("domain_not_allowed")));
    let other =
        json!({ "domain": "other.test", "check_id": CHECK, "reason": "x", "expires_in_days": 1 });
    let made = key.post(RISKS, other).await.body;
    assert!(made["created_by"].as_str().unwrap().starts_with("key:cl_"), "{made}");
    assert_eq!(made["accepted_by"], "ann@example.com", "who made the key answers for it");
}

#[tokio::test]
async fn risks_are_accepted_on_the_page_of_a_report_without_script() {
    let (_lab, app) = start("professional").await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    let ann = app.sign_in("ann@example.com").await;
    let scan = scanned(&ann, &["dns_email"]).await;
    let here = format!("/scans/{scan}");
    let accept = format!("{here}/findings/{CHECK}/accept");
    let page = browser.open(&here).await;
    assert!(page.text().contains(&format!("action=\"{accept}\"")), "{}", page.text());
    assert!(page.text().contains("<option value=\"90\" selected>"));

    let odd = [("reason", ""), ("days", "30"), ("date", "2028-01-31")];
    let refused = browser.fill(&here, &accept, &odd).await;
    assert_eq!(refused.status, 422, "{}", refused.text());
    let text = refused.text();
    assert!(text.contains("must be one line of 1 to 500 characters"), "{text}");
    assert!(text.contains("must lie within 365 days") && text.contains("value=\"2028-01-31\""));
    assert!(text.contains("<option value=\"30\" selected>"), "what was chosen stays");
    assert!(text.contains(&format!("id=\"{CHECK}\" open>")), "the finding is open");
    let odd = [("reason", "Keep <me>"), ("days", "30"), ("date", "31.1.2027")];
    let refused = browser.fill(&here, &accept, &odd).await;
    assert!(
        refused.text().contains("Keep &lt;me&gt;</textarea>")
            || refused.text().contains("Keep &#60;me&#62;</textarea>"),
        "{}",
        refused.text()
    );
    assert!(refused.text().contains("must be a day such as 2027-01-31"));

    let fields = [("reason", "Behind\r\n a <VPN>"), ("days", "30"), ("date", "2027-01-31")];
    for _ in 0..2 {
        let done = browser.fill(&here, &accept, &fields).await;
        let to = format!("{here}?done=risk-accepted#{CHECK}");
        assert_eq!((done.status, done.header("location")), (303, &*to), "{}", done.text());
    }
    let listed = ann.get(RISKS).await.body;
    let risk = &listed["accepted_risks"][0];
    assert_eq!(risk["reason"], "Behind a <VPN>");
    assert_eq!(risk["expires_at"], "2027-01-31T23:59:59.999Z");
    let page = browser.open(&format!("{here}?done=risk-accepted")).await;
    let text = page.text();
    assert!(
        text.contains("· 1 accepted risk ·") && text.contains("Finding and score stay"),
        "{text}"
    );
    assert!(text.contains("by ann@example.com until 2027-01-31:") && !text.contains("<VPN>"));
    assert!(!text.contains(&accept) && text.contains("End acceptance"));
    let gaps = browser.open(&format!("/compliance?scan={scan}&framework=cis")).await;
    assert!(gaps.text().contains(">Gap</span>") && gaps.text().contains("Risk accepted"));

    let domain = browser.open("/domains/shop.test").await;
    assert!(
        domain.text().contains("<h2 id=\"accepted-risks\">")
            && domain.text().contains("2027-01-31")
    );
    let end = format!("accepted-risks/{}/end", risk["id"]);
    let elsewhere = browser.fill(&here, &format!("/domains/www.shop.test/{end}"), &[]).await;
    assert_eq!(elsewhere.status, 404);
    let ended = browser.fill("/domains/shop.test", &format!("/domains/shop.test/{end}"), &[]).await;
    let to = "/domains/shop.test?done=acceptance-ended#accepted-risks";
    assert_eq!((ended.status, ended.header("location")), (303, to));
    assert!(!browser.open(&here).await.text().contains("accepted risk ·"));
    let absent = format!("{here}/findings/hsts.missing/accept");
    assert_eq!(browser.fill(&here, &absent, &fields).await.status, 404, "it was not found");

    browser.site = "cross-site";
    assert_eq!(browser.fill(&here, &accept, &fields).await.status, 403);
    browser.site = "same-origin";
    assert_eq!(browser.submit(&accept, &fields).await.status, 403, "without its token");
    let mut stranger = Browser::signed_in(&app, "bob@example.com").await;
    assert_eq!(stranger.fill("/scans/new", &accept, &fields).await.status, 404);
    team::join(&app, &ann, "eve@example.com", "viewer").await;
    let mut viewer = Browser::of(&app, "eve@example.com").await;
    let page = viewer.open(&here).await;
    assert!(page.status == 200 && !page.text().contains("Accept risk"));
    assert_eq!(viewer.fill("/settings/profile", &accept, &fields).await.status, 403);
    assert_eq!(
        ann.get("/v1/accepted-risks?open_only=true").await.body["accepted_risks"],
        json!([])
    );
}

#[tokio::test]
async fn a_link_shows_why_and_until_when_and_names_nobody() {
    let (_lab, app) = start("professional").await;
    let ann = app.user("ann@example.com").await;
    let scan = scanned(&ann, &["dns_email"]).await;
    ann.post(RISKS, wish()).await;
    let shared = ann.post(&format!("/v1/scan/jobs/{scan}/share"), json!({ "name": "x" })).await;
    let url = shared.body["url"].as_str().unwrap();
    let path = format!("/r/{}", url.rsplit_once("/r/").unwrap().1);
    let page = Browser::new(&app).open(&path).await;
    let text = page.text();
    assert!(text.contains("· 1 accepted risk ·") && text.contains("until 2027-02-22:"), "{text}");
    assert!(text.contains("being read") && !text.contains("ann@example.com"));
    assert!(!text.contains("Accept risk") && !text.contains("End acceptance"));
}
