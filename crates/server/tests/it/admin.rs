use model::{HOUR_MS, MINUTE_MS, Plan, PlanOverrides};
use serde_json::{Value, json};
use server::operator::AuditFormat;

use crate::routes::routes;
use crate::support::{Client, TestApp, roomy};

const USERS: &str = "/v1/admin/users";
const PLANS: &str = "/v1/admin/plans";
const KEYS: &str = "/v1/admin/keys";

async fn id(admin: &Client, email: &str) -> i64 {
    let found = admin.get(&format!("{USERS}?email={email}")).await;
    assert_eq!(found.body["users"].as_array().unwrap().len(), 1, "{}", found.body);
    found.body["users"][0]["id"].as_i64().unwrap()
}

async fn newest(client: &Client, most: usize) -> Vec<Value> {
    let log = client.get(&format!("/v1/audit-log?limit={most}")).await.body;
    log["entries"].as_array().unwrap().clone()
}

#[tokio::test]
async fn whoever_does_not_operate_the_instance_finds_nothing_there() {
    let app = TestApp::start().await;
    let admin = app.administrator("root@example.com").await;
    app.put_on("root@example.com", &roomy()).await;
    let user = app.user("ann@example.com").await;
    let (_, key) = app.key(&user, json!({ "name": "ci", "scopes": model::Scope::ALL })).await;
    let (_, admins) = app.key(&admin, json!({ "name": "ci", "scopes": model::Scope::ALL })).await;
    let absent = user.get("/v1/nothing").await.constant();
    let mut seen = 0;
    for route in routes(&app).await.iter().filter(|route| route.path.starts_with("/v1/admin/")) {
        for client in [&user, &key, &admins] {
            for id in ["1", "free", "987654"] {
                let reply =
                    client.send(route.method.clone(), &route.with(id), Some(json!({}))).await;
                assert_eq!(
                    (reply.status, reply.constant()),
                    (404, absent.clone()),
                    "{}",
                    route.name()
                );
            }
        }
        seen += 1;
    }
    assert!(seen >= 9, "{seen}");
    assert_eq!(admin.get(USERS).await.status, 200);
}

