//! A server to test, and clients for it.

use std::net::SocketAddr;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{HeaderMap, Method, Request};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use model::{Plan, Role, Timestamp};
use serde_json::{Value, json};
use server::Server;
use server::clock::Clock;
use server::config::{Config, Sources};
use server::operator::{Operator, UserOrder};
use tokio::net::{TcpListener, TcpStream};

/// A password that is good enough.
pub(crate) const PASSWORD: &str = "gurgling walnut ferry tax";

/// 2026-11-24T08:31:36Z.
pub(crate) const NOW: Timestamp = Timestamp(1_795_509_096_000);

/// A plan that limits nothing a test would notice.
pub(crate) fn roomy() -> Plan {
    Plan {
        id: "roomy".to_owned(),
        per_minute: i64::MAX,
        per_hour: i64::MAX,
        per_day: i64::MAX,
        concurrent_scans: 1_000,
        scans_per_month: 1_000_000,
        domains: 1_000,
        seats: 1_000,
        gates: Vec::new(),
    }
}

/// A running server with a database and a clock of its own.
pub(crate) struct TestApp {
    pub(crate) server: Server,
    pub(crate) clock: Clock,
    pub(crate) config: Config,
    pub(crate) folder: tempfile::TempDir,
}

impl TestApp {
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    /// Starts with settings given as `part.key` and value.
    pub(crate) async fn with(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = config(&folder, settings);
        let clock = Clock::standing_at(NOW);
        let server = Server::start_at(config.clone(), listener().await, clock.clone()).await;
        Self { server: server.unwrap(), clock, config, folder }
    }

    /// Shuts down and starts again on the same folder.
    pub(crate) async fn restart(self) -> Self {
        let Self { server, clock, config, folder } = self;
        server.shut_down().await;
        let server = Server::start_at(config.clone(), listener().await, clock.clone()).await;
        Self { server: server.unwrap(), clock, config, folder }
    }

    pub(crate) fn anonymous(&self) -> Client {
        Client { address: self.server.address(), authorization: None }
    }

    pub(crate) fn bearer(&self, credential: &str) -> Client {
        let authorization = Some(format!("Bearer {credential}"));
        Client { address: self.server.address(), authorization }
    }

    pub(crate) async fn operator(&self) -> Operator {
        Operator::open_at(self.config.clone(), self.clock.clone()).await.unwrap()
    }

    /// Registers a user and returns them signed in.
    pub(crate) async fn user(&self, email: &str) -> Client {
        let wish = json!({ "email": email, "password": PASSWORD });
        let reply = self.anonymous().post("/v1/auth/register", wish).await;
        assert_eq!(reply.status, 201, "{}", reply.body);
        self.bearer(reply.body["token"].as_str().unwrap())
    }

    /// Signs a user in again.
    pub(crate) async fn sign_in(&self, email: &str) -> Client {
        self.sign_in_with(email, PASSWORD).await
    }

    pub(crate) async fn sign_in_with(&self, email: &str, password: &str) -> Client {
        let sent = json!({ "email": email, "password": password });
        let reply = self.anonymous().post("/v1/auth/login", sent).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        self.bearer(reply.body["token"].as_str().unwrap())
    }

    /// Makes a user on the operator's side.
    pub(crate) async fn admin(&self, email: &str) {
        let order = UserOrder {
            email: email.to_owned(),
            name: None,
            plan: None,
            role: Role::Admin,
            password: None,
        };
        self.operator().await.create_user(order).await.unwrap();
    }

    /// Makes a user who operates the instance, and returns them signed in.
    pub(crate) async fn administrator(&self, email: &str) -> Client {
        let order = UserOrder {
            email: email.to_owned(),
            name: None,
            plan: None,
            role: Role::Admin,
            password: Some(PASSWORD.to_owned()),
        };
        self.operator().await.create_user(order).await.unwrap();
        self.sign_in(email).await
    }

    /// Puts a user on a plan of their own with that many requests a minute, and no other limit.
    pub(crate) async fn limit(&self, email: &str, per_minute: i64) {
        self.put_on(email, &Plan { id: format!("minute-{per_minute}"), per_minute, ..roomy() })
            .await;
    }

    /// Puts a user on a plan of their own.
    pub(crate) async fn put_on(&self, email: &str, plan: &Plan) {
        let operator = self.operator().await;
        operator.put_plan(plan).await.unwrap();
        operator.set_plan(email, &plan.id).await.unwrap();
    }

