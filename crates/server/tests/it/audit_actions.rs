//! Every act leaves exactly one entry, of its own kind.

use std::collections::BTreeSet;

use http::Method;
use model::{AuditAction, Plan, SubscriptionStatus};
use serde_json::{Value, json};
use server::operator::{AuditFormat, Operator};

use crate::support::{PASSWORD, TestApp, roomy, token};

const ANN: &str = "ann@example.com";
/// What ann is called for a while.
const ANNA: &str = "anna@example.com";

/// Acts whose entries the tests of their own files hold: `team`, `passkeys`, `second_factors`,
/// `alert_settings`, `sharing`, `accepted_risks`, `ownership`.
const ELSEWHERE: &[&str] = &[
    "team.",
    "api_key.transferred",
    "passkey.",
    "totp.",
    "recovery_code",
    "second_factors.",
    "alert_settings.",
    "report.",
    "risk.",
    "scan.",
];

/// How often each action stands in the logs of ann and of the instance.
async fn count(operator: &Operator, action: AuditAction) -> usize {
    let mut found = 0;
    for email in [Some(ANN), Some(ANNA), None] {
        let mut log = Vec::new();
        if operator.export_audit_log(email, AuditFormat::Json, &mut log).await.is_err() {
            continue;
        }
        let log: Value = serde_json::from_slice(&log).unwrap();
        let entries = log["entries"].as_array().unwrap();
        found += entries.iter().filter(|entry| entry["action"] == action.as_str()).count();
    }
    found
}

/// Does something and checks that one entry of that action came of it.
macro_rules! leaves_one {
    ($seen:ident, $operator:ident, $action:ident, $act:expr) => {{
        let before = count(&$operator, AuditAction::$action).await;
        let done = $act;
        let after = count(&$operator, AuditAction::$action).await;
        assert_eq!(after, before + 1, "{}", AuditAction::$action);
        $seen.insert(AuditAction::$action.as_str());
        done
    }};
}

