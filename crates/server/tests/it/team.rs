//! Teams: who joins, what each role may do, how somebody leaves, and what becomes of their keys.

use http::Method;
use model::{DAY_MS, MINUTE_MS, Plan, Role, Scope, TeamRole};
use serde_json::{Value, json};
use server::operator::UserOrder;

use crate::browser::Browser;
use crate::support::{Client, PASSWORD, Reply, TestApp, roomy, token};

const SUBJECT: &str = "You are invited to a team";
const INVITATIONS: &str = "/v1/team/invitations";

/// A server with an owner whose plan has room.
pub(crate) async fn team() -> (TestApp, Client) {
    let app = TestApp::start().await;
    let ann = app.user("ann@example.com").await;
    app.put_on("ann@example.com", &roomy()).await;
    (app, ann)
}

pub(crate) async fn invite(by: &Client, email: &str, role: &str) -> Reply {
    by.post(INVITATIONS, json!({ "email": email, "role": role })).await
}

pub(crate) async fn accept(app: &TestApp, token: &str) -> Reply {
    let sent = json!({ "token": token, "password": PASSWORD, "name": "Bob" });
    app.anonymous().post(&format!("{INVITATIONS}/accept"), sent).await
}

/// Invites somebody who joins and signs in. Returns their id too.
pub(crate) async fn join(app: &TestApp, by: &Client, email: &str, role: &str) -> (i64, Client) {
    let invited = invite(by, email, role).await;
    assert_eq!(invited.status, 201, "{}", invited.body);
    let joined = accept(app, &token(&app.letter(email, SUBJECT, 1).await)).await;
    assert_eq!(joined.status, 201, "{}", joined.body);
    (joined.body["id"].as_i64().unwrap(), app.sign_in(email).await)
}

fn member(id: i64) -> String {
    format!("/v1/team/members/{id}")
}

async fn set_role(by: &Client, id: i64, role: &str) -> Reply {
    by.patch(&member(id), json!({ "role": role })).await
}

async fn own_id(client: &Client) -> i64 {
    client.get("/v1/auth/me").await.body["id"].as_i64().unwrap()
}

