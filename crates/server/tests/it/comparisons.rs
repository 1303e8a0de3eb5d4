use lab::demo;
use model::{Plan, ScanStatus};
use serde_json::{Value, json};

use crate::scans::{ended, start};
use crate::support::{Client, roomy};

/// Scans the demo target and returns the scan's id.
pub(crate) async fn scanned(client: &Client, modules: &[&str]) -> i64 {
    let wish = json!({ "domain": "shop.test", "modules": modules });
    let job = client.post("/v1/scan", wish).await;
    let id = job.body["job_id"].as_i64().unwrap();
    assert_eq!(ended(client, id).await["status"], ScanStatus::Completed.as_str());
    id
}

fn ids(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|issue| issue["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn two_scans_of_a_domain_are_compared_either_way_round() {
    let (_lab, app) = start("professional").await;
    let user = app.user("ann@example.com").await;
    let first = scanned(&user, &["dns_email"]).await;
    let alone = user.get(&format!("/v1/scan/jobs/{first}/diff")).await;
    assert_eq!((alone.status, &alone.body["errors"][0]["field"]), (422, &json!("against")));
    app.clock.advance(model::HOUR_MS);
    let second = scanned(&user, &["dns_email", "ssl_tls"]).await;

    // What looked at other modules is compared only when it is named.
    let other = user.get(&format!("/v1/scan/jobs/{second}/diff")).await;
    assert_eq!((other.status, &other.body["errors"][0]["field"]), (422, &json!("against")));
    let diff = user.get(&format!("/v1/scan/jobs/{second}/diff?against={first}")).await;
    assert_eq!(diff.status, 200, "{}", diff.body);
    assert_eq!(diff.body["before"]["job_id"], first);
    assert_eq!(diff.body["after"]["job_id"], second);
    assert!(ids(&diff.body["unchanged"]).contains(&"dmarc.monitor-only"), "{}", diff.body);
    // The other module was not looked at the first time, so its findings are not called new.
    assert!(!ids(&diff.body["newly_seen"]).is_empty());
    assert!(ids(&diff.body["new"]).is_empty() && ids(&diff.body["fixed"]).is_empty());
    let against = format!("/v1/scan/jobs/{first}/diff?against={second}");
    assert_eq!(user.get(&against).await.body, diff.body);

    // Since when a finding is found is carried from report to report.
    let report = user.get(&format!("/v1/scan/jobs/{second}/report")).await.body;
    let seen = |id: &str| {
        let issues = report["issues"].as_array().unwrap();
        issues.iter().find(|issue| issue["id"] == id).unwrap()["first_seen_at"].clone()
    };
    assert_eq!(seen("dmarc.monitor-only"), json!("2026-11-24T08:31:36.000Z"));
    let newly = ids(&diff.body["newly_seen"])[0];
    assert_eq!(seen(newly), json!("2026-11-24T09:31:36.000Z"));

    // Named in another order they are the same modules.
    let third = scanned(&user, &["ssl_tls", "dns_email"]).await;
    let diff = user.get(&format!("/v1/scan/jobs/{third}/diff")).await;
    assert_eq!((diff.status, &diff.body["before"]["job_id"]), (200, &json!(second)));
}

#[tokio::test]
async fn a_strangers_scan_is_no_scan_to_compare_with() {
    let (_lab, app) = start("professional").await;
    let user = app.user("ann@example.com").await;
    let stranger = app.user("bob@example.com").await;
    let (mine, theirs) =
        (scanned(&user, &["dns_email"]).await, scanned(&stranger, &["dns_email"]).await);
    let ask = async |against: i64| {
        let reply = user.get(&format!("/v1/scan/jobs/{mine}/diff?against={against}")).await;
        (reply.status, reply.constant())
    };
    assert_eq!(ask(theirs).await, ask(987_654).await);
    assert_eq!(ask(theirs).await.0, 422);
}

#[tokio::test]
async fn domains_are_ranked_by_their_newest_reports() {
    let (_lab, app) = start("professional").await;
    let user = app.user("ann@example.com").await;
    scanned(&user, &[]).await;
    // A scan of the best module alone is no competitor.
    scanned(&user, &["cookies"]).await;
    let compare = async |domains: &[&str]| {
        user.post("/v1/batch/compare", json!({ "domains": domains })).await
    };
    let reply = compare(&["never.example", "Shop.test"]).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.body["winner"], demo::DOMAIN);
    assert_eq!(reply.body["ranked"].as_array().unwrap().len(), 1);
    assert_eq!(reply.body["score_gap"], Value::Null);
    assert_eq!(
        reply.body["full_results"][1]["error"],
        "no scan of the domain with all modules was completed"
    );
    assert_eq!(reply.body["module_comparison"]["dns_email"]["never.example"], Value::Null);
    assert!(reply.body["module_comparison"]["dns_email"]["shop.test"].is_u64());
    assert_eq!(compare(&["shop.test"]).await.status, 422);
    assert_eq!(compare(&["shop.test", "shop.test"]).await.status, 422);
    let many: Vec<String> = (0..11).map(|number| format!("d{number}.example")).collect();
    assert_eq!(compare(&many.iter().map(String::as_str).collect::<Vec<_>>()).await.status, 422);
    assert_eq!(compare(&["shop.test", "127.0.0.1"]).await.body["error"], "invalid_domain");

    // A key that is bound to domains compares no others, and the plan decides.
    app.put_on(
        "ann@example.com",
        &Plan { gates: vec!["compare".into(), "restricted_keys".into()], ..roomy() },
    )
    .await;
    let (_, key) = app.key(&user, json!({ "name": "ci", "domains": ["shop.test"] })).await;
    let wish = json!({ "domains": ["shop.test", "never.example"] });
    let refused = key.post("/v1/batch/compare", wish.clone()).await;
    assert_eq!(refused.body["code"], "domain_not_allowed", "{}", refused.body);
    app.put_on("ann@example.com", &roomy()).await;
    assert_eq!(user.post("/v1/batch/compare", wish).await.status, 403);
}