#[tokio::test]
async fn every_act_leaves_one_entry_of_its_kind() {
    let app = TestApp::start().await;
    let root = app.administrator("root@example.com").await;
    let operator = app.operator().await;
    let mut seen = BTreeSet::new();
    let order = server::operator::UserOrder {
        email: ANN.to_owned(),
        name: None,
        plan: None,
        role: model::Role::User,
        password: Some(PASSWORD.to_owned()),
    };
    leaves_one!(seen, operator, AccountCreated, operator.create_user(order).await.unwrap());
    let plan = Plan { id: "own".to_owned(), gates: vec!["restricted_keys".to_owned()], ..roomy() };
    leaves_one!(seen, operator, PlanChanged, operator.put_plan(&plan).await.unwrap());
    leaves_one!(seen, operator, AccountPlanChanged, operator.set_plan(ANN, "own").await.unwrap());
    let active = SubscriptionStatus::Active;
    leaves_one!(
        seen,
        operator,
        AccountSubscriptionChanged,
        operator.set_subscription(ANN, active).await.unwrap()
    );
    leaves_one!(seen, operator, AccountStateChanged, operator.resume(ANN).await.unwrap());
    let none = model::PlanOverrides::default();
    leaves_one!(
        seen,
        operator,
        AccountOverridesChanged,
        operator.set_overrides(ANN, none).await.unwrap()
    );
    let found = root.get("/v1/admin/users?email=ann@").await.body["users"][0]["id"].clone();
    let path = format!("/v1/admin/users/{found}");
    leaves_one!(
        seen,
        operator,
        EmailVerified,
        root.patch(&path, json!({ "email_verified": true })).await
    );
    let other = Plan { id: "other".to_owned(), ..roomy() };
    operator.put_plan(&other).await.unwrap();
    leaves_one!(seen, operator, PlanDeleted, root.delete("/v1/admin/plans/other").await);

    let wrong = json!({ "email": ANN, "password": "wrong" });
    leaves_one!(seen, operator, SignInFailed, {
        app.anonymous().post("/v1/auth/login", wrong).await;
        // Written beside the answer.
        let began = std::time::Instant::now();
        while count(&operator, AuditAction::SignInFailed).await == 0 {
            assert!(began.elapsed() < std::time::Duration::from_secs(10));
        }
    });
    app.clock.advance(model::SECOND_MS);
    let ann = leaves_one!(seen, operator, SessionStarted, app.sign_in(ANN).await);
    let proof = json!({ "password": PASSWORD });
    leaves_one!(seen, operator, SessionProved, ann.post("/v1/auth/step-up", proof).await);
    leaves_one!(
        seen,
        operator,
        UserRenamed,
        ann.patch("/v1/auth/me", json!({ "name": "Ann" })).await
    );
    let reply = ann.post("/v1/auth/email/change", json!({ "email": ANNA })).await;
    assert_eq!(reply.status, 202, "{}", reply.body);
    let allow = app.letter(ANN, "Change the address", 1).await;
    let follow = async |letter: &str| {
        app.anonymous().post("/v1/auth/email/verify", json!({ "token": token(letter) })).await
    };
    assert_eq!(follow(&allow).await.status, 204);
    let confirm = app.letter(ANNA, "Confirm your new", 1).await;
    leaves_one!(seen, operator, EmailChanged, follow(&confirm).await);
    let back = ann.post("/v1/auth/email/change", json!({ "email": ANN })).await;
    assert_eq!(back.status, 202, "{}", back.body);
    follow(&app.letter(ANNA, "Change the address", 1).await).await;
    follow(&app.letter(ANN, "Confirm your new", 1).await).await;
    let (id, _) =
        leaves_one!(seen, operator, ApiKeyCreated, app.key(&ann, json!({ "name": "ci" })).await);
    let key = format!("/v1/auth/api-keys/{id}");
    leaves_one!(seen, operator, ApiKeyUpdated, ann.patch(&key, json!({ "name": "new" })).await);
    leaves_one!(seen, operator, ApiKeyRotated, ann.post(&format!("{key}/rotate"), json!({})).await);
    leaves_one!(seen, operator, ApiKeyRevoked, ann.delete(&key).await);
    let policy = json!({ "leak_policy": "notify" });
    leaves_one!(seen, operator, KeyPolicyUpdated, {
        let reply = ann.send(Method::PUT, "/v1/settings/key-policy", Some(policy)).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
    });
    let (_, leaked) = app.key(&ann, json!({ "name": "leaked" })).await;
    let leaked = leaked.authorization.unwrap().replace("Bearer ", "");
    leaves_one!(seen, operator, ApiKeyExposed, {
        app.anonymous().post("/v1/leaks/report", json!([{ "token": leaked }])).await;
        app.letter(ANN, "LEAKED API key", 1).await
    });
    let second = app.sign_in(ANN).await;
    leaves_one!(seen, operator, SessionEnded, second.post("/v1/auth/logout", json!({})).await);
    let new = json!({ "current_password": PASSWORD, "new_password": "gurgling walnut ferry toll" });
    leaves_one!(seen, operator, PasswordChanged, ann.post("/v1/auth/password/change", new).await);
    app.anonymous().post("/v1/auth/password/forgot", json!({ "email": ANN })).await;
    let letter = app.letter(ANN, "Set a new password", 1).await;
    let reset = json!({ "token": token(&letter), "new_password": PASSWORD });
    leaves_one!(
        seen,
        operator,
        PasswordReset,
        app.anonymous().post("/v1/auth/password/reset", reset).await
    );
    let ann = app.sign_in(ANN).await;
    leaves_one!(seen, operator, AccountExported, ann.get("/v1/auth/export").await);
    let farewell = Some(json!({ "current_password": PASSWORD }));
    leaves_one!(
        seen,
        operator,
        AccountDeleted,
        ann.send(Method::DELETE, "/v1/auth/me", farewell).await
    );

    for action in AuditAction::ALL.iter().map(|action| action.as_str()) {
        let elsewhere = ELSEWHERE.iter().any(|family| action.starts_with(family));
        assert!(elsewhere || seen.contains(action), "nothing here does `{action}`");
    }
}