fn code(reply: &Reply) -> (u16, &str) {
    (reply.status, reply.body["code"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn somebody_invited_joins_once_and_is_seen() {
    let (app, ann) = team().await;
    let invited = invite(&ann, "Bob@Example.com", "member").await;
    assert_eq!(invited.status, 201, "{}", invited.body);
    assert_eq!(
        (&invited.body["email"], &invited.body["role"]),
        (&json!("bob@example.com"), &json!("member"))
    );
    let letter = app.letter("bob@example.com", SUBJECT, 1).await;
    assert!(letter.contains("/team/join?token=") && letter.contains("role member"), "{letter}");
    assert!(!letter.contains("ann@example.com"), "nobody confirmed that address: {letter}");
    let token = token(&letter);
    assert_eq!(token.len(), 43);

    let team = ann.get("/v1/team").await.body;
    assert_eq!((&team["seats_used"], &team["seat_limit"]), (&json!(1), &json!(1000)));
    assert_eq!(team["invitations"], json!([invited.body]));
    assert_eq!(team["members"][0]["mfa"], json!(false));
    assert!(team["members"][0]["last_seen_at"].is_string(), "{team}");
    assert_eq!(ann.get(INVITATIONS).await.body["invitations"], team["invitations"]);

    let weak = json!({ "token": token, "password": "short", "name": "a\nb" });
    let weak = app.anonymous().post(&format!("{INVITATIONS}/accept"), weak).await;
    assert_eq!((weak.status, weak.body["errors"].as_array().unwrap().len()), (422, 2));
    let joined = accept(&app, &token).await;
    assert_eq!(joined.status, 201, "{}", joined.body);
    assert_eq!(
        (&joined.body["email"], &joined.body["role"]),
        (&json!("bob@example.com"), &json!("member"))
    );
    let again = accept(&app, &token).await;
    assert_eq!((again.status, &again.body["errors"][0]["field"]), (422, &json!("token")));

    let bob = app.sign_in("bob@example.com").await;
    let me = bob.get("/v1/auth/me").await.body;
    assert_eq!(
        (&me["team_role"], &me["plan"], &me["email_verified"]),
        (&json!("member"), &json!("roomy"), &json!(true))
    );
    let seen = bob.get("/v1/team").await.body;
    let people: Vec<_> = seen["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|member| (&member["email"], &member["role"]))
        .collect();
    assert_eq!(
        people,
        [
            (&json!("ann@example.com"), &json!("owner")),
            (&json!("bob@example.com"), &json!("member"))
        ]
    );
    assert_eq!((&seen["seats_used"], &seen["invitations"]), (&json!(2), &json!([])));
    // What one scans the other sees.
    let scan = bob.post("/v1/scan", json!({ "domain": "example.com" })).await;
    assert_eq!(scan.status, 200, "{}", scan.body);
    let path = format!("/v1/scan/jobs/{}", scan.body["job_id"]);
    assert_eq!(ann.get(&path).await.status, 200);

    let log = ann.get("/v1/audit-log").await.body.to_string();
    for action in ["team.invited", "team.invitation_accepted"] {
        assert!(log.contains(action), "{log}");
    }
    assert!(!log.contains(&token) && !team.to_string().contains(&token));
}

#[tokio::test]
async fn each_role_may_do_its_part_and_the_missing_scope_is_named() {
    let (app, ann) = team().await;
    let mut people = vec![("owner", ann.clone())];
    for role in ["admin", "member", "viewer"] {
        people.push((role, join(&app, &ann, &format!("{role}@example.com"), role).await.1));
    }
    let table: &[(Method, &str, Value, &str, &str)] = &[
        (Method::GET, "/v1/scan/history", Value::Null, "scans:read", "viewer"),
        (Method::GET, "/v1/auth/api-keys", Value::Null, "keys:read", "viewer"),
        (Method::GET, "/v1/usage", Value::Null, "account:read", "viewer"),
        (Method::GET, "/v1/audit-log", Value::Null, "account:read", "viewer"),
        (Method::GET, "/v1/team", Value::Null, "account:read", "viewer"),
        (Method::POST, "/v1/scan", json!({ "domain": "example.com" }), "scans:write", "member"),
        (Method::POST, "/v1/auth/api-keys", json!({ "name": "ci" }), "keys:write", "member"),
        (Method::POST, "/v1/auth/api-keys/revoke", json!({ "ids": [987] }), "keys:write", "member"),
        (
            Method::PUT,
            "/v1/settings/key-policy",
            json!({ "leak_policy": "revoke", "max_lifetime_days": null }),
            "account:write",
            "admin",
        ),
        (
            Method::POST,
            INVITATIONS,
            json!({ "email": "new@example.com", "role": "viewer" }),
            "account:write",
            "admin",
        ),
    ];
    for (method, path, body, scope, least) in table {
        let least = TeamRole::parse(least).unwrap();
        for (role, client) in &people {
            let body = (!body.is_null()).then(|| body.clone());
            let reply = client.send(method.clone(), path, body).await;
            if TeamRole::parse(role).unwrap() >= least {
                assert!(reply.status < 300, "{role} {method} {path}: {}", reply.body);
            } else {
                assert_eq!(code(&reply), (403, "insufficient_scope"), "{role} {method} {path}");
                let message = reply.body["message"].as_str().unwrap();
                assert!(message.contains(&format!("`{scope}`")), "{message}");
            }
        }
    }
    // Everybody may look after their own sign-in.
    for (role, client) in &people {
        assert_eq!(client.get("/v1/auth/sessions").await.status, 200, "{role}");
        let change =
            json!({ "current_password": PASSWORD, "new_password": "seven purple anvils waltz" });
        let changed = client.post("/v1/auth/password/change", change).await;
        assert_eq!(changed.status, 204, "{role}: {}", changed.body);
    }
}

#[tokio::test]
async fn a_key_gives_no_more_than_its_maker_has_now() {
    let (app, ann) = team().await;
    let (bob_id, bob) = join(&app, &ann, "bob@example.com", "admin").await;
    let (_, key) = app.key(&bob, json!({ "name": "all", "scopes": Scope::ALL })).await;
    let scopes = async || key.get("/v1/auth/me").await.body["auth"]["scopes"].clone();
    let policy = async || {
        code(
            &key.send(
                Method::PUT,
                "/v1/settings/key-policy",
                Some(json!({ "leak_policy": "revoke", "max_lifetime_days": null })),
            )
            .await,
        )
        .0
    };
    let scan = async || key.post("/v1/scan", json!({ "domain": "example.com" })).await.status;
    assert_eq!((scopes().await, policy().await, scan().await), (json!(Scope::ALL), 200, 200));

    let changed = set_role(&ann, bob_id, "member").await;
    assert_eq!((changed.status, &changed.body["role"]), (200, &json!("member")));
    assert_eq!(
        (scopes().await, policy().await, scan().await),
        (json!(TeamRole::Member.scopes()), 403, 200)
    );
    assert_eq!(set_role(&ann, bob_id, "viewer").await.status, 200);
    assert_eq!(
        (scopes().await, policy().await, scan().await),
        (json!(TeamRole::Viewer.scopes()), 403, 403)
    );
    assert_eq!(key.get("/v1/scan/history").await.status, 200);
    assert_eq!(bob.get("/v1/auth/me").await.body["team_role"], "viewer", "the sign-in goes on");
    let letter = app.letter("bob@example.com", "Your role in the team changed", 2).await;
    assert!(letter.contains("viewer"), "{letter}");
    assert_eq!(set_role(&ann, bob_id, "owner").await.status, 200);
    assert_eq!((scopes().await, policy().await, scan().await), (json!(Scope::ALL), 200, 200));

    // Nor does somebody make one that does.
    assert_eq!(set_role(&ann, bob_id, "member").await.status, 200);
    let beyond =
        bob.post("/v1/auth/api-keys", json!({ "name": "x", "scopes": ["account:write"] })).await;
    assert_eq!(code(&beyond), (403, "insufficient_scope"));
    let usual = bob.post("/v1/auth/api-keys", json!({ "name": "x" })).await;
    assert_eq!(usual.status, 201);
    assert!(!usual.body["scopes"].to_string().contains("webhooks:write"), "{}", usual.body);
}

#[tokio::test]
async fn a_member_manages_their_own_keys_alone() {
    let (app, ann) = team().await;
    let (_, bob) = join(&app, &ann, "bob@example.com", "member").await;
    let (_, cat) = join(&app, &ann, "cat@example.com", "admin").await;
    let (anns, _) = app.key(&ann, json!({ "name": "ann's" })).await;
    let (bobs, bobs_key) =
        app.key(&bob, json!({ "name": "bob's", "scopes": ["keys:read", "keys:write"] })).await;
    let key = |id: i64| format!("/v1/auth/api-keys/{id}");
    for client in [&bob, &bobs_key] {
        assert_eq!(client.get(&key(anns)).await.status, 200, "members see every key");
        let refused = [
            client.delete(&key(anns)).await,
            client.patch(&key(anns), json!({ "name": "mine" })).await,
            client.post(&format!("{}/rotate", key(anns)), json!({})).await,
        ];
        for reply in refused {
            assert_eq!(code(&reply), (403, "insufficient_role"), "{}", reply.body);
        }
        let many = client.post("/v1/auth/api-keys/revoke", json!({ "ids": [anns] })).await;
        assert_eq!(many.body["revoked"], 0);
    }
    assert_eq!(bob.patch(&key(bobs), json!({ "name": "still bob's" })).await.status, 200);
    let regenerated = bob.post("/v1/auth/api-key/regenerate", json!({})).await;
    assert_eq!(regenerated.body["key"]["rotated_from"], json!(bobs), "{}", regenerated.body);
    let all = bob.post("/v1/auth/api-keys/revoke", json!({ "all": true })).await;
    assert_eq!(all.body["revoked"], 1);
    assert_eq!(ann.get(&key(anns)).await.body["status"], "active");
    let (others, _) = app.key(&bob, json!({ "name": "another" })).await;
    assert_eq!(cat.delete(&key(others)).await.status, 204, "admins manage everybody's");
    assert_eq!(cat.delete(&key(anns)).await.status, 204);
}

#[tokio::test]
async fn whoever_removes_a_member_says_what_becomes_of_their_keys() {
    let (app, ann) = team().await;
    let (bob_id, bob) = join(&app, &ann, "bob@example.com", "member").await;
    let (key_id, key) = app.key(&bob, json!({ "name": "ci" })).await;
    let asked = ann.delete(&member(bob_id)).await;
    assert_eq!(code(&asked), (409, "key_choice_required"), "{}", asked.body);
    assert_eq!(asked.body["api_keys"][0]["id"], json!(key_id));
    assert_eq!(asked.body["api_keys"].as_array().unwrap().len(), 1);
    assert_eq!(
        (bob.get("/v1/auth/me").await.status, key.get("/v1/auth/me").await.status),
        (200, 200)
    );
    let odd = ann.delete(&format!("{}?keys=keep", member(bob_id))).await;
    assert_eq!(odd.status, 400);

    let done = ann.delete(&format!("{}?keys=revoke", member(bob_id))).await;
    assert_eq!(
        (done.status, &done.body["keys_revoked"][0]["id"]),
        (200, &json!(key_id)),
        "{}",
        done.body
    );
    assert_eq!(done.body["keys_transferred"], json!([]));
    assert_eq!(
        (bob.get("/v1/auth/me").await.status, key.get("/v1/auth/me").await.status),
        (401, 401)
    );
    app.clock.advance(model::SECOND_MS);
    let sent = json!({ "email": "bob@example.com", "password": PASSWORD });
    assert_eq!(app.anonymous().post("/v1/auth/login", sent).await.status, 401);
    let tombstone = ann.get(&format!("/v1/auth/api-keys/{key_id}")).await.body;
    assert_eq!((&tombstone["status"], &tombstone["created_by"]), (&json!("revoked"), &Value::Null));
    let letter = app.letter("bob@example.com", "You left a team", 1).await;
    assert!(letter.contains("revoked"), "{letter}");
    assert_eq!(ann.delete(&member(bob_id)).await.status, 404);
}

#[tokio::test]
async fn keys_that_are_handed_over_work_on_and_can_do_no_more_than_before() {
    let (app, ann) = team().await;
    let (bob_id, bob) = join(&app, &ann, "bob@example.com", "admin").await;
    let (key_id, key) =
        app.key(&bob, json!({ "name": "ci", "scopes": ["scans:write", "account:write"] })).await;
    assert_eq!(set_role(&ann, bob_id, "member").await.status, 200);
    let done = ann.delete(&format!("{}?keys=transfer", member(bob_id))).await;
    assert_eq!(
        (done.status, &done.body["keys_transferred"][0]["id"]),
        (200, &json!(key_id)),
        "{}",
        done.body
    );
    assert_eq!(key.post("/v1/scan", json!({ "domain": "example.com" })).await.status, 200);
    assert_eq!(key.get("/v1/auth/me").await.body["auth"]["scopes"], json!(["scans:write"]));
    let kept = ann.get(&format!("/v1/auth/api-keys/{key_id}")).await.body;
    assert_eq!(kept["created_by"], json!(own_id(&ann).await));
    assert_eq!(bob.get("/v1/auth/me").await.status, 401);
    let log = ann.get("/v1/audit-log").await.body.to_string();
    assert!(log.contains("api_key.transferred") && log.contains("team.member_removed"), "{log}");
    // The person may come again.
    let letters = app.letters("bob@example.com", SUBJECT).len();
    assert_eq!(invite(&ann, "bob@example.com", "viewer").await.status, 201);
    let again = token(&app.letter("bob@example.com", SUBJECT, letters + 1).await);
    assert_eq!(accept(&app, &again).await.status, 201);
}

#[tokio::test]
async fn everybody_may_leave_but_the_last_owner() {
    let (app, ann) = team().await;
    let (bob_id, bob) = join(&app, &ann, "bob@example.com", "viewer").await;
    let (cat_id, cat) = join(&app, &ann, "cat@example.com", "owner").await;
    let (key_id, _) = app.key(&cat, json!({ "name": "ci" })).await;
    let ann_id = own_id(&ann).await;
    assert_eq!(bob.delete(&member(bob_id)).await.status, 200);
    assert_eq!(bob.get("/v1/auth/me").await.status, 401);

    let transfer = cat.delete(&format!("{}?keys=transfer", member(cat_id))).await;
    assert_eq!((transfer.status, &transfer.body["errors"][0]["field"]), (422, &json!("keys")));
    let left = cat.delete(&format!("{}?keys=revoke", member(cat_id))).await;
    assert_eq!(left.body["keys_revoked"][0]["id"], json!(key_id), "{}", left.body);
    for refused in [ann.delete(&member(ann_id)).await, set_role(&ann, ann_id, "admin").await] {
        assert_eq!(code(&refused), (409, "conflict"), "{}", refused.body);
    }
    assert_eq!(set_role(&ann, ann_id, "owner").await.status, 200);
    assert_eq!(ann.get("/v1/auth/me").await.body["team_role"], "owner");
}

#[tokio::test]
async fn owners_are_made_changed_and_removed_by_owners_alone() {
    let (app, ann) = team().await;
    let ann_id = own_id(&ann).await;
    let (bob_id, bob) = join(&app, &ann, "bob@example.com", "admin").await;
    let (cat_id, _) = join(&app, &ann, "cat@example.com", "viewer").await;
    for refused in [
        set_role(&bob, ann_id, "viewer").await,
        set_role(&bob, cat_id, "owner").await,
        set_role(&bob, bob_id, "owner").await,
        bob.delete(&member(ann_id)).await,
        invite(&bob, "dan@example.com", "owner").await,
    ] {
        assert_eq!(code(&refused), (403, "insufficient_role"), "{}", refused.body);
        assert!(refused.body["message"].as_str().unwrap().contains("`owner`"));
    }
    assert_eq!(set_role(&bob, cat_id, "member").await.status, 200);
    assert_eq!(invite(&bob, "dan@example.com", "admin").await.status, 201);
    // Who loses power loses what they set going with it.
    assert_eq!(set_role(&ann, bob_id, "member").await.status, 200);
    assert_eq!(ann.get(INVITATIONS).await.body["invitations"], json!([]));
    assert_eq!(set_role(&ann, bob_id, "owner").await.status, 200);
    assert_eq!(bob.delete(&member(ann_id)).await.status, 200);
    assert_eq!(bob.get("/v1/team").await.body["seats_used"], 2);
}

#[tokio::test]
async fn whoever_operates_the_instance_is_not_removed_by_their_team() {
    let app = TestApp::start().await;
    let order = UserOrder {
        email: "root@example.com".to_owned(),
        name: None,
        plan: None,
        role: Role::Admin,
        password: Some(PASSWORD.to_owned()),
    };
    let root_id = app.operator().await.create_user(order).await.unwrap().id;
    app.put_on("root@example.com", &roomy()).await;
    let root = app.sign_in("root@example.com").await;
    let (_, bob) = join(&app, &root, "bob@example.com", "owner").await;
    for by in [&bob, &root] {
        let refused = by.delete(&member(root_id)).await;
        assert_eq!(code(&refused), (409, "conflict"), "{}", refused.body);
    }
    assert_eq!(root.get("/v1/auth/me").await.status, 200);
}

#[tokio::test]
async fn an_invitation_ends_by_another_by_withdrawal_and_by_time() {
    let (app, ann) = team().await;
    assert_eq!(invite(&ann, "bob@example.com", "viewer").await.status, 201);
    let first = token(&app.letter("bob@example.com", SUBJECT, 1).await);
    app.clock.advance(2 * MINUTE_MS);
    let again = invite(&ann, "bob@example.com", "member").await;
    assert_eq!(again.status, 201);
    let second = token(&app.letter("bob@example.com", SUBJECT, 2).await);
    assert_eq!(accept(&app, &first).await.status, 422);
    assert_eq!(ann.get(INVITATIONS).await.body["invitations"].as_array().unwrap().len(), 1);
    let path = format!("{INVITATIONS}/{}", again.body["id"]);
    let zoe = app.user("zoe@example.com").await;
    assert_eq!(zoe.delete(&path).await.status, 404);
    assert_eq!(ann.delete(&path).await.status, 204);
    assert_eq!(ann.delete(&path).await.status, 404);
    assert_eq!(accept(&app, &second).await.status, 422);

    assert_eq!(invite(&ann, "cat@example.com", "viewer").await.status, 201);
    let late = token(&app.letter("cat@example.com", SUBJECT, 1).await);
    app.clock.advance(7 * DAY_MS);
    assert_eq!(accept(&app, &late).await.status, 422);
    let ann = app.sign_in("ann@example.com").await;
    assert_eq!(ann.get(INVITATIONS).await.body["invitations"], json!([]));
    assert_eq!(invite(&ann, "cat@example.com", "viewer").await.status, 201);
    let fresh = token(&app.letter("cat@example.com", SUBJECT, 2).await);
    app.clock.advance(7 * DAY_MS - 1);
    assert_eq!(accept(&app, &fresh).await.status, 201);
}

#[tokio::test]
async fn that_an_address_has_a_user_is_told_to_its_reader_alone() {
    let (app, ann) = team().await;
    let zoe = app.user("zoe@example.com").await;
    let known = invite(&ann, "zoe@example.com", "member").await;
    let unknown = invite(&ann, "nobody@example.com", "member").await;
    let plain = |reply: &Reply| {
        let mut body = reply.body.clone();
        let object = body.as_object_mut().unwrap();
        object.remove("id");
        object.remove("email");
        (reply.status, body)
    };
    assert_eq!(plain(&known), plain(&unknown));
    let link = token(&app.letter("zoe@example.com", SUBJECT, 1).await);
    let told = accept(&app, &link).await;
    assert_eq!(code(&told), (409, "conflict"), "{}", told.body);
    assert_eq!(zoe.get("/v1/team").await.body["seats_used"], 1);
    assert_eq!(ann.get("/v1/team").await.body["seats_used"], 1);
    let odd = accept(&app, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").await;
    assert_eq!((odd.status, &odd.body["errors"][0]["field"]), (422, &json!("token")));
    let own = invite(&ann, "ann@example.com", "viewer").await;
    assert_eq!(own.status, 409, "{}", own.body);
    let bad = invite(&ann, "nonsense", "viewer").await;
    assert_eq!((bad.status, &bad.body["errors"][0]["field"]), (422, &json!("email")));
}

#[tokio::test]
async fn changes_of_the_team_take_a_fresh_sign_in_and_no_key() {
    let (app, ann) = team().await;
    let (bob_id, bob) = join(&app, &ann, "bob@example.com", "viewer").await;
    let (_, key) = app.key(&ann, json!({ "name": "all", "scopes": Scope::ALL })).await;
    let asks = async |client: &Client| {
        [
            invite(client, "cat@example.com", "viewer").await,
            set_role(client, bob_id, "member").await,
            client.delete(&member(bob_id)).await,
        ]
    };
    for reply in asks(&key).await {
        assert_eq!(code(&reply), (403, "sign_in_required"), "{}", reply.body);
    }
    assert_eq!(key.get("/v1/team").await.status, 200);
    app.clock.advance(5 * MINUTE_MS);
    for reply in asks(&ann).await {
        assert_eq!(code(&reply), (403, "step_up_required"), "{}", reply.body);
    }
    assert_eq!(code(&bob.delete(&member(bob_id)).await), (403, "step_up_required"));
    assert_eq!(bob.get("/v1/auth/me").await.body["team_role"], "viewer");
}

#[tokio::test]
async fn the_plan_has_seats() {
    let (app, ann) = team().await;
    app.put_on("ann@example.com", &Plan { id: "two".to_owned(), seats: 2, ..roomy() }).await;
    let first = invite(&ann, "bob@example.com", "member").await;
    let second = invite(&ann, "cat@example.com", "member").await;
    assert_eq!((first.status, second.status), (201, 201), "an invitation takes no seat");
    let bob = token(&app.letter("bob@example.com", SUBJECT, 1).await);
    let cat = token(&app.letter("cat@example.com", SUBJECT, 1).await);
    let bob = accept(&app, &bob).await;
    assert_eq!(bob.status, 201);
    assert_eq!(code(&accept(&app, &cat).await), (403, "seat_limit_reached"));
    assert_eq!(code(&invite(&ann, "dan@example.com", "viewer").await), (403, "seat_limit_reached"));
    let removed = ann.delete(&member(bob.body["id"].as_i64().unwrap())).await;
    assert_eq!(removed.status, 200, "{}", removed.body);
    assert_eq!(accept(&app, &cat).await.status, 201, "the link stayed good");
}

#[tokio::test]
async fn a_stranger_finds_no_team_but_their_own() {
    let (app, ann) = team().await;
    let (bob_id, _) = join(&app, &ann, "bob@example.com", "viewer").await;
    let zoe = app.user("zoe@example.com").await;
    app.put_on("zoe@example.com", &roomy()).await;
    for id in [bob_id, own_id(&ann).await] {
        let nobodys = set_role(&zoe, 987_654, "owner").await;
        let theirs = set_role(&zoe, id, "owner").await;
        assert_eq!((theirs.status, theirs.constant()), (404, nobodys.constant()));
        let theirs = zoe.delete(&format!("{}?keys=transfer", member(id))).await;
        assert_eq!((theirs.status, theirs.constant()), (404, nobodys.constant()));
    }
    assert_eq!(zoe.get("/v1/team").await.body["members"].as_array().unwrap().len(), 1);
    assert_eq!(ann.get("/v1/team").await.body["seats_used"], 2);
}

#[tokio::test]
async fn the_pages_ask_for_the_same_role_as_the_api() {
    let (app, ann) = team().await;
    join(&app, &ann, "bob@example.com", "viewer").await;
    let mut bob = Browser::of(&app, "bob@example.com").await;
    for page in ["/scans", "/settings/api-keys", "/settings/security"] {
        assert_eq!(bob.open(page).await.status, 200, "{page}");
    }
    assert_eq!(bob.open("/settings/api-keys/new").await.status, 403);
    let refused = bob.fill("/scans/new", "/scans", &[("domain", "example.com")]).await;
    assert_eq!(refused.status, 403, "{}", refused.text());
    assert!(refused.text().contains("“Viewer”"), "{}", refused.text());
    assert_eq!(ann.get("/v1/scan/history").await.body["scans"], json!([]));
    assert_eq!(bob.fill("/scans", "/alerts/read-all", &[]).await.status, 403);
}

#[tokio::test]
async fn the_link_leads_to_a_form_that_makes_one_user() {
    let (app, ann) = team().await;
    assert_eq!(invite(&ann, "bob@example.com", "admin").await.status, 201);
    let link = token(&app.letter("bob@example.com", SUBJECT, 1).await);
    let path = format!("/team/join?token={link}");
    let mut guest = Browser::new(&app);
    let page = guest.open(&path).await;
    assert_eq!((page.status, page.header("cache-control")), (200, "no-store"));
    assert!(page.text().contains("bob@example.com") && page.text().contains("Admin"));
    let fields = |password| [("name", "<b>Bob"), ("password", password)];
    let weak = guest.fill(&path, "/team/join", &fields("short")).await;
    assert_eq!(weak.status, 422);
    assert!(weak.text().contains("at least 15 characters") && !weak.text().contains("<b>"));
    let joined = guest.fill(&path, "/team/join", &fields(PASSWORD)).await;
    assert_eq!(joined.status, 200, "{}", joined.text());
    let fields = [("token", link.as_str()), ("name", ""), ("password", PASSWORD)];
    let spent = guest.fill("/login", "/team/join", &fields).await;
    assert_eq!(spent.status, 404, "{}", spent.text());
    assert_eq!(guest.open(&path).await.status, 404);
    assert_eq!(guest.open("/team/join?token=%22%3E%3Cb%3E").await.status, 404);
    assert_eq!(
        app.sign_in("bob@example.com").await.get("/v1/auth/me").await.body["name"],
        "<b>Bob"
    );
}
