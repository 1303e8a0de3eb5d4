//! Passkeys, with an authenticator in software: adding one, signing in, proving again, and everything
//! that is to fail.

use model::{MINUTE_MS, SubscriptionStatus};
use serde_json::{Value, json};

use crate::software_authenticator::{ORIGIN, RP_ID, SoftwareAuthenticator, encode};
use crate::support::{Client, Reply, TestApp};

const PASSKEYS: &str = "/v1/auth/mfa/passkeys";
const START: &str = "/v1/auth/mfa/passkeys/register/start";
const FINISH: &str = "/v1/auth/mfa/passkeys/register/finish";
const SIGN_IN_START: &str = "/v1/auth/login/passkey/start";
const SIGN_IN_FINISH: &str = "/v1/auth/login/passkey/finish";
const STEP_UP_START: &str = "/v1/auth/step-up/passkey/start";
const STEP_UP_FINISH: &str = "/v1/auth/step-up/passkey/finish";

/// Makes one thing of what an authenticator says wrong.
type Spoil = fn(&mut SoftwareAuthenticator);

async fn started() -> TestApp {
    TestApp::with(&[("server.public_url", ORIGIN)]).await
}

/// Starts a ceremony and returns what the browser is asked for.
async fn options(client: &Client, path: &str) -> Value {
    let reply = client.send(http::Method::POST, path, None).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.body["publicKey"].clone()
}

async fn register(client: &Client, authenticator: &mut SoftwareAuthenticator) -> Reply {
    let credential = authenticator.create(&options(client, START).await);
    client.post(FINISH, json!({ "credential": credential, "name": " Laptop " })).await
}

/// Adds a passkey that works.
async fn passkey_of(client: &Client) -> (i64, SoftwareAuthenticator) {
    let mut authenticator = SoftwareAuthenticator::new();
    let reply = register(client, &mut authenticator).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    (reply.body["id"].as_i64().unwrap(), authenticator)
}

async fn sign_in(app: &TestApp, authenticator: &mut SoftwareAuthenticator) -> Reply {
    let stranger = app.anonymous();
    let credential = authenticator.get(&options(&stranger, SIGN_IN_START).await);
    stranger.post(SIGN_IN_FINISH, json!({ "credential": credential })).await
}

async fn audit(client: &Client) -> Vec<(String, Value)> {
    let log = client.get("/v1/audit-log").await.body;
    let entries = log["entries"].as_array().unwrap().iter().rev();
    entries
        .map(|entry| (entry["action"].as_str().unwrap().to_owned(), entry["detail"].clone()))
        .collect()
}

#[tokio::test]
async fn a_passkey_signs_its_user_in_without_a_password() {
    let app = started().await;
    let user = app.user("ann@example.com").await;
    let asked = options(&user, START).await;
    assert_eq!(asked["rp"], json!({ "id": RP_ID, "name": "ComplianceLayer" }));
    assert_eq!(asked["user"]["name"], "ann@example.com");
    assert_eq!(asked["attestation"], "none");
    assert_eq!(asked["pubKeyCredParams"][0], json!({ "type": "public-key", "alg": -7 }));
    let selection = &asked["authenticatorSelection"];
    assert_eq!(
        (&selection["residentKey"], &selection["userVerification"]),
        (&json!("required"), &json!("required"))
    );
    let mut authenticator = SoftwareAuthenticator::new();
    let added = register(&user, &mut authenticator).await;
    assert_eq!(added.status, 201, "{}", added.body);
    assert_eq!(
        added.body,
        json!({
            "id": added.body["id"],
            "name": "Laptop",
            "created_at": app.clock.now().to_string(),
            "last_used_at": null,
            "backed_up": false,
            "transports": ["internal"],
        })
    );
    let again = options(&user, START).await;
    assert_eq!(again["excludeCredentials"][0]["id"], json!(authenticator.id()));
    assert_eq!(again["user"]["id"], asked["user"]["id"], "one handle for a user");
    assert_ne!(again["challenge"], asked["challenge"]);

    let asked = options(&app.anonymous(), SIGN_IN_START).await;
    let mut members: Vec<_> = asked.as_object().unwrap().keys().cloned().collect();
    members.sort();
    assert_eq!(members, ["allowCredentials", "challenge", "rpId", "timeout", "userVerification"]);
    assert_eq!(asked["allowCredentials"], json!([]), "nobody learns who has a passkey");

    app.clock.advance(MINUTE_MS);
    let signed = sign_in(&app, &mut authenticator).await;
    assert_eq!(signed.status, 200, "{}", signed.body);
    assert_eq!(signed.body["user"]["email"], "ann@example.com");
    let mine = app.bearer(signed.body["token"].as_str().unwrap());
    assert_eq!(mine.get("/v1/auth/me").await.body["email"], "ann@example.com");
    let listed = mine.get(PASSKEYS).await.body;
    assert_eq!(listed["passkeys"][0]["last_used_at"], app.clock.now().to_string());
    let actions: Vec<_> = audit(&mine).await.into_iter().map(|(action, _)| action).collect();
    assert_eq!(actions, ["session.started", "passkey.added", "passkey.used", "session.started"]);
    let letter = app.letter("ann@example.com", "A passkey was added", 1).await;
    assert!(letter.contains("127.0.0.1") && letter.contains("/settings/security"), "{letter}");
}

