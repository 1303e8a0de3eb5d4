//! A browser without script: keeps cookies, sends forms with what stands in them.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE, REFERER, SET_COOKIE};
use http::{Method, Request};
use http_body_util::Full;

use crate::support::{Client, PASSWORD, Reply, TestApp};

pub(crate) struct Browser {
    client: Client,
    pub(crate) cookies: BTreeMap<String, String>,
    /// What the browser says about where a form came from.
    pub(crate) site: &'static str,
    /// The page that it says it comes from.
    pub(crate) referrer: Option<String>,
}

impl Browser {
    pub(crate) fn new(app: &TestApp) -> Self {
        Self {
            client: app.anonymous(),
            cookies: BTreeMap::new(),
            site: "same-origin",
            referrer: None,
        }
    }

    /// A browser whose user has an account and is signed in.
    pub(crate) async fn signed_in(app: &TestApp, email: &str) -> Self {
        app.user(email).await;
        Self::of(app, email).await
    }

    /// A browser that a user who exists is signed in with.
    pub(crate) async fn of(app: &TestApp, email: &str) -> Self {
        let mut browser = Self::new(app);
        let fields = [("email", email), ("password", PASSWORD)];
        let reply = browser.fill("/login", "/login", &fields).await;
        assert_eq!(reply.status, 303, "{}", reply.text());
        browser
    }

    /// The same browser, at another server.
    pub(crate) fn at(self, app: &TestApp) -> Self {
        Self { client: app.anonymous(), ..self }
    }

    pub(crate) fn has_session(&self) -> bool {
        self.cookies.contains_key("__Host-cl_session")
    }

    pub(crate) async fn open(&mut self, path: &str) -> Reply {
        self.send(Method::GET, path, None).await
    }

    /// Sends a form as it is given.
    pub(crate) async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let encode = |text: &str| -> String {
            let byte = |byte: u8| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
                other => format!("%{other:02X}"),
            };
            text.bytes().map(byte).collect()
        };
        let pairs: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        self.send(Method::POST, path, Some(pairs.join("&"))).await
    }

    /// Opens a page and sends its form with the hidden fields that stand in it.
    pub(crate) async fn fill(&mut self, page: &str, to: &str, fields: &[(&str, &str)]) -> Reply {
        let reply = self.open(page).await;
        assert_eq!(reply.status, 200, "{page}: {}", reply.text());
        let hidden = hidden(reply.text());
        let hidden = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let all: Vec<_> = hidden.chain(fields.iter().copied()).collect();
        self.submit(to, &all).await
    }

    async fn send(&mut self, method: Method, path: &str, form: Option<String>) -> Reply {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("accept", "text/html")
            .header("sec-fetch-site", self.site);
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies.join("; "));
        }
        if let Some(referrer) = &self.referrer {
            request = request.header(REFERER, referrer);
        }
        if form.is_some() {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let body = Full::new(Bytes::from(form.unwrap_or_default()));
        let reply = self.client.raw(request.body(body).unwrap()).await;
        for field in reply.headers.get_all(SET_COOKIE) {
            let field = field.to_str().unwrap();
            let (name, value) = field.split(';').next().unwrap().split_once('=').unwrap();
            match field.contains("Max-Age=0") {
                true => self.cookies.remove(name),
                false => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        reply
    }
}

/// Returns a page without what is masked anew each time it is shown.
pub(crate) fn unmasked(page: &str) -> String {
    match hidden(page).get("form_token") {
        Some(token) => page.replace(token, "-"),
        None => page.to_owned(),
    }
}

/// Returns the hidden fields of the last form on a page that has any.
pub(crate) fn hidden(page: &str) -> BTreeMap<String, String> {
    let fields = page.split("<input type=\"hidden\" name=\"").skip(1);
    let pairs = fields.map(|field| {
        let (name, rest) = field.split_once('"').unwrap();
        let value = rest.split_once("value=\"").unwrap().1.split_once('"').unwrap().0;
        (name.to_owned(), value.to_owned())
    });
    pairs.collect()
}
