//! What a sign-in takes besides the password.

use http::Method;
use model::{DAY_MS, MINUTE_MS, SECOND_MS, Scope};
use serde_json::{Value, json};
use server::operator::OperatorError;

use crate::authenticator::{Authenticator, confirm, sign_in};
use crate::browser::{Browser, unmasked};
use crate::support::{Client, PASSWORD, Reply, TestApp, token};

const ANN: &str = "ann@example.com";
const MFA: &str = "/v1/auth/mfa";
const TOTP: &str = "/v1/auth/mfa/totp";
const CODES: &str = "/v1/auth/mfa/recovery-codes";
const STEP_UP: &str = "/v1/auth/step-up";

async fn enrolled() -> (TestApp, Client, Authenticator, Vec<String>) {
    let app = TestApp::start().await;
    let ann = app.user(ANN).await;
    let (authenticator, codes) = Authenticator::enrol(&app, &ann).await;
    (app, ann, authenticator, codes)
}

async fn enters(app: &TestApp, beside: Value) -> Reply {
    sign_in(app, ANN, PASSWORD, beside).await
}

fn code_of(reply: &Reply) -> (u16, &str) {
    (reply.status, reply.body["code"].as_str().unwrap_or_default())
}

/// Waits until the audit log says that it was done, with that in the detail. What failed is written
/// beside the answer.
async fn logged(user: &Client, action: &str, detail: &str) {
    let began = std::time::Instant::now();
    loop {
        let log = user.get(&format!("/v1/audit-log?action={action}")).await.body;
        let entries = log["entries"].as_array().unwrap_or_else(|| panic!("{log}"));
        if entries.iter().any(|entry| entry["detail"].to_string().contains(detail)) {
            return;
        }
        assert!(began.elapsed().as_secs() < 10, "no {action} with {detail}: {log}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn an_enrolment_without_a_code_changes_nothing() {
    let app = TestApp::start().await;
    let ann = app.user(ANN).await;
    let made = ann.post("/v1/auth/mfa/totp/enroll", json!({})).await;
    assert_eq!(made.status, 200, "{}", made.body);
    assert_eq!(made.header("cache-control"), "no-store");
    let secret = made.body["secret"].as_str().unwrap();
    assert_eq!(secret.len(), 32);
    let url = made.body["otpauth_url"].as_str().unwrap();
    assert!(url.starts_with("otpauth://totp/ComplianceLayer:ann%40example.com?"), "{url}");
    assert!(url.contains(secret));
    assert!(made.body["qr_svg"].as_str().unwrap().starts_with("<svg "));

    let authenticator = Authenticator::new(secret);
    let wrong = confirm(&ann, &authenticator.wrong(&app)).await;
    assert_eq!((wrong.status, &wrong.body["errors"][0]["field"]), (422, &json!("code")));
    let none = json!({
        "totp": { "enrolled": false, "confirmed_at": null }, "passkeys": [], "recovery_codes_left": 0,
    });
    assert_eq!(ann.get(MFA).await.body, none);
    assert_eq!(ann.get("/v1/auth/me").await.body["mfa"], false);
    assert_eq!(enters(&app, json!({})).await.status, 200);
    // A code that nobody asked for is left alone.
    assert_eq!(enters(&app, json!({ "totp": "000000" })).await.status, 200);

    let again = Authenticator::begin(&ann).await;
    assert_eq!(confirm(&ann, &authenticator.code(&app)).await.status, 422, "the later one counts");
    app.clock.advance(15 * MINUTE_MS);
    let late = app.sign_in(ANN).await;
    assert_eq!(code_of(&confirm(&late, &again.code(&app)).await), (409, "conflict"));
}

#[tokio::test]
async fn a_confirmed_authenticator_is_asked_for_whoever_knows_the_password() {
    let app = TestApp::start().await;
    let ann = app.user(ANN).await;
    let other = app.sign_in(ANN).await;
    let (authenticator, codes) = Authenticator::enrol(&app, &ann).await;
    let mut distinct = codes.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), 10);
    assert!(codes.iter().all(|code| code.len() == 27), "{codes:?}");
    assert_eq!(ann.get("/v1/auth/me").await.body["mfa"], true);
    assert_eq!(other.get("/v1/auth/me").await.status, 401, "other sessions have ended");
    let confirmed_at = app.clock.now().to_string();
    let found = ann.get(MFA).await.body;
    assert_eq!(found["totp"], json!({ "enrolled": true, "confirmed_at": confirmed_at }));
    assert_eq!(found["recovery_codes_left"], 10);
    app.letter(ANN, "An authenticator was added", 1).await;

    let asked = enters(&app, json!({})).await;
    assert_eq!((asked.status, &asked.body["error"]), (403, &json!("mfa_required")));
    assert!(asked.body["message"].as_str().unwrap().contains("`totp`"));
    let right = enters(&app, json!({ "totp": authenticator.next(&app) })).await;
    assert_eq!(right.status, 200, "{}", right.body);

    // Who does not know the password learns nothing, whatever else is sent.
    let code = authenticator.next(&app);
    let unknown = sign_in(&app, "bob@example.com", PASSWORD, json!({ "totp": code })).await;
    let wrong_password = sign_in(&app, ANN, "wrong", json!({ "totp": code })).await;
    app.clock.advance(SECOND_MS);
    let without = sign_in(&app, ANN, "wrong", json!({})).await;
    app.clock.advance(SECOND_MS);
    let wrong_code = enters(&app, json!({ "totp": authenticator.wrong(&app) })).await;
    for refused in [&wrong_password, &without, &wrong_code] {
        assert_eq!((refused.status, refused.constant()), (401, unknown.constant()));
        assert_eq!(refused.header("www-authenticate"), unknown.header("www-authenticate"));
    }

    logged(&ann, "totp.enrolled", r#""sessions_ended":1"#).await;
    logged(&ann, "session.started", r#""second_factor":"totp""#).await;
    logged(&ann, "sign_in.failed", "wrong_code").await;
    logged(&ann, "sign_in.failed", "wrong_password").await;
}

#[tokio::test]
async fn a_code_is_good_once_a_step_to_either_side() {
    let (app, _, authenticator, _) = enrolled().await;
    let confirmed = enters(&app, json!({ "totp": authenticator.code(&app) })).await;
    assert_eq!(confirmed.status, 401, "the code that confirmed is used up");
    app.clock.advance(SECOND_MS);
    let ahead = authenticator.code_in(&app, 1);
    assert_eq!(
        enters(&app, json!({ "totp": format!("{} {}", &ahead[..3], &ahead[3..]) })).await.status,
        200
    );
    assert_eq!(enters(&app, json!({ "totp": ahead })).await.status, 401, "replayed");
    app.clock.advance(90 * SECOND_MS);
    let behind = authenticator.code_in(&app, -1);
    assert_eq!(enters(&app, json!({ "totp": behind })).await.status, 200);
    let (early, late) = (authenticator.code_in(&app, 2), authenticator.code_in(&app, -2));
    assert_eq!(enters(&app, json!({ "totp": early })).await.status, 401);
    app.clock.advance(SECOND_MS);
    assert_eq!(enters(&app, json!({ "totp": late })).await.status, 401);
}

#[tokio::test]
async fn of_fifty_sign_ins_with_one_code_one_is_let_in() {
    let (app, _, authenticator, _) = enrolled().await;
    let code = authenticator.next(&app);
    let sent = json!({ "email": ANN, "password": PASSWORD, "totp": code });
    let racers: Vec<_> = (0..50)
        .map(|_| {
            let (client, sent) = (app.anonymous(), sent.clone());
            tokio::spawn(async move { client.post("/v1/auth/login", sent).await.status })
        })
        .collect();
    let mut entered = 0;
    for racer in racers {
        let status = racer.await.unwrap();
        assert!([200, 401, 429].contains(&status), "{status}");
        entered += usize::from(status == 200);
    }
    assert_eq!(entered, 1);
}

#[tokio::test]
async fn three_wrong_codes_wait_for_the_next_step_and_count_as_failures() {
    let (app, ann, authenticator, _) = enrolled().await;
    app.limit(ANN, i64::MAX).await;
    app.clock.advance(24 * SECOND_MS);
    assert_eq!(app.clock.now().unix_seconds() % 30, 0, "a step begins");
    for pause in [1, 1, 3] {
        let wrong = enters(&app, json!({ "totp": authenticator.wrong(&app) })).await;
        assert_eq!(wrong.status, 401);
        let hurried = enters(&app, json!({ "totp": authenticator.code(&app) })).await;
        assert_eq!((hurried.status, &hurried.body["window"]), (429, &json!("address-failures")));
        assert_eq!(hurried.header("retry-after"), pause.to_string());
        // The password alone is no right guess: it washes nothing away.
        app.clock.advance(pause * SECOND_MS);
        assert_eq!(enters(&app, json!({})).await.status, 403);
    }
    let spent = enters(&app, json!({ "totp": authenticator.code(&app) })).await;
    assert_eq!((spent.status, &spent.body["window"]), (429, &json!("codes")));
    assert_eq!(spent.header("retry-after"), "25");
    app.clock.advance(25 * SECOND_MS);
    assert_eq!(enters(&app, json!({ "totp": authenticator.code(&app) })).await.status, 200);
    let began = std::time::Instant::now();
    loop {
        let failed = ann.get("/v1/usage/failed-auth?reason=wrong_code").await.body;
        let attempts = failed["attempts"].as_array().unwrap();
        if attempts.iter().filter_map(|row| row["attempts"].as_i64()).sum::<i64>() == 3 {
            break;
        }
        assert!(began.elapsed().as_secs() < 10, "{failed}");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_recovery_code_stands_in_once_and_new_ones_void_the_old() {
    let (app, ann, _, codes) = enrolled().await;
    let typed = codes[0].to_uppercase().replace('-', " ");
    let entered = enters(&app, json!({ "recovery_code": typed })).await;
    assert_eq!(entered.status, 200, "{}", entered.body);
    assert_eq!(ann.get(MFA).await.body["recovery_codes_left"], 9);
    let letter = app.letter(ANN, "A recovery code was used", 1).await;
    assert!(letter.contains("There are 9 left"), "{letter}");
    let replayed = enters(&app, json!({ "recovery_code": codes[0] })).await;
    assert_eq!(code_of(&replayed), (401, "unauthorized"));
    app.clock.advance(SECOND_MS);
    let both = enters(&app, json!({ "recovery_code": codes[1], "totp": "123456" })).await;
    assert_eq!(code_of(&both), (422, "validation_failed"));

    let renewed = ann.post(CODES, json!({})).await;
    assert_eq!(renewed.status, 200, "{}", renewed.body);
    let fresh = renewed.body["recovery_codes"].as_array().unwrap();
    assert_eq!(fresh.len(), 10);
    app.letter(ANN, "New recovery codes were made", 1).await;
    assert_eq!(enters(&app, json!({ "recovery_code": codes[1] })).await.status, 401, "void");
    app.clock.advance(SECOND_MS);
    assert_eq!(enters(&app, json!({ "recovery_code": fresh[0] })).await.status, 200);
    logged(&ann, "recovery_code.used", r#""left":9"#).await;
    logged(&ann, "recovery_codes.replaced", "10").await;
}

#[tokio::test]
async fn with_a_second_factor_that_is_the_proof() {
    let (app, ann, authenticator, codes) = enrolled().await;
    app.clock.advance(5 * MINUTE_MS);
    for (method, path) in [
        (Method::POST, "/v1/auth/mfa/totp/enroll"),
        (Method::POST, "/v1/auth/mfa/totp/confirm"),
        (Method::POST, CODES),
        (Method::DELETE, TOTP),
    ] {
        let refused = ann.send(method, path, Some(json!({ "code": "123456" }))).await;
        assert_eq!(code_of(&refused), (403, "step_up_required"), "{path}");
    }
    let alone = ann.post(STEP_UP, json!({ "password": PASSWORD })).await;
    assert_eq!(code_of(&alone), (403, "mfa_required"));
    let code = authenticator.next(&app);
    let wrong = ann.post(STEP_UP, json!({ "password": "wrong", "totp": code })).await;
    assert_eq!((wrong.status, &wrong.body["errors"][0]["field"]), (422, &json!("password")));
    app.clock.advance(SECOND_MS);
    let wrong = ann.post(STEP_UP, json!({ "totp": authenticator.wrong(&app) })).await;
    assert_eq!((wrong.status, &wrong.body["errors"][0]["field"]), (422, &json!("totp")));
    app.clock.advance(SECOND_MS);
    assert_eq!(ann.post(STEP_UP, json!({ "password": PASSWORD, "totp": code })).await.status, 204);
    assert_eq!(ann.post(CODES, json!({})).await.status, 200);
    app.clock.advance(5 * MINUTE_MS);
    let void = ann.post(STEP_UP, json!({ "recovery_code": codes[0] })).await;
    assert_eq!(void.body["errors"][0]["field"], "recovery_code");
    app.clock.advance(SECOND_MS);
    assert_eq!(ann.post(STEP_UP, json!({ "totp": authenticator.code(&app) })).await.status, 204);
}

#[tokio::test]
async fn removing_takes_a_fresh_proof_and_ends_the_others() {
    let (app, ann, authenticator, codes) = enrolled().await;
    let entered = enters(&app, json!({ "recovery_code": codes[0] })).await;
    let other = app.bearer(entered.body["token"].as_str().unwrap());
    assert_eq!(other.get("/v1/auth/me").await.status, 200);
    assert_eq!(ann.delete(TOTP).await.status, 204);
    assert_eq!(other.get("/v1/auth/me").await.status, 401);
    assert_eq!(ann.delete(TOTP).await.status, 404);
    assert_eq!(ann.get("/v1/auth/me").await.body["mfa"], false);
    assert_eq!(ann.get(MFA).await.body["recovery_codes_left"], 0);
    assert_eq!(code_of(&ann.post(CODES, json!({})).await), (409, "conflict"));
    app.letter(ANN, "Your authenticator was removed", 1).await;
    assert_eq!(enters(&app, json!({})).await.status, 200);
    // What belonged to the former one opens nothing once there is another.
    let (later, _) = Authenticator::enrol(&app, &ann).await;
    assert_eq!(enters(&app, json!({ "recovery_code": codes[1] })).await.status, 401);
    app.clock.advance(SECOND_MS);
    assert_eq!(enters(&app, json!({ "totp": authenticator.next(&app) })).await.status, 401);
    app.clock.advance(SECOND_MS);
    assert_eq!(enters(&app, json!({ "totp": later.code(&app) })).await.status, 200);
}

#[tokio::test]
async fn a_new_authenticator_takes_the_place_of_the_old_once_it_is_confirmed() {
    let (app, ann, old, codes) = enrolled().await;
    let new = Authenticator::begin(&ann).await;
    assert_eq!(enters(&app, json!({ "totp": old.next(&app) })).await.status, 200);
    assert_eq!(confirm(&ann, &new.code(&app)).await.status, 200);
    assert_eq!(enters(&app, json!({ "totp": old.next(&app) })).await.status, 401);
    app.clock.advance(SECOND_MS);
    assert_eq!(enters(&app, json!({ "recovery_code": codes[0] })).await.status, 401);
    app.clock.advance(SECOND_MS);
    assert_eq!(enters(&app, json!({ "totp": new.code(&app) })).await.status, 200);
}

#[tokio::test]
async fn a_key_changes_no_factor() {
    let app = TestApp::start().await;
    let ann = app.user(ANN).await;
    let scopes: Vec<_> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
    let (_, key) = app.key(&ann, json!({ "name": "full", "scopes": scopes })).await;
    for (method, path) in [
        (Method::GET, MFA),
        (Method::POST, "/v1/auth/mfa/totp/enroll"),
        (Method::POST, "/v1/auth/mfa/totp/confirm"),
        (Method::POST, CODES),
        (Method::DELETE, TOTP),
    ] {
        let refused = key.send(method, path, Some(json!({ "code": "123456" }))).await;
        assert_eq!(code_of(&refused), (403, "sign_in_required"), "{path}");
    }
    // Keys go on when a factor is enrolled: they are no sign-in.
    Authenticator::enrol(&app, &ann).await;
    assert_eq!(key.get("/v1/auth/me").await.body["mfa"], true);
}

#[tokio::test]
async fn a_reset_by_mail_leaves_the_second_factor_and_takes_a_shorter_password() {
    const SHORT: &str = "vK9$Lq2!";
    let (app, ann, authenticator, _) = enrolled().await;
    app.anonymous().post("/v1/auth/password/forgot", json!({ "email": ANN })).await;
    let link = token(&app.letter(ANN, "Set a new password", 1).await);
    let reset = json!({ "token": link, "new_password": SHORT });
    assert_eq!(app.anonymous().post("/v1/auth/password/reset", reset).await.status, 204);
    assert_eq!(ann.get("/v1/auth/me").await.status, 401);
    assert_eq!(sign_in(&app, ANN, SHORT, json!({})).await.status, 403);
    let entered = sign_in(&app, ANN, SHORT, json!({ "totp": authenticator.next(&app) })).await;
    assert_eq!(entered.status, 200, "{}", entered.body);
    let ann = app.bearer(entered.body["token"].as_str().unwrap());
    let change = |new: &str| json!({ "current_password": SHORT, "new_password": new });
    let path = "/v1/auth/password/change";
    let weak = ann.post(path, change("password")).await;
    assert_eq!((weak.status, &weak.body["errors"][0]["field"]), (422, &json!("new_password")));
    assert_eq!(ann.post(path, change("tR4#mW8?")).await.status, 204);

    app.user("bob@example.com").await;
    let bob = app.sign_in("bob@example.com").await;
    let change = json!({ "current_password": PASSWORD, "new_password": SHORT });
    assert_eq!(bob.post(path, change).await.status, 422);
}

#[tokio::test]
async fn the_sign_in_page_asks_for_the_code_without_script() {
    let (app, _, authenticator, codes) = enrolled().await;
    let mut browser = Browser::new(&app);
    let shown = browser.open("/login").await;
    assert!(!shown.text().contains("name=\"code\""));
    let asked = browser.fill("/login", "/login", &[("email", ANN), ("password", PASSWORD)]).await;
    assert_eq!(asked.status, 422);
    assert!(asked.text().contains("name=\"code\"") && asked.text().contains(ANN));
    assert!(!asked.text().contains(PASSWORD));
    let fields = |password, code| [("email", ANN), ("password", password), ("code", code)];
    let wrong = authenticator.wrong(&app);
    let refused = browser.fill("/login", "/login", &fields(PASSWORD, &wrong)).await;
    app.clock.advance(SECOND_MS);
    let unknown = browser
        .fill(
            "/login",
            "/login",
            &[("email", "bob@example.com"), ("password", PASSWORD), ("code", &wrong)],
        )
        .await;
    assert_eq!((refused.status, unknown.status), (422, 422));
    let said = |page: &str, email| unmasked(page).replace(email, "-");
    assert_eq!(said(refused.text(), ANN), said(unknown.text(), "bob@example.com"));
    let code = authenticator.next(&app);
    assert_eq!(browser.fill("/login", "/login", &fields(PASSWORD, &code)).await.status, 303);
    assert_eq!(browser.open("/settings/api-keys/new").await.status, 200);

    // Who is signed in and proves it again is asked for it at once.
    app.clock.advance(5 * MINUTE_MS);
    let again = "/login?next=%2Fsettings%2Fapi-keys%2Fnew";
    assert!(browser.open(again).await.text().contains("name=\"code\""));
    let proved = browser.fill(again, "/login", &fields(PASSWORD, &codes[0])).await;
    assert_eq!(proved.status, 303, "{}", proved.text());
    assert_eq!(browser.open("/settings/api-keys/new").await.status, 200);
}

#[tokio::test]
async fn the_operator_lets_somebody_in_who_lost_them_all() {
    let (app, ann, _, codes) = enrolled().await;
    let operator = app.operator().await;
    let changed = operator.reset_mfa("ANN@example.com").await.unwrap();
    assert_eq!(changed["mfa"], "reset");
    // The operator lives by the system's clock, which this one must not be behind.
    app.clock.advance(10 * 365 * DAY_MS);
    assert_eq!(ann.get("/v1/auth/me").await.status, 401);
    let entered = enters(&app, json!({})).await;
    assert_eq!(entered.status, 200, "{}", entered.body);
    let ann = app.bearer(entered.body["token"].as_str().unwrap());
    app.letter(ANN, "Your second factors were removed", 1).await;
    let log = ann.get("/v1/audit-log?action=second_factors.reset").await.body;
    assert_eq!(log["entries"][0]["actor"], "operator");
    for refused in [operator.reset_mfa(ANN).await, operator.reset_mfa("bob@example.com").await] {
        assert!(matches!(refused, Err(OperatorError::Refused(_))));
    }
    let step_up = ann.post(STEP_UP, json!({ "recovery_code": codes[0] })).await;
    assert_eq!(step_up.body["errors"][0]["field"], "password");
}

#[tokio::test]
async fn nothing_that_gives_a_code_is_kept_in_the_open() {
    let app = TestApp::start().await;
    let ann = app.user(ANN).await;
    let made = ann.post("/v1/auth/mfa/totp/enroll", json!({})).await;
    let secret = made.body["secret"].as_str().unwrap().to_owned();
    let authenticator = Authenticator::new(&secret);
    let confirmed = confirm(&ann, &authenticator.code(&app)).await.body;
    let codes = confirmed["recovery_codes"].as_array().unwrap();
    let used = codes[0].as_str().unwrap();
    assert_eq!(enters(&app, json!({ "recovery_code": used })).await.status, 200);
    app.letter(ANN, "A recovery code was used", 1).await;
    let mut needles = vec![secret.into_bytes(), authenticator.bytes().to_vec()];
    for code in codes {
        let code = code.as_str().unwrap();
        needles.push(code.as_bytes().to_vec());
        needles.push(code.replace('-', "").into_bytes());
    }
    let mut folders = vec![app.config.data_dir.clone()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            let bytes = std::fs::read(&path).unwrap();
            for needle in &needles {
                let stands = bytes.windows(needle.len()).any(|window| window == needle);
                assert!(!stands, "{} holds a secret", path.display());
            }
        }
    }
    assert!(files > 5);
}
