use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use model::Plan;
use serde_json::{Value, json};

use crate::scans::start;
use crate::support::{Client, Reply, TestApp, roomy};

const BATCH: &str = "/v1/batch/scan";

fn plan(scans_per_month: i64, concurrent_scans: i64) -> Plan {
    let id = format!("batch-{scans_per_month}-{concurrent_scans}");
    Plan { id, scans_per_month, concurrent_scans, gates: vec!["batch".to_owned()], ..roomy() }
}

async fn used(client: &Client) -> i64 {
    client.get("/v1/auth/me").await.body["scans_this_month"].as_i64().unwrap()
}

async fn once(client: &Client, wish: &Value) -> Reply {
    let request = Request::post(BATCH)
        .header("authorization", client.authorization.as_deref().unwrap())
        .header("content-type", "application/json")
        .header("idempotency-key", "nightly")
        .body(Full::new(Bytes::from(wish.to_string())));
    client.raw(request.unwrap()).await
}

#[tokio::test]
async fn each_domain_is_scanned_and_charged_once_within_the_plans_limit() {
    let (_lab, app) = start("free").await;
    let user = app.user("ann@example.com").await;
    app.put_on("ann@example.com", &plan(100, 1)).await;
    let wish = json!({ "domains": ["absent.test", "https://SHOP.test/", "shop.test"] });
    let reply = once(&user, &wish).await;
    assert_eq!((reply.status, &reply.body["total"]), (200, &json!(2)), "{}", reply.body);
    let [shop, absent] = reply.body["results"].as_array().unwrap().as_slice() else { panic!() };
    // The worst first; without a score last.
    assert_eq!((&shop["domain"], &shop["error"]), (&json!("shop.test"), &Value::Null));
    assert!(shop["overall_score"].is_u64() && shop["modules"]["dns_email"]["grade"].is_string());
    assert!(shop["job_id"].is_i64() && absent["job_id"].is_i64());
    assert!(
        absent["error"].as_str().is_some_and(|error| error.contains("does not exist")),
        "{absent}"
    );
    let summary = &reply.body["summary"];
    assert_eq!(summary["avg_score"], shop["overall_score"]);
    assert_eq!(summary["grade_distribution"][shop["overall_grade"].as_str().unwrap()], 1);
    assert_eq!(used(&user).await, 2);
    let again = once(&user, &wish).await;
    assert_eq!((again.body, used(&user).await), (reply.body.clone(), 2));
    let job = user.get(&format!("/v1/scan/jobs/{}", shop["job_id"])).await.body;
    assert_eq!(job["source"], "batch");
    let sorted = json!({ "domains": ["shop.test"], "sort_by": "domain" });
    assert_eq!(user.post(BATCH, sorted).await.status, 200);
}

#[tokio::test]
async fn a_month_that_ends_in_the_middle_says_so_in_the_rows() {
    let (_lab, app) = start("free").await;
    let user = app.user("ann@example.com").await;
    app.put_on("ann@example.com", &plan(1, 10)).await;
    let wish = json!({ "domains": ["shop.test", "absent.test"], "sort_by": "domain" });
    let reply = user.post(BATCH, wish.clone()).await;
    let rows = reply.body["results"].as_array().unwrap();
    assert_eq!((&rows[0]["domain"], &rows[0]["job_id"]), (&json!("absent.test"), &Value::Null));
    assert!(
        rows[0]["error"].as_str().is_some_and(|error| error.contains("used up")),
        "{}",
        rows[0]
    );
    assert!(rows[1]["overall_score"].is_u64());
    let spent = user.post(BATCH, wish).await;
    assert_eq!((spent.status, &spent.body["error"]), (403, &json!("quota_exceeded")));
    assert_eq!(used(&user).await, 1);
}

#[tokio::test]
async fn a_batch_that_cannot_be_is_refused_before_anything_is_charged() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    app.put_on("ann@example.com", &plan(100, 0)).await;
    let many: Vec<String> = (0..51).map(|number| format!("d{number}.example.com")).collect();
    for (wish, status) in [
        (json!({ "domains": [] }), 422),
        (json!({ "domains": many }), 422),
        (json!({ "domains": ["example.com", "127.0.0.1"] }), 400),
        (json!({ "domains": ["example.com"], "sort_by": "name" }), 422),
        // As many as the plan allows at once are under way: none.
        (json!({ "domains": ["example.com"] }), 429),
    ] {
        let reply = user.post(BATCH, wish.clone()).await;
        assert_eq!(reply.status, status, "{wish}: {}", reply.body);
    }
    assert_eq!(used(&user).await, 0);
}