    /// Waits for the letter with that subject to that address that is the `nth`, from 1, and returns
    /// its text.
    pub(crate) async fn letter(&self, to: &str, subject: &str, nth: usize) -> String {
        let began = std::time::Instant::now();
        loop {
            let letters = self.letters(to, subject);
            if let Some(letter) = letters.get(nth - 1) {
                return letter.clone();
            }
            assert!(
                began.elapsed() < std::time::Duration::from_secs(10),
                "no `{subject}` for {to}; there are {:?}",
                self.letters(to, "")
            );
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    /// Returns the letters that were written to files, the oldest first. An empty subject stands for
    /// any.
    pub(crate) fn letters(&self, to: &str, subject: &str) -> Vec<String> {
        let folder = self.config.data_dir.join("mail");
        let Ok(files) = std::fs::read_dir(folder) else { return Vec::new() };
        let paths = files.map(|file| file.unwrap().path());
        let letters = paths.filter(|path| path.extension().is_some_and(|end| end == "eml"));
        let mut letters: Vec<_> = letters
            .map(|path| {
                (
                    path.metadata().unwrap().modified().unwrap(),
                    std::fs::read_to_string(path).unwrap(),
                )
            })
            .filter(|(_, text)| text.contains(&format!("\r\nTo: {to}\r\n")))
            .filter(|(_, text)| text.contains(&format!("\r\nSubject: {subject}")))
            .collect();
        letters.sort();
        letters.into_iter().map(|(_, text)| text).collect()
    }

    /// Waits until nothing is left to do in the background.
    pub(crate) async fn idle(&self) {
        let store = self.store().await;
        let began = std::time::Instant::now();
        while store.queue_depth().await.unwrap() > 0 {
            assert!(began.elapsed() < std::time::Duration::from_secs(30), "jobs do not end");
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        store.close().await;
    }

    /// Opens the server's database beside it.
    pub(crate) async fn store(&self) -> store::Store {
        let key = store::AuditKey::new(b"not the server's: good for reading alone");
        store::Store::open(&self.config.database_url(), &key).await.unwrap()
    }

    /// Makes a key and returns its id with a client that uses it.
    pub(crate) async fn key(&self, owner: &Client, wish: Value) -> (i64, Client) {
        let reply = owner.post("/v1/auth/api-keys", wish).await;
        assert_eq!(reply.status, 201, "{}", reply.body);
        let token = reply.body["api_key"].as_str().unwrap();
        (reply.body["id"].as_i64().unwrap(), self.bearer(token))
    }
}

pub(crate) fn config(folder: &tempfile::TempDir, settings: &[(&str, &str)]) -> Config {
    let flags = settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    let sources = Sources {
        data_dir: folder.path().join("data"),
        flags: flags.collect(),
        ..Sources::default()
    };
    Config::load(&sources).unwrap().config
}

pub(crate) async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

#[expect(clippy::disallowed_methods, reason = "tests are the client")]
pub(crate) async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.unwrap()
}

/// Somebody who talks to the server.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) address: SocketAddr,
    pub(crate) authorization: Option<String>,
}

/// What came back. A body that is not JSON is a JSON string here.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body without the one member that differs from request to request.
    pub(crate) fn constant(&self) -> Value {
        let mut body = self.body.clone();
        if let Some(object) = body.as_object_mut() {
            object.remove("request_id");
        }
        body
    }

    pub(crate) fn text(&self) -> &str {
        self.body.as_str().unwrap_or_default()
    }
}

impl Client {
    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Reply {
        self.send(Method::PATCH, path, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Reply {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, None).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Reply {
        self.send_on(&mut self.connection().await, method, path, body).await
    }

    pub(crate) async fn send_on(
        &self,
        connection: &mut SendRequest<Full<Bytes>>,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let body = match body {
            Some(body) => {
                request = request.header(CONTENT_TYPE, "application/json");
                Bytes::from(body.to_string())
            }
            None => Bytes::new(),
        };
        exchange(connection, request.body(Full::new(body)).unwrap()).await
    }

    /// Sends a request as it stands.
    pub(crate) async fn raw(&self, request: Request<Full<Bytes>>) -> Reply {
        exchange(&mut self.connection().await, request).await
    }

    /// Sends a request that says itself which host it asks for.
    pub(crate) async fn raw_as(&self, request: Request<Full<Bytes>>) -> Reply {
        send(&mut self.connection().await, request).await
    }

    /// Sends a request as it stands on a connection that stays open.
    pub(crate) async fn raw_on(
        &self,
        connection: &mut SendRequest<Full<Bytes>>,
        request: Request<Full<Bytes>>,
    ) -> Reply {
        exchange(connection, request).await
    }

    pub(crate) async fn connection(&self) -> SendRequest<Full<Bytes>> {
        let socket = TokioIo::new(connect(self.address).await);
        let (sender, connection) = http1::handshake(socket).await.unwrap();
        tokio::spawn(connection);
        sender
    }
}

async fn exchange(
    connection: &mut SendRequest<Full<Bytes>>,
    mut request: Request<Full<Bytes>>,
) -> Reply {
    request.headers_mut().insert(HOST, "localhost".parse().unwrap());
    send(connection, request).await
}

async fn send(connection: &mut SendRequest<Full<Bytes>>, request: Request<Full<Bytes>>) -> Reply {
    connection.ready().await.unwrap();
    let response = connection.send_request(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let body = serde_json::from_slice(&bytes)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
    Reply { status: parts.status.as_u16(), headers: parts.headers, body }
}

/// Returns what stands after `token=` in a letter.
pub(crate) fn token(letter: &str) -> String {
    let rest = letter.split_once("token=").unwrap().1;
    rest.chars().take_while(char::is_ascii_alphanumeric).collect()
}
