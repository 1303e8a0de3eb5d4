use std::time::{Duration, Instant};

use lab::{Lab, demo};
use model::Plan;
use serde_json::{Value, json};

use crate::support::{Client, TestApp, roomy};

/// A lab and a server that takes it for the internet.
pub(crate) async fn start(plan: &str) -> (Lab, TestApp) {
    let lab = demo::start().await.unwrap();
    let app = with_lab(&lab, plan).await;
    (lab, app)
}

pub(crate) async fn with_lab(lab: &Lab, plan: &str) -> TestApp {
    let ports: Vec<_> = lab.ports.iter().map(|(port, place)| format!("{port}={place}")).collect();
    let (resolver, ports) = (lab.resolver.to_string(), ports.join(","));
    TestApp::with(&[
        ("scan.resolver", resolver.as_str()),
        ("scan.allow_private_networks", "true"),
        ("scan.port_overrides", ports.as_str()),
        ("plans.default", plan),
    ])
    .await
}

/// Waits until a scan has ended and returns it.
pub(crate) async fn ended(client: &Client, id: i64) -> Value {
    let began = Instant::now();
    loop {
        let job = client.get(&format!("/v1/scan/jobs/{id}")).await.body;
        if ["completed", "failed", "canceled"].contains(&job["status"].as_str().unwrap()) {
            return job;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "{job} does not end");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_scan_goes_from_the_order_to_the_report() {
    let (_lab, app) = start("professional").await;
    let user = app.user("ann@example.com").await;
    let (_, key) = app.key(&user, json!({ "name": "ci" })).await;

    let job = key.post("/v1/scan/", json!({ "domain": "https://SHOP.test/basket" })).await;
    assert_eq!(
        (job.status, &job.body["domain"], &job.body["source"]),
        (200, &json!("shop.test"), &json!("api"))
    );
    let id = job.body["job_id"].as_i64().unwrap();
    let done = ended(&key, id).await;
    assert_eq!(
        (&done["status"], &done["progress"]),
        (&json!("completed"), &json!({ "done": 16, "total": 16 }))
    );

    let report = key.get(&format!("/v1/scan/jobs/{id}/report")).await;
    assert_eq!(report.status, 200);
    assert_eq!(
        (&report.body["job_id"], &report.body["score"]),
        (&json!(id), &done["result"]["score"])
    );
    assert!(
        report.body["issues"]
            .as_array()
            .unwrap()
            .iter()
            .any(|issue| issue["id"] == "dmarc.monitor-only")
    );

    // A signed-in user sees the same, and so does the history.
    assert_eq!(
        user.get(&format!("/v1/scan/jobs/{id}/report")).await.body["score"],
        report.body["score"]
    );
    let history = user.get("/v1/scan/history?limit=1&status=completed&domain=Shop.test").await.body;
    assert_eq!(
        (&history["scans"][0]["job_id"], &history["scans"][0]["legacy_scan_id"]),
        (&json!(id), &Value::Null)
    );
    assert_eq!(user.get("/v1/scan/recent").await.body["scans"].as_array().unwrap().len(), 1);
    assert_eq!(key.get("/v1/auth/me").await.body["scans_this_month"], 1);
}

#[tokio::test]
async fn watchers_are_told_module_by_module() {
    let (_lab, app) = start("professional").await;
    let user = app.user("ann@example.com").await;
    let job = user.post("/v1/scan", json!({ "domain": "shop.test" })).await.body;
    let events = user.get(&format!("/v1/scan/jobs/{}/events", job["job_id"])).await;
    assert_eq!(events.header("content-type"), "text/event-stream");
    let text = events.text();
    assert_eq!(text.matches("event: module").count(), 16, "{text}");
    assert_eq!(text.matches("event: done").count(), 1, "{text}");
    assert!(text.trim_end().rsplit("\n\n").next().unwrap().contains("\"status\":\"completed\""));
}

#[tokio::test]
async fn the_month_ends_after_ten_scans_on_the_free_plan() {
    let (_lab, app) = start("free").await;
    let user = app.user("ann@example.com").await;
    for _ in 0..10 {
        let job = user.post("/v1/scan", json!({ "domain": "shop.test" })).await;
        assert_eq!(job.status, 200);
        ended(&user, job.body["job_id"].as_i64().unwrap()).await;
        // Asking whether it is ready takes requests of the minute.
        app.idle().await;
        app.clock.advance(model::MINUTE_MS);
    }
    let refused = user.post("/v1/scan", json!({ "domain": "shop.test" })).await;
    assert_eq!((refused.status, &refused.body["error"]), (403, &json!("quota_exceeded")));
    assert_eq!(user.get("/v1/auth/me").await.body["scans_remaining"], 0);
}

#[tokio::test]
async fn scans_beyond_those_at_once_are_refused_and_not_charged() {
    let dns = lab::Dns::default()
        .record("slow.test", "A", "127.0.0.1")
        .fault("slow.test", lab::DnsFault::Slow(Duration::from_secs(3)));
    let lab = Lab::builder().dns(dns).start().await.unwrap();
    let app = with_lab(&lab, "free").await;
    let user = app.user("ann@example.com").await;
    app.put_on("ann@example.com", &Plan { concurrent_scans: 1, ..roomy() }).await;
    let slow = || user.post("/v1/scan", json!({ "domain": "slow.test" }));
    let first = slow().await;
    assert_eq!(first.status, 200);
    let refused = slow().await;
    assert_eq!((refused.status, &refused.body["error"]), (429, &json!("rate_limit_exceeded")));
    assert_eq!(
        (&refused.body["window"], &refused.body["limit"]),
        (&json!("concurrent-scans"), &json!(1))
    );
    assert_eq!(refused.header("retry-after"), refused.body["retry_after"].to_string());
    assert_eq!(user.get("/v1/auth/me").await.body["scans_this_month"], 1);
    // Whatever ends makes room at once.
    let path = format!("/v1/scan/jobs/{}/cancel", first.body["job_id"]);
    assert_eq!(user.send(http::Method::POST, &path, None).await.status, 200);
    assert_eq!(slow().await.status, 200);
}

#[tokio::test]
async fn absurd_orders_are_refused_in_words() {
    let (_lab, app) = start("professional").await;
    let user = app.user("ann@example.com").await;
    for domain in [
        "",
        "127.0.0.1",
        "[::1]",
        "localhost",
        "intranet",
        "user:pw@example.com",
        "😀.com",
        "xn--a.com",
        "a b.com",
        "http://169.254.169.254/latest",
        "1.0.0.127.in-addr.arpa",
        &"a.".repeat(200),
    ] {
        let refused = user.post("/v1/scan", json!({ "domain": domain })).await;
        assert_eq!(
            (refused.status, &refused.body["error"]),
            (400, &json!("invalid_domain")),
            "{domain}"
        );
    }
    let refused = user.post("/v1/scan", json!({ "domain": "shop.test", "modules": ["tls"] })).await;
    assert_eq!((refused.status, &refused.body["errors"][0]["field"]), (422, &json!("modules")));
    for body in
        [json!({}), json!({ "domain": 7 }), json!({ "domain": "shop.test", "force": "yes" })]
    {
        assert_eq!(user.post("/v1/scan", body).await.status, 400);
    }
    assert_eq!(user.get("/v1/auth/me").await.body["scans_this_month"], 0);
}

#[tokio::test]
async fn a_laboratory_name_is_refused_on_the_internet() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let refused = user.post("/v1/scan", json!({ "domain": "shop.test" })).await;
    assert_eq!((refused.status, &refused.body["error"]), (400, &json!("invalid_domain")));
}

#[tokio::test]
async fn our_own_outage_is_not_charged() {
    let dns = lab::Dns::default().fault("down.test", lab::DnsFault::ServFail);
    let lab = Lab::builder().dns(dns).start().await.unwrap();
    let app = with_lab(&lab, "free").await;
    let user = app.user("ann@example.com").await;
    for (domain, charged) in [("down.test", 0), ("absent.test", 1)] {
        let job = user.post("/v1/scan", json!({ "domain": domain })).await.body;
        let id = job["job_id"].as_i64().unwrap();
        let done = ended(&user, id).await;
        assert_eq!(done["status"], "failed", "{done}");
        assert_eq!(user.get("/v1/auth/me").await.body["scans_this_month"], charged, "{done}");
        let report = user.get(&format!("/v1/scan/jobs/{id}/report")).await;
        assert_eq!((report.status, &report.body["error"]), (409, &json!("scan_not_complete")));
    }
}

#[tokio::test]
async fn a_queued_scan_can_be_stopped_and_costs_nothing() {
    let dns = lab::Dns::default()
        .record("slow.test", "A", "127.0.0.1")
        .fault("slow.test", lab::DnsFault::Slow(Duration::from_secs(3)));
    let lab = Lab::builder().dns(dns).start().await.unwrap();
    let app = with_lab(&lab, "professional").await;
    let user = app.user("ann@example.com").await;
    // More than there are workers, so that the last one waits.
    let mut ids = Vec::new();
    for _ in 0..8 {
        let job = user.post("/v1/scan", json!({ "domain": "slow.test" })).await.body;
        ids.push(job["job_id"].as_i64().unwrap());
    }
    let path = format!("/v1/scan/jobs/{}/cancel", ids[7]);
    let canceled = user.send(http::Method::POST, &path, None).await;
    assert_eq!((canceled.status, &canceled.body["status"]), (200, &json!("canceled")));
    assert_eq!(user.get("/v1/auth/me").await.body["scans_this_month"], 7);
    let again = user.send(http::Method::POST, &path, None).await;
    assert_eq!((again.status, &again.body["status"]), (200, &json!("canceled")));
}

#[tokio::test]
async fn a_restart_goes_on_where_it_stopped() {
    let (_lab, app) = start("professional").await;
    let user = app.user("ann@example.com").await;
    let mut ids = Vec::new();
    for _ in 0..12 {
        let job = user.post("/v1/scan", json!({ "domain": "shop.test" })).await.body;
        ids.push(job["job_id"].as_i64().unwrap());
    }
    let app = app.restart().await;
    let user = app.bearer(user.authorization.as_deref().unwrap().trim_start_matches("Bearer "));
    for id in ids {
        assert_eq!(ended(&user, id).await["status"], "completed");
    }
    assert_eq!(user.get("/v1/auth/me").await.body["scans_this_month"], 12);
}

#[tokio::test]
async fn histories_are_paged_and_filters_are_checked() {
    let (_lab, app) = start("professional").await;
    let user = app.user("ann@example.com").await;
    for _ in 0..3 {
        user.post("/v1/scan", json!({ "domain": "shop.test" })).await;
    }
    let first = user.get("/v1/scan/history?limit=2").await.body;
    assert_eq!(first["scans"].as_array().unwrap().len(), 2);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = user.get(&format!("/v1/scan/history?limit=2&cursor={cursor}")).await.body;
    assert_eq!(
        (second["scans"].as_array().unwrap().len(), &second["next_cursor"]),
        (1, &Value::Null)
    );
    for query in ["limit=0", "limit=101", "limit=-1", "cursor=x", "status=done", "from=yesterday"] {
        assert_eq!(user.get(&format!("/v1/scan/history?{query}")).await.status, 422, "{query}");
    }
    assert_eq!(user.get("/v1/scan/history?limit=99999999999999999999").await.status, 400);
    for id in ["-1", "0", "x", "99999999999999999999"] {
        assert_eq!(user.get(&format!("/v1/scan/jobs/{id}")).await.status, 404, "{id}");
    }
}

#[tokio::test]
async fn the_catalogue_is_public() {
    let app = TestApp::start().await;
    let checks = app.anonymous().get("/v1/checks").await.body;
    let checks = checks["checks"].as_array().unwrap();
    assert!(checks.len() >= 45);
    let careful = |id: &str| &checks.iter().find(|check| check["id"] == id).unwrap()["careful"];
    assert!(careful("hsts.missing").as_str().is_some_and(|text| text.ends_with('.')));
    assert!(careful("cert.expired").is_null());
    let frameworks = app.anonymous().get("/v1/compliance/frameworks").await.body;
    assert_eq!(frameworks["frameworks"].as_array().unwrap().len(), 9);
}