#[tokio::test]
async fn an_administrator_changes_an_account_and_it_holds_at_once() {
    let app = TestApp::start().await;
    let admin = app.administrator("root@example.com").await;
    let user = app.user("ann@example.com").await;
    let (_, key) = app.key(&user, json!({ "name": "ci" })).await;
    let ann = format!("{USERS}/{}", id(&admin, "ANN@").await);
    let me = admin.get("/v1/auth/me").await.body["id"].as_i64().unwrap();
    let before = newest(&user, 100).await.len();

    let shown = admin.get(&ann).await.body;
    assert_eq!((&shown["email"], &shown["plan"]), (&json!("ann@example.com"), &json!("free")));
    assert_eq!((&shown["state"], &shown["email_verified"]), (&json!("active"), &json!(false)));
    assert_eq!((&shown["living_keys"], &shown["limits"]["per_minute"]), (&json!(1), &json!(120)));
    assert!(!shown.to_string().contains("password"), "{shown}");

    let change = json!({
        "plan": "starter", "subscription_status": "past_due", "email_verified": true,
        "overrides": { "per_minute": 777, "scans_per_month": 3 },
    });
    let changed = admin.patch(&ann, change).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(changed.body["limits"]["per_minute"], 777);
    assert_eq!(changed.body["limits"]["per_hour"], 3_000);
    let own = key.get("/v1/auth/me").await;
    assert_eq!((&own.body["plan"], &own.body["scan_limit"]), (&json!("starter"), &json!(3)));
    assert_eq!(
        (&own.body["email_verified"], own.header("x-ratelimit-limit")),
        (&json!(true), "777")
    );
    assert_eq!(admin.patch(&ann, json!({ "overrides": { "seats": 9 } })).await.status, 200);
    assert_eq!(key.get("/v1/auth/me").await.header("x-ratelimit-limit"), "180");

    let suspended = json!({ "state": "suspended", "reason": "scans strangers" });
    assert_eq!(admin.patch(&ann, suspended).await.body["state_reason"], "scans strangers");
    assert_eq!(key.get("/v1/auth/me").await.body["error"], "account_suspended");
    assert_eq!(user.get("/v1/auth/me").await.body["error"], "account_suspended");
    let listed = admin.get(&format!("{USERS}?state=suspended&plan=starter")).await.body;
    assert_eq!(listed["users"].as_array().unwrap().len(), 1);
    assert_eq!(
        admin.patch(&ann, json!({ "state": "active" })).await.body["state_reason"],
        Value::Null
    );

    let log = newest(&user, 100).await;
    let told: Vec<_> = log[..log.len() - before].iter().map(|entry| &entry["action"]).collect();
    assert_eq!(
        told,
        [
            "account.state_changed",
            "account.state_changed",
            "account.overrides_changed",
            "email.verified",
            "account.overrides_changed",
            "account.subscription_changed",
            "account.plan_changed",
        ]
    );
    assert!(log[..7].iter().all(|entry| entry["actor"] == format!("admin:{me}")));
    assert!(!json!(log).to_string().contains("strangers"));
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_changes_nothing() {
    let app = TestApp::start().await;
    let admin = app.administrator("root@example.com").await;
    app.user("ann@example.com").await;
    let ann = format!("{USERS}/{}", id(&admin, "ann@").await);
    let before = admin.get(&ann).await.body;
    for (wrong, status) in [
        (json!({ "plan": "gold", "state": "disabled" }), 422),
        (json!({ "state": "asleep" }), 400),
        (json!({ "state": "disabled", "overrides": { "seats": -1 } }), 422),
        (json!({ "state": "disabled", "reason": "a\nb" }), 422),
        (json!({ "reason": "no state" }), 422),
        (json!({ "state": "disabled", "email_verified": false }), 422),
    ] {
        assert_eq!(admin.patch(&ann, wrong.clone()).await.status, status, "{wrong}");
    }
    assert_eq!(admin.get(&ann).await.body, before);
    // Nobody shuts themselves out.
    let own = format!("{USERS}/{}", id(&admin, "root@").await);
    for wrong in [json!({ "state": "suspended" }), json!({ "subscription_status": "unpaid" })] {
        assert_eq!(admin.patch(&own, wrong).await.status, 422);
    }
    assert_eq!(admin.patch(&format!("{USERS}/987"), json!({ "plan": "free" })).await.status, 404);
    for query in ["state=asleep", "limit=0", "cursor=x"] {
        assert_eq!(admin.get(&format!("{USERS}?{query}")).await.status, 422, "{query}");
    }
    // Reading goes on when the proof is old; changing does not.
    app.clock.advance(6 * MINUTE_MS);
    assert_eq!(admin.get(&ann).await.status, 200);
    for reply in [
        admin.patch(&ann, json!({ "plan": "starter" })).await,
        admin.delete(&format!("{PLANS}/msp")).await,
        admin.delete(&format!("{KEYS}/cl_000000000000")).await,
    ] {
        assert_eq!(reply.body["code"], "step_up_required");
    }
}

#[tokio::test]
async fn plans_are_made_changed_and_deleted_while_accounts_are_on_them() {
    let app = TestApp::start().await;
    let admin = app.administrator("root@example.com").await;
    let user = app.user("ann@example.com").await;
    let mut plan = json!({
        "per_minute": 50, "per_hour": 60, "per_day": 70, "concurrent_scans": 2,
        "scans_per_month": 4, "domains": 5, "seats": 6, "gates": ["csv", "scan", "csv"],
    });
    let own = format!("{PLANS}/own-1");
    assert_eq!(admin.put(&own, plan.clone()).await.status, 200);
    let ann = format!("{USERS}/{}", id(&admin, "ann@").await);
    admin.patch(&ann, json!({ "plan": "own-1" })).await;
    assert_eq!(user.get("/v1/auth/me").await.header("x-ratelimit-limit"), "50");
    plan["per_minute"] = json!(55);
    admin.put(&own, plan.clone()).await;
    assert_eq!(user.get("/v1/auth/me").await.header("x-ratelimit-limit"), "55");
    let plans = admin.get(PLANS).await.body;
    let of =
        |id: &str| plans["plans"].as_array().unwrap().iter().find(|plan| plan["id"] == id).cloned();
    assert_eq!(of("own-1").unwrap()["accounts"], 1);
    assert_eq!(of("own-1").unwrap()["gates"], json!(["csv", "scan"]));

    assert_eq!(admin.delete(&own).await.body["error"], "conflict");
    assert_eq!(admin.delete(&format!("{PLANS}/free")).await.status, 409);
    assert_eq!(admin.delete(&format!("{PLANS}/gold")).await.status, 404);
    admin.patch(&ann, json!({ "plan": "free" })).await;
    assert_eq!(admin.delete(&own).await.status, 204);
    assert_eq!(admin.delete(&own).await.status, 404);
    for (id, field, value) in [
        ("Own", "seats", json!(1)),
        ("own", "seats", json!(-1)),
        ("own", "gates", json!(["audit_exprot"])),
    ] {
        let mut wrong = plan.clone();
        wrong[field] = value;
        assert_eq!(admin.put(&format!("{PLANS}/{id}"), wrong).await.status, 422, "{id} {field}");
    }
    plan.as_object_mut().unwrap().remove("gates");
    assert_eq!(admin.put(&own, plan).await.status, 400);

    // What concerns no account stands in the instance's own log.
    let mut log = Vec::new();
    app.operator().await.export_audit_log(None, AuditFormat::Json, &mut log).await.unwrap();
    let log: Value = serde_json::from_slice(&log).unwrap();
    let actions: Vec<_> =
        log["entries"].as_array().unwrap().iter().map(|entry| &entry["action"]).collect();
    assert_eq!(actions, ["plan.deleted", "plan.changed", "plan.changed"]);
    assert!(log["entries"][0]["actor"].as_str().unwrap().starts_with("admin:"));
}

#[tokio::test]
async fn a_key_of_anybody_is_found_and_revoked_and_its_owner_told() {
    let app = TestApp::start().await;
    let admin = app.administrator("root@example.com").await;
    let user = app.user("ann@example.com").await;
    let operator = app.operator().await;
    let (_, key) = app.key(&user, json!({ "name": "ci" })).await;
    let found = admin.get(&format!("{KEYS}?email=Ann@example.com")).await;
    let key_id = found.body["api_keys"][0]["key_id"].as_str().unwrap().to_owned();
    assert_eq!(found.body["api_keys"][0]["status"], "active");
    let one = admin.get(&format!("{KEYS}?key_id={key_id}")).await.body;
    assert_eq!(one["api_keys"], found.body["api_keys"]);
    let secret = key.authorization.clone().unwrap();
    assert!(!one.to_string().contains(secret.rsplit('_').next().unwrap()));
    assert_eq!(admin.get(KEYS).await.status, 422);
    assert_eq!(
        admin.get(&format!("{KEYS}?email=eve@example.com")).await.body["api_keys"],
        json!([])
    );

    assert_eq!(admin.delete(&format!("{KEYS}/{key_id}")).await.status, 204);
    assert_eq!(key.get("/v1/auth/me").await.status, 401);
    assert_eq!(admin.delete(&format!("{KEYS}/{key_id}")).await.status, 204);
    assert_eq!(admin.delete(&format!("{KEYS}/cl_000000000000")).await.status, 404);
    assert_eq!(admin.delete(&format!("{KEYS}/nonsense")).await.status, 404);
    let letter = app.letter("ann@example.com", "API key revoked", 1).await;
    assert!(letter.contains(&key_id) && letter.contains("admin:"), "{letter}");
    assert_eq!(newest(&user, 1).await[0]["action"], "api_key.revoked");

    // The same beside the server, and for keys that are made there.
    let made = operator.create_key("ann@example.com", "beside", None).await.unwrap();
    let letter = app.letter("ann@example.com", "New API key", 2).await;
    assert!(letter.contains(&made.key_id) && !letter.contains(&made.api_key), "{letter}");
    operator.revoke_key(&made.key_id).await.unwrap();
    assert!(app.letter("ann@example.com", "API key revoked", 2).await.contains("By: operator"));
}

#[tokio::test]
async fn the_overview_counts_what_the_day_brought() {
    let app = TestApp::start().await;
    let admin = app.administrator("root@example.com").await;
    let user = app.user("ann@example.com").await;
    app.key(&user, json!({ "name": "ci" })).await;
    user.post("/v1/scan", json!({ "domain": "example.com" })).await;
    let wrong = json!({ "email": "ann@example.com", "password": "wrong" });
    app.anonymous().post("/v1/auth/login", wrong).await;
    let began = std::time::Instant::now();
    let seen = loop {
        let seen = admin.get("/v1/admin/overview").await.body;
        if seen["failed_attempts_today"] == 1 {
            break seen;
        }
        assert!(began.elapsed() < std::time::Duration::from_secs(10), "{seen}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    assert_eq!((&seen["accounts"], &seen["users"]), (&json!(2), &json!(2)));
    assert_eq!((&seen["living_keys"], &seen["scans_today"]), (&json!(1), &json!(1)));
    assert!(seen["queue_depth"].is_number());
    // A new day begins with nothing.
    app.clock.advance(16 * HOUR_MS);
    let seen = admin.get("/v1/admin/overview").await.body;
    assert_eq!((&seen["scans_today"], &seen["failed_attempts_today"]), (&json!(0), &json!(0)));
    assert_eq!(seen["users"], 2);
}

#[tokio::test]
async fn the_command_line_sees_and_changes_the_same() {
    let app = TestApp::start().await;
    app.administrator("root@example.com").await;
    let user = app.user("ann@example.com").await;
    let operator = app.operator().await;
    let emails = |users: Vec<server::operator::UserStatus>| -> Vec<String> {
        users.into_iter().map(|user| user.email).collect()
    };
    let all = operator.list_users(None, None, None).await.unwrap();
    assert_eq!(emails(all), ["ann@example.com", "root@example.com"]);
    let some = operator.list_users(Some("ROOT".to_owned()), None, Some("free".to_owned())).await;
    assert_eq!(emails(some.unwrap()), ["root@example.com"]);

    let numbers = PlanOverrides { per_minute: Some(66), ..PlanOverrides::default() };
    let own = operator.set_overrides("ann@example.com", numbers).await.unwrap();
    assert_eq!(own.overrides, numbers);
    assert_eq!(user.get("/v1/auth/me").await.header("x-ratelimit-limit"), "66");
    let none = PlanOverrides::default();
    assert_eq!(operator.set_overrides("ann@example.com", none).await.unwrap().overrides, none);
    assert_eq!(user.get("/v1/auth/me").await.header("x-ratelimit-limit"), "120");

    let gates = Some(vec!["csv".to_owned()]);
    let made = operator.set_plan_limits("small", numbers, gates).await.unwrap();
    let free: Vec<_> = operator.list_plans().await.unwrap();
    let free = free.into_iter().find(|found| found.plan.id == "free").unwrap();
    assert_eq!(free.accounts, 2);
    let wanted =
        Plan { id: "small".to_owned(), per_minute: 66, gates: vec!["csv".to_owned()], ..free.plan };
    assert_eq!(made, wanted);
    let more = PlanOverrides { seats: Some(3), ..none };
    let changed = operator.set_plan_limits("small", more, None).await.unwrap();
    assert_eq!(changed, Plan { seats: 3, ..wanted });
    assert!(operator.set_plan_limits("small", more, Some(vec!["x".to_owned()])).await.is_err());
    assert!(operator.show_user("eve@example.com").await.is_err());
    // The first thing in the log of an account that was made for somebody.
    let root = app.sign_in("root@example.com").await;
    let log = newest(&root, 100).await;
    assert_eq!(log.last().unwrap()["action"], "account.created");
    assert_eq!(log.last().unwrap()["actor"], "operator");
}