#[tokio::test]
async fn whatever_is_wrong_with_a_sign_in_has_one_answer() {
    let app = started().await;
    let user = app.user("ann@example.com").await;
    let (_, authenticator) = passkey_of(&user).await;
    let stranger = app.anonymous();
    let constant = stranger.get("/v1/auth/me").await.constant();
    let mut wrong: Vec<(&str, SoftwareAuthenticator)> = Vec::new();
    let mut spoil = |name, change: &dyn Fn(&mut SoftwareAuthenticator)| {
        let mut other = authenticator.clone();
        change(&mut other);
        wrong.push((name, other));
    };
    spoil("origin", &|other| other.origin = "https://scan.example.com.evil.example".to_owned());
    spoil("scheme", &|other| other.origin = "http://scan.example.com".to_owned());
    spoil("frame", &|other| other.cross_origin = true);
    spoil("relying party", &|other| other.rp_id = "example.com".to_owned());
    spoil("not verified", &|other| other.flags = 0b1001);
    spoil("not present", &|other| other.flags = 0b1100);
    spoil("backup", &|other| other.flags = 0b0101);
    spoil("kind", &|other| other.kind = Some("webauthn.create"));
    spoil("no user", &|other| other.user_handle = None);
    spoil("other user", &|other| other.user_handle = Some(encode(&[1; 32])));
    spoil("unknown", &|other| other.credential_id = vec![7; 32]);
    let mut other = SoftwareAuthenticator::new();
    other.credential_id.clone_from(&authenticator.credential_id);
    other.user_handle.clone_from(&authenticator.user_handle);
    wrong.push(("signature", other));
    for (name, mut other) in wrong {
        let reply = sign_in(&app, &mut other).await;
        assert_eq!((reply.status, reply.constant()), (401, constant.clone()), "{name}");
    }

    let mut mine = authenticator.clone();
    let asked = options(&stranger, SIGN_IN_START).await;
    let finish = async |credential: Value| {
        stranger.post(SIGN_IN_FINISH, json!({ "credential": credential })).await
    };
    let mut forged = asked.clone();
    forged["challenge"] = json!(encode(&[9; 56]));
    let for_another_thing = options(&user, START).await;
    for (name, challenge) in [("forged", &forged), ("for adding", &for_another_thing)] {
        let reply = finish(mine.get(challenge)).await;
        assert_eq!((reply.status, reply.constant()), (401, constant.clone()), "{name}");
    }
    let credential = mine.get(&asked);
    for (member, text) in [
        ("signature", "AA"),
        ("signature", "=="),
        ("clientDataJSON", "e30"),
        ("authenticatorData", "AA"),
    ] {
        let mut broken = credential.clone();
        broken["response"][member] = json!(text);
        let reply = finish(broken).await;
        assert_eq!((reply.status, reply.constant()), (401, constant.clone()), "{member}");
    }
    // Nothing of that shuts the owner out.
    assert_eq!(finish(credential.clone()).await.status, 200);
    assert_eq!(finish(credential).await.status, 401, "the same answer again");
    let late = options(&stranger, SIGN_IN_START).await;
    app.clock.advance(5 * MINUTE_MS);
    assert_eq!(finish(mine.get(&late)).await.status, 401);
    let failed = user.get("/v1/usage/failed-auth?reason=wrong_passkey").await;
    assert_eq!(failed.status, 200, "{}", failed.body);
    let kept = audit(&user).await;
    let kept = kept.iter().filter(|(action, detail)| {
        action == "sign_in.failed" && detail["reason"] == "wrong_passkey"
    });
    assert!(kept.count() >= 15, "every one of a known passkey is in the log");
}

