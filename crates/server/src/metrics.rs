//! Figures for a monitoring system, in the text format of Prometheus, on a listener of their own.
//!
//! [`layer`] counts every request once it is answered, `jobs` counts what its workers have done; the
//! depth of the queue is read when somebody asks. Everything is counted by this process since its
//! start.
//!
//! Invariant: labels come from sets that strangers cannot enlarge (templates of routes, known methods,
//! statuses, our own words), so there is never a key, an address or a domain among them.
//!
//! To add a figure: a field in [`Counts`], a paragraph in [`Counts::write`], a row in
//! `docs/operations.md`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::Method;
use http::header::CONTENT_TYPE;

use crate::app::App;
use crate::error::{Error, Raised, Result};
use crate::visit::Visit;

/// Upper bounds of the histogram of durations, in milliseconds.
const BOUNDS_MS: [u64; 12] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000, 10_000];

/// What is counted in this process.
#[derive(Default)]
pub(crate) struct Metrics(Mutex<Counts>);

#[derive(Default)]
struct Counts {
    /// By method, template and status.
    requests: BTreeMap<(&'static str, String, u16), u64>,
    durations: [u64; BOUNDS_MS.len() + 1],
    seconds: f64,
    /// Requests that showed a credential, by what became of it.
    credentials: BTreeMap<&'static str, u64>,
    /// Requests that a limit refused, by its window.
    refusals: BTreeMap<&'static str, u64>,
    /// Jobs by kind and end of the attempt.
    jobs: BTreeMap<(String, &'static str), u64>,
}

impl Metrics {
    /// Counts an attempt at a job that has come to its end.
    pub(crate) fn job(&self, kind: &str, end: &'static str) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.jobs.entry((kind.to_owned(), end)).or_default() += 1;
    }

    fn request(&self, request: Answered, took: Duration) {
        let ms = took.as_secs_f64() * 1_000.0;
        #[expect(clippy::cast_precision_loss, reason = "the bounds are small")]
        let bucket = BOUNDS_MS.iter().position(|bound| ms <= *bound as f64);
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.requests.entry((request.method, request.path, request.status)).or_default() += 1;
        counts.durations[bucket.unwrap_or(BOUNDS_MS.len())] += 1;
        counts.seconds += took.as_secs_f64();
        if let Some(outcome) = request.credential {
            *counts.credentials.entry(outcome).or_default() += 1;
        }
        if let Some(window) = request.refused_by {
            *counts.refusals.entry(window).or_default() += 1;
        }
    }
}

struct Answered {
    method: &'static str,
    path: String,
    status: u16,
    credential: Option<&'static str>,
    refused_by: Option<&'static str>,
}

/// Counts each request.
pub(crate) async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = method(request.method());
    let path = request.extensions().get::<MatchedPath>().cloned();
    let visit = request.extensions().get::<Visit>().cloned().unwrap_or_default();
    let response = next.run(request).await;
    let status = response.status().as_u16();
    let raised = response.extensions().get::<Raised>();
    let refused_by = raised.and_then(|raised| match *raised.0 {
        Error::RateLimited { window, .. } => Some(window),
        _ => None,
    });
    let is_unknown =
        raised.is_some_and(|raised| matches!(*raised.0, Error::Unauthorized { sent: true }));
    let credential = match (visit.refused(), visit.identity()) {
        (Some(refused), _) => Some(refused.reason.as_str()),
        (None, Some(_)) => Some("accepted"),
        (None, None) => is_unknown.then_some("unknown"),
    };
    let path = path.map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    app.metrics.request(Answered { method, path, status, credential, refused_by }, began.elapsed());
    response
}

fn method(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}

impl Counts {
    fn write(&self, queue: &[(String, i64)]) -> String {
        let mut page = String::new();
        head(&mut page, "requests_total", "counter", "Requests answered, by route and status.");
        for ((method, path, status), count) in &self.requests {
            let labels = format!(r#"method="{method}",path="{path}",status="{status}""#);
            line(&mut page, "requests_total", &labels, count);
        }
        let name = "request_duration_seconds";
        head(&mut page, name, "histogram", "How long requests took.");
        let mut sum = 0;
        for (bound, count) in BOUNDS_MS.iter().zip(&self.durations) {
            sum += count;
            let labels = format!(r#"le="{}.{:03}""#, bound / 1_000, bound % 1_000);
            line(&mut page, &format!("{name}_bucket"), &labels, &sum);
        }
        sum += self.durations[BOUNDS_MS.len()];
        line(&mut page, &format!("{name}_bucket"), r#"le="+Inf""#, &sum);
        line(&mut page, &format!("{name}_sum"), "", &self.seconds);
        line(&mut page, &format!("{name}_count"), "", &sum);
        let about = "Requests with a credential, by what became of it.";
        head(&mut page, "credentials_total", "counter", about);
        for (outcome, count) in &self.credentials {
            line(&mut page, "credentials_total", &format!(r#"outcome="{outcome}""#), count);
        }
        head(&mut page, "limit_refusals_total", "counter", "Requests refused by a limit.");
        for (window, count) in &self.refusals {
            line(&mut page, "limit_refusals_total", &format!(r#"window="{window}""#), count);
        }
        head(&mut page, "jobs_total", "counter", "Attempts at jobs, by kind and end.");
        for ((kind, end), count) in &self.jobs {
            line(&mut page, "jobs_total", &format!(r#"kind="{kind}",end="{end}""#), count);
        }
        let about = "Jobs that wait or run, on all servers of the database.";
        head(&mut page, "queue_jobs", "gauge", about);
        for (kind, count) in queue {
            line(&mut page, "queue_jobs", &format!(r#"kind="{kind}""#), count);
        }
        page
    }
}

fn head(page: &mut String, name: &str, kind: &str, help: &str) {
    let name = format!("compliancelayer_{name}");
    let _infallible = write!(page, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
}

fn line(page: &mut String, name: &str, labels: &str, value: &dyn std::fmt::Display) {
    let labels = if labels.is_empty() { String::new() } else { format!("{{{labels}}}") };
    let _infallible = writeln!(page, "compliancelayer_{name}{labels} {value}");
}

/// Returns the page and nothing else.
pub(crate) fn router(app: App) -> Router {
    Router::new().route("/metrics", get(show)).with_state(app)
}

async fn show(State(app): State<App>) -> Result<Response> {
    let queue = app.store.queue_depths().await?;
    let page = app.metrics.0.lock().unwrap_or_else(PoisonError::into_inner).write(&queue);
    Ok(([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], page).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_cannot_enlarge_the_labels() {
        assert_eq!(method(&Method::from_bytes(b"BREW").unwrap()), "other");
        assert_eq!(method(&Method::PUT), "PUT");
    }

    #[test]
    fn a_histogram_sums_up() {
        let metrics = Metrics::default();
        for ms in [1, 3, 60_000] {
            let answered = Answered {
                method: "GET",
                path: "/v1/x".to_owned(),
                status: 200,
                credential: Some("accepted"),
                refused_by: None,
            };
            metrics.request(answered, Duration::from_millis(ms));
        }
        let page = metrics.0.lock().unwrap().write(&[("run_scan".to_owned(), 2)]);
        for text in [
            "compliancelayer_requests_total{method=\"GET\",path=\"/v1/x\",status=\"200\"} 3\n",
            "_bucket{le=\"0.001\"} 1\n",
            "_bucket{le=\"0.005\"} 2\n",
            "_bucket{le=\"10.000\"} 2\n",
            "_bucket{le=\"+Inf\"} 3\n",
            "_seconds_count 3\n",
            "compliancelayer_queue_jobs{kind=\"run_scan\"} 2\n",
        ] {
            assert!(page.contains(text), "{text} is missing from {page}");
        }
    }
}
