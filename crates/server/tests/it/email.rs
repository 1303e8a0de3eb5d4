use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use lab::{Authority, Mailbox, Received};
use model::{DAY_MS, MINUTE_MS};
use serde_json::json;

use crate::support::{Client, PASSWORD, Reply, TestApp, token};

/// A server that confirms addresses, and the mail server it uses.
struct Post {
    app: TestApp,
    mailbox: Mailbox,
}

impl Post {
    async fn start() -> Self {
        let authority = Authority::generate().unwrap();
        let mailbox = Mailbox::start(&authority).await.unwrap();
        let roots = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(roots.path(), authority.root_pem()).unwrap();
        let app = TestApp::with(&[
            ("auth.require_email_verification", "true"),
            ("mail.smtp_url", &format!("smtp://{}", mailbox.address)),
            ("mail.from", "ComplianceLayer <no-reply@example.com>"),
            ("mail.trust_roots", roots.path().to_str().unwrap()),
        ])
        .await;
        Self { app, mailbox }
    }

    /// Waits for the `nth` letter, from 1, to an address.
    async fn letter(&self, to: &str, nth: usize) -> Received {
        let began = std::time::Instant::now();
        loop {
            let letters = self.mailbox.letters();
            if let Some(letter) = letters.iter().filter(|letter| letter.to == [to]).nth(nth - 1) {
                return letter.clone();
            }
            assert!(began.elapsed() < std::time::Duration::from_secs(30), "{letters:?}");
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    async fn register(&self, email: &str) -> Reply {
        let wish =
            json!({ "email": email, "password": PASSWORD, "name": "Buy now at evil.example" });
        self.app.anonymous().post("/v1/auth/register", wish).await
    }

    async fn verify(&self, token: &str) -> Reply {
        self.app.anonymous().post("/v1/auth/email/verify", json!({ "token": token })).await
    }

    async fn newcomer(&self) -> (Client, String) {
        assert_eq!(self.register("ann@example.com").await.status, 202);
        let token = token(&self.letter("ann@example.com", 1).await.text);
        (self.app.sign_in("ann@example.com").await, token)
    }
}

fn code(reply: &Reply) -> (u16, &str) {
    (reply.status, reply.body["code"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn a_registration_is_confirmed_by_a_letter_that_came_over_starttls() {
    let post = Post::start().await;
    let (ann, token) = post.newcomer().await;
    let letter = post.letter("ann@example.com", 1).await;
    assert!(letter.encrypted, "the letter went in the clear");
    assert_eq!(letter.from, "no-reply@example.com");
    assert!(letter.text.contains("Content-Type: text/plain; charset=utf-8"), "{}", letter.text);
    assert!(!letter.text.contains("evil.example"), "we carry the words of strangers");
    assert!(letter.text.contains(&format!("{}/email/verify?token=", post.app.server.base_url())));

    assert_eq!(ann.get("/v1/auth/me").await.body["email_verified"], false);
    let scan = json!({ "domain": "example.com" });
    assert_eq!(code(&ann.post("/v1/scan", scan.clone()).await), (403, "email_not_verified"));
    let key = json!({ "name": "ci" });
    assert_eq!(
        code(&ann.post("/v1/auth/api-keys", key.clone()).await),
        (403, "email_not_verified")
    );

    assert_eq!(post.verify(&token).await.status, 204);
    assert_eq!(ann.get("/v1/auth/me").await.body["email_verified"], true);
    assert_eq!(ann.post("/v1/scan", scan).await.status, 200);
    assert_eq!(ann.post("/v1/auth/api-keys", key).await.status, 201);

    let again = post.verify(&token).await;
    assert_eq!((again.status, &again.body["errors"][0]["field"]), (422, &json!("token")));
    let reset = json!({ "token": token, "new_password": "seven purple anvils waltz" });
    let reset = post.app.anonymous().post("/v1/auth/password/reset", reset).await;
    assert_eq!(reset.constant(), again.constant(), "a token of another purpose");
    let resend = ann.post("/v1/auth/email/resend", json!({})).await;
    assert_eq!(code(&resend), (409, "conflict"));
}

#[tokio::test]
async fn nobody_learns_by_registering_whether_an_address_is_known() {
    let post = Post::start().await;
    let fresh = post.register("ann@example.com").await;
    let taken = post.register("Ann@Example.com").await;
    assert_eq!((fresh.status, &fresh.body), (202, &taken.body));
    assert_eq!(taken.status, 202);
    assert_eq!(fresh.headers.keys().collect::<Vec<_>>(), taken.headers.keys().collect::<Vec<_>>());
    let hint = post.letter("ann@example.com", 2).await;
    let letters = [post.letter("ann@example.com", 1).await, hint];
    assert_eq!(letters.iter().filter(|letter| letter.text.contains("token=")).count(), 1);
    assert!(
        letters.iter().any(|letter| letter.text.contains("Subject: You have an account already"))
    );
    assert_eq!(post.app.sign_in("ann@example.com").await.get("/v1/auth/me").await.status, 200);
}

#[tokio::test]
async fn another_letter_voids_the_first_and_comes_at_its_time() {
    let post = Post::start().await;
    let (ann, first) = post.newcomer().await;
    assert_eq!(ann.post("/v1/auth/email/resend", json!({})).await.status, 202);
    post.app.idle().await;
    assert_eq!(post.mailbox.letters().len(), 1, "a fresh link is left alone");
    post.app.clock.advance(3 * MINUTE_MS);
    assert_eq!(ann.post("/v1/auth/email/resend", json!({})).await.status, 202);
    let second = token(&post.letter("ann@example.com", 2).await.text);
    assert_eq!(post.verify(&first).await.status, 422);
    post.app.clock.advance(DAY_MS);
    assert_eq!(post.verify(&second).await.status, 422);
    assert_eq!(code(&post.app.anonymous().post("/v1/auth/email/resend", json!({})).await).0, 401);
}

#[tokio::test]
async fn a_reset_proves_the_address_and_takes_it_from_whoever_came_first() {
    let post = Post::start().await;
    // Somebody else registers her address first and waits for her to confirm it.
    let (thief, _) = post.newcomer().await;
    post.app
        .anonymous()
        .post("/v1/auth/password/forgot", json!({ "email": "ann@example.com" }))
        .await;
    let token = token(&post.letter("ann@example.com", 2).await.text);
    let wish = json!({ "token": token, "new_password": "seven purple anvils waltz" });
    assert_eq!(post.app.anonymous().post("/v1/auth/password/reset", wish).await.status, 204);
    assert_eq!(thief.get("/v1/auth/me").await.status, 401);
    let ann = post.app.sign_in_with("ann@example.com", "seven purple anvils waltz").await;
    assert_eq!(ann.get("/v1/auth/me").await.body["email_verified"], true);
}

#[tokio::test]
async fn the_link_leads_to_a_button() {
    let post = Post::start().await;
    let (ann, token) = post.newcomer().await;
    let page = post.app.anonymous().get(&format!("/email/verify?token={token}")).await;
    assert!(page.text().contains(">Confirm</button>"), "{}", page.text());
    assert_eq!(
        ann.get("/v1/auth/me").await.body["email_verified"],
        false,
        "looking is not confirming"
    );
    let press = || {
        let request = Request::post("/email/verify")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Full::new(Bytes::from(format!("token={token}"))))
            .unwrap();
        let client = post.app.anonymous();
        async move { client.raw(request).await.status }
    };
    assert_eq!((press().await, press().await), (200, 404));
    assert_eq!(ann.get("/v1/auth/me").await.body["email_verified"], true);
}

#[tokio::test]
async fn those_the_operator_makes_are_confirmed() {
    let post = Post::start().await;
    let operator = post.app.operator().await;
    let order = server::operator::UserOrder {
        email: "ann@example.com".to_owned(),
        name: None,
        plan: None,
        role: model::Role::User,
        password: Some(PASSWORD.to_owned()),
    };
    operator.create_user(order).await.unwrap();
    let ann = post.app.sign_in("ann@example.com").await;
    assert_eq!(ann.post("/v1/scan", json!({ "domain": "example.com" })).await.status, 200);
}

#[tokio::test]
async fn a_change_of_address_takes_both_mailboxes() {
    let post = Post::start().await;
    let (ann, link) = post.newcomer().await;
    assert_eq!(post.verify(&link).await.status, 204);
    let wish = |email: &str| json!({ "email": email });
    let ask = async |email: &str| ann.post("/v1/auth/email/change", wish(email)).await;
    for bad in ["ann", "Ann@Example.com"] {
        assert_eq!(code(&ask(bad).await), (422, "validation_failed"), "{bad}");
    }
    let asked = ask(" Bob@example.org ").await;
    assert_eq!(asked.status, 202, "{}", asked.body);
    let present = post.letter("ann@example.com", 2).await.text;
    assert!(present.contains("bob@example.org"), "{present}");
    assert_eq!(post.verify(&token(&present)).await.status, 204);
    assert_eq!(ann.get("/v1/auth/me").await.body["email"], "ann@example.com", "not yet");
    let new = post.letter("bob@example.org", 1).await.text;
    assert_eq!(post.verify(&token(&present)).await.status, 422, "a link is good once");
    assert_eq!(post.verify(&token(&new)).await.status, 204);

    let me = ann.get("/v1/auth/me").await.body;
    assert_eq!((&me["email"], &me["email_verified"]), (&json!("bob@example.org"), &json!(true)));
    assert!(post.letter("ann@example.com", 3).await.text.contains("bob@example.org"));
    post.app.sign_in("bob@example.org").await;
    let former = json!({ "email": "ann@example.com", "password": PASSWORD });
    assert_eq!(post.app.anonymous().post("/v1/auth/login", former).await.status, 401);
}

#[tokio::test]
async fn a_change_of_address_tells_nobody_whether_one_is_taken() {
    let post = Post::start().await;
    let (ann, link) = post.newcomer().await;
    post.register("bob@example.com").await;
    let ask =
        async |email: &str| ann.post("/v1/auth/email/change", json!({ "email": email })).await;
    // Nobody confirmed the present address, so that the new one alone is asked.
    let (taken, free) = (ask("bob@example.com").await, ask("free@example.com").await);
    assert_eq!((taken.status, taken.constant()), (202, free.constant()));
    let letter = post.letter("free@example.com", 1).await.text;
    assert_eq!(post.mailbox.letters().iter().filter(|it| it.to == ["bob@example.com"]).count(), 1);
    assert_eq!(post.verify(&token(&letter)).await.status, 204);
    assert_eq!(ann.get("/v1/auth/me").await.body["email"], "free@example.com");
    assert_eq!(post.verify(&link).await.status, 422, "the former address has no link any more");
    post.app.clock.advance(6 * MINUTE_MS);
    assert_eq!(code(&ask("eve@example.com").await), (403, "step_up_required"));
}