#[tokio::test]
async fn what_no_authenticator_of_ours_made_is_not_added() {
    let app = started().await;
    app.user("ann@example.com").await;
    app.limit("ann@example.com", 1_000).await;
    let user = app.sign_in("ann@example.com").await;
    let refused = |reply: &Reply, name: &str| {
        let field = &reply.body["errors"][0]["field"];
        assert_eq!((reply.status, field), (422, &json!("credential")), "{name}: {}", reply.body);
    };
    let spoils: [(&str, Spoil); 9] = [
        ("origin", |other| other.origin = "https://evil.example".to_owned()),
        ("frame", |other| other.cross_origin = true),
        ("relying party", |other| other.rp_id = "evil.example".to_owned()),
        ("not verified", |other| other.flags = 0b1001),
        ("not present", |other| other.flags = 0b1100),
        ("backed up and not eligible", |other| other.flags = 0b1_0101),
        ("kind", |other| other.kind = Some("webauthn.get")),
        ("empty id", |other| other.credential_id.clear()),
        ("long id", |other| other.credential_id = vec![1; 1024]),
    ];
    for (name, spoil) in spoils {
        let mut other = SoftwareAuthenticator::new();
        spoil(&mut other);
        refused(&register(&user, &mut other).await, name);
    }
    let asked = options(&user, START).await;
    let mut mine = SoftwareAuthenticator::new();
    let good = mine.create(&asked);
    let finish =
        async |credential: &Value| user.post(FINISH, json!({ "credential": credential })).await;
    for (pointer, text) in [
        ("/id", "AAAA"),
        ("/type", "password"),
        ("/response/attestationObject", "o2NmbXQ"),
        ("/response/clientDataJSON", "e30"),
    ] {
        let mut broken = good.clone();
        *broken.pointer_mut(pointer).unwrap() = json!(text);
        refused(&finish(&broken).await, pointer);
    }
    for name in ["", " ", "two\nlines", &"x".repeat(101)] {
        let reply = user.post(FINISH, json!({ "credential": good, "name": name })).await;
        assert_eq!((reply.status, &reply.body["errors"][0]["field"]), (422, &json!("name")));
    }
    let added = finish(&good).await;
    assert_eq!((added.status, &added.body["name"]), (201, &json!("Passkey")));
    refused(&finish(&good).await, "the same answer again");
    let again = register(&user, &mut mine).await;
    assert_eq!((again.status, &again.body["code"]), (409, &json!("conflict")), "known already");
    // What an authenticator says about its make is not asked for and not held against it.
    let mut attested = SoftwareAuthenticator::new();
    attested.format = "packed";
    assert_eq!(register(&user, &mut attested).await.status, 201);
    let late = options(&user, START).await;
    app.clock.advance(5 * MINUTE_MS);
    let fresh = json!({ "password": crate::support::PASSWORD });
    assert_eq!(user.post("/v1/auth/step-up", fresh).await.status, 204);
    refused(&finish(&SoftwareAuthenticator::new().create(&late)).await, "too late");
}

#[tokio::test]
async fn a_challenge_is_for_the_sign_in_that_asked() {
    let app = started().await;
    let ann = app.user("ann@example.com").await;
    let elsewhere = app.sign_in("ann@example.com").await;
    let bob = app.user("bob@example.com").await;
    let credential = SoftwareAuthenticator::new().create(&options(&ann, START).await);
    for other in [&bob, &elsewhere] {
        let reply = other.post(FINISH, json!({ "credential": credential })).await;
        assert_eq!(reply.status, 422, "{}", reply.body);
    }
    assert_eq!(ann.post(FINISH, json!({ "credential": credential })).await.status, 201);
    assert_eq!(bob.get(PASSKEYS).await.body["passkeys"], json!([]));
}

#[tokio::test]
async fn of_many_answers_to_one_challenge_one_wins() {
    let app = started().await;
    let user = app.user("ann@example.com").await;
    let credential = SoftwareAuthenticator::new().create(&options(&user, START).await);
    let (added, _) = race(&user, FINISH, &credential).await;
    assert_eq!(added, 1);
    let (_, mut authenticator) = passkey_of(&user).await;
    let stranger = app.anonymous();
    let credential = authenticator.get(&options(&stranger, SIGN_IN_START).await);
    let (signed_in, refused) = race(&stranger, SIGN_IN_FINISH, &credential).await;
    assert_eq!((signed_in, refused), (1, 9));
}

/// Sends one answer ten times at once; gives how many were taken and how many were a 401.
async fn race(client: &Client, path: &'static str, credential: &Value) -> (usize, usize) {
    let racers: Vec<_> = (0..10)
        .map(|_| {
            let (client, body) = (client.clone(), json!({ "credential": credential }));
            tokio::spawn(async move { client.post(path, body).await.status })
        })
        .collect();
    let mut statuses = Vec::new();
    for racer in racers {
        statuses.push(racer.await.unwrap());
    }
    let count = |of: &dyn Fn(u16) -> bool| statuses.iter().filter(|status| of(**status)).count();
    (count(&|status| status < 300), count(&|status| status == 401))
}

#[tokio::test]
async fn a_copy_of_a_passkey_shows_by_its_counter() {
    let app = started().await;
    let user = app.user("ann@example.com").await;
    let (_, mut authenticator) = passkey_of(&user).await;
    authenticator.count = 7;
    assert_eq!(sign_in(&app, &mut authenticator).await.status, 200);
    for count in [7, 6, 0] {
        authenticator.count = count;
        assert_eq!(sign_in(&app, &mut authenticator).await.status, 401, "{count}");
    }
    let failed: Vec<_> =
        audit(&user).await.into_iter().filter(|(action, _)| action == "sign_in.failed").collect();
    assert_eq!(failed.len(), 3);
    assert!(failed.iter().all(|(_, detail)| detail["reason"] == "passkey_counter"), "{failed:?}");
    authenticator.count = 8;
    assert_eq!(sign_in(&app, &mut authenticator).await.status, 200);
}

#[tokio::test]
async fn a_removed_passkey_signs_nobody_in() {
    let app = started().await;
    let user = app.user("ann@example.com").await;
    let (id, mut authenticator) = passkey_of(&user).await;
    let bob = app.user("bob@example.com").await;
    let path = format!("{PASSKEYS}/{id}");
    assert_eq!(bob.delete(&path).await.status, 404);
    assert_eq!(bob.patch(&path, json!({ "name": "mine" })).await.status, 404);
    let renamed = user.patch(&path, json!({ "name": "Work" })).await;
    assert_eq!((renamed.status, &renamed.body["name"]), (200, &json!("Work")));
    assert_eq!(user.patch(&path, json!({})).await.body["name"], "Work");
    assert_eq!(user.patch(&path, json!({ "name": "" })).await.status, 422);
    assert_eq!(user.delete(&path).await.status, 204);
    assert_eq!(user.delete(&path).await.status, 404);
    assert_eq!(sign_in(&app, &mut authenticator).await.status, 401);
    app.letter("ann@example.com", "A passkey was removed", 1).await;
    let actions: Vec<_> = audit(&user).await.into_iter().map(|(action, _)| action).collect();
    assert_eq!(actions, ["session.started", "passkey.added", "passkey.renamed", "passkey.removed"]);
}

#[tokio::test]
async fn what_the_account_may_is_said_after_the_proof() {
    let app = started().await;
    let user = app.user("ann@example.com").await;
    let (_, mut authenticator) = passkey_of(&user).await;
    let operator = app.operator().await;
    operator.suspend("ann@example.com", Some("abuse")).await.unwrap();
    let refused = sign_in(&app, &mut authenticator).await;
    assert_eq!((refused.status, &refused.body["code"]), (403, &json!("account_suspended")));
    let mut other = authenticator.clone();
    other.origin = "https://evil.example".to_owned();
    assert_eq!(sign_in(&app, &mut other).await.status, 401);
    operator.resume("ann@example.com").await.unwrap();
    operator.set_subscription("ann@example.com", SubscriptionStatus::Unpaid).await.unwrap();
    assert_eq!(sign_in(&app, &mut authenticator).await.status, 401);
    operator.set_subscription("ann@example.com", SubscriptionStatus::Active).await.unwrap();
    assert_eq!(sign_in(&app, &mut authenticator).await.status, 200);
}

#[tokio::test]
async fn no_key_and_no_stale_sign_in_changes_passkeys() {
    let app = started().await;
    let user = app.user("ann@example.com").await;
    let scopes: Vec<_> = model::Scope::ALL.iter().map(|scope| scope.as_str()).collect();
    let (_, key) = app.key(&user, json!({ "name": "full", "scopes": scopes })).await;
    let (id, _) = passkey_of(&user).await;
    let path = format!("{PASSKEYS}/{id}");
    let credential = SoftwareAuthenticator::new().create(&options(&user, START).await);
    app.clock.advance(5 * MINUTE_MS);
    for (client, code) in [(&key, "sign_in_required"), (&user, "step_up_required")] {
        for reply in [
            client.post(START, json!({})).await,
            client.post(FINISH, json!({ "credential": credential })).await,
            client.delete(&path).await,
        ] {
            assert_eq!((reply.status, &reply.body["code"]), (403, &json!(code)), "{}", reply.body);
        }
    }
    for reply in [
        key.get(PASSKEYS).await,
        key.patch(&path, json!({})).await,
        key.post(STEP_UP_START, json!({})).await,
        key.post(STEP_UP_FINISH, json!({})).await,
    ] {
        assert_eq!((reply.status, &reply.body["code"]), (403, &json!("sign_in_required")));
    }
    assert_eq!(user.get(PASSKEYS).await.body["passkeys"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_passkey_proves_again_who_is_signed_in() {
    let app = started().await;
    let user = app.user("ann@example.com").await;
    let bob = app.user("bob@example.com").await;
    let none = bob.post(STEP_UP_START, json!({})).await;
    assert_eq!((none.status, &none.body["code"]), (409, &json!("conflict")));
    let (_, mut mine) = passkey_of(&user).await;
    let (_, mut theirs) = passkey_of(&bob).await;
    app.clock.advance(5 * MINUTE_MS);
    let asked = options(&user, STEP_UP_START).await;
    assert_eq!(asked["allowCredentials"][0]["id"], json!(mine.id()));
    assert_eq!(asked["allowCredentials"].as_array().unwrap().len(), 1);
    let finish = async |client: &Client, credential: Value| {
        client.post(STEP_UP_FINISH, json!({ "credential": credential })).await.status
    };
    assert_eq!(finish(&user, theirs.get(&asked)).await, 422, "somebody else's passkey");
    assert_eq!(finish(&bob, theirs.get(&asked)).await, 422, "somebody else's challenge");
    let other = options(&app.anonymous(), SIGN_IN_START).await;
    assert_eq!(finish(&user, mine.get(&other)).await, 422, "a challenge for signing in");
    assert_eq!(user.post(START, json!({})).await.status, 403);
    // The browser need not repeat whose it is.
    mine.user_handle = None;
    let credential = mine.get(&asked);
    assert_eq!(finish(&user, credential.clone()).await, 204);
    assert_eq!(finish(&user, credential).await, 422, "the same answer again");
    app.clock.advance(5 * MINUTE_MS - 1);
    assert_eq!(user.post(START, json!({})).await.status, 200);
    app.clock.advance(1);
    assert_eq!(user.post(START, json!({})).await.status, 403);
    let actions: Vec<_> = audit(&user).await.into_iter().map(|(action, _)| action).collect();
    assert!(
        actions.ends_with(&["sign_in.failed".to_owned()])
            && actions.contains(&"session.proved".to_owned()),
        "{actions:?}"
    );
}

#[tokio::test]
async fn ten_passkeys_are_the_most_and_one_request_adds_one() {
    let app = started().await;
    let user = app.user("ann@example.com").await;
    let credential = SoftwareAuthenticator::new().create(&options(&user, START).await);
    let body = json!({ "credential": credential, "name": "first" });
    let send = async |body: &Value| {
        let request = http::Request::post(FINISH)
            .header("content-type", "application/json")
            .header("idempotency-key", "one")
            .header("authorization", user.authorization.as_deref().unwrap())
            .body(http_body_util::Full::new(body.to_string().into()))
            .unwrap();
        user.raw(request).await
    };
    let (first, again) = (send(&body).await, send(&body).await);
    assert_eq!((first.status, &first.body), (again.status, &again.body));
    let other = send(&json!({ "credential": credential, "name": "other" })).await;
    assert_eq!((other.status, &other.body["code"]), (422, &json!("idempotency_key_reused")));
    for _ in 1..10 {
        passkey_of(&user).await;
    }
    let refused = register(&user, &mut SoftwareAuthenticator::new()).await;
    assert_eq!(
        (refused.status, &refused.body["code"]),
        (409, &json!("conflict")),
        "{}",
        refused.body
    );
    assert_eq!(user.get(PASSKEYS).await.body["passkeys"].as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn where_browsers_know_no_passkeys_the_answer_says_what_to_do() {
    for settings in [&[][..], &[("server.public_url", "https://192.0.2.1")]] {
        let app = TestApp::with(settings).await;
        let user = app.user("ann@example.com").await;
        for reply in [
            user.post(START, json!({})).await,
            user.post(STEP_UP_START, json!({})).await,
            app.anonymous().post(SIGN_IN_START, json!({})).await,
        ] {
            assert_eq!((reply.status, &reply.body["code"]), (409, &json!("passkeys_unavailable")));
            let message = reply.body["message"].as_str().unwrap();
            assert!(message.contains("server.public_url"), "{message}");
        }
        assert_eq!(user.get(PASSKEYS).await.body, json!({ "passkeys": [] }));
    }
}
