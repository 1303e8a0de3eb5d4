use std::time::Duration;

use http::{HeaderMap, header};
use report::escape::terminal;
use serde_json::Value;

use super::retry::Trouble;
use crate::failure::{Failure, LIMITED, NOT_TESTED, REFUSED, UNREACHABLE, USAGE};

/// Turns a refusal into what to do about it: a limit and an outage pass by themselves.
pub(super) fn trouble(status: u16, headers: &HeaderMap, body: &[u8]) -> Trouble {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let failure = refusal(status, &body);
    match matches!(status, 429 | 502..=504) {
        false => Trouble::Lasting(failure),
        true => {
            let wait = headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
            let wait = wait.and_then(|value| value.trim().parse().ok()).map(Duration::from_secs);
            Trouble::Passing { failure, wait }
        }
    }
}

/// Turns an error body into a failure with the exit code that scripts rely on.
fn refusal(status: u16, body: &Value) -> Failure {
    let said = body["message"].as_str().map(|text| terminal(text).into_owned());
    let message = said.unwrap_or_else(|| format!("the server answered with status {status}"));
    let request_id = body["request_id"]
        .as_str()
        .map(|id| format!(" (request {})", terminal(id)))
        .unwrap_or_default();
    let text = format!("{message}{request_id}");
    match (status, body["error"].as_str().unwrap_or_default()) {
        (401, _) => Failure::new(REFUSED, text)
            .hint("check that the key begins with cl_, is complete and not revoked"),
        (403, "insufficient_scope" | "ip_not_allowed" | "forbidden" | "step_up_required") => {
            Failure::new(REFUSED, text)
        }
        (403, "ownership_not_proven") => Failure::new(NOT_TESTED, text),
        (403, _) => Failure::new(LIMITED, text),
        (429 | 500.., _) => Failure::new(UNREACHABLE, text),
        _ => Failure::new(USAGE, text),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn refusals_have_the_exit_codes_of_the_contract() {
        let code = |status, error: &str| refusal(status, &json!({ "error": error })).code;
        assert_eq!(code(401, "unauthorized"), 4);
        assert_eq!(code(403, "insufficient_scope"), 4);
        assert_eq!(code(403, "step_up_required"), 4);
        assert_eq!(code(403, "quota_exceeded"), 5);
        assert_eq!(code(403, "account_suspended"), 5);
        assert_eq!(code(403, "ownership_not_proven"), 3);
        assert_eq!(code(429, "rate_limit_exceeded"), 6);
        assert_eq!(code(503, "service_unavailable"), 6);
        assert_eq!(code(400, "invalid_domain"), 2);
    }

    #[test]
    fn only_what_passes_by_itself_is_tried_again() {
        let wait = |status, body: &Value, after: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            if let Some(after) = after {
                headers.insert(header::RETRY_AFTER, after.parse().unwrap());
            }
            match trouble(status, &headers, body.to_string().as_bytes()) {
                Trouble::Lasting(_) => None,
                Trouble::Passing { wait, .. } => Some(wait.map(|wait| wait.as_secs())),
            }
        };
        let none = json!({});
        assert_eq!(wait(429, &none, Some("7")), Some(Some(7)));
        assert_eq!(wait(503, &none, None), Some(None));
        assert_eq!(wait(502, &none, Some("Fri, 01 Jan 2027 00:00:00 GMT")), Some(None));
        assert_eq!(wait(409, &none, None), None);
        assert_eq!(wait(401, &none, None), None);
        assert_eq!(wait(500, &none, None), None, "it would break again");
    }

    #[test]
    fn what_a_server_says_cannot_move_the_cursor() {
        let body = json!({ "message": "no\u{1b}[2J\nPASS", "request_id": "\u{1b}]0;x\u{7}" });
        let shown = refusal(400, &body).to_string();
        assert_eq!(shown, "error: no\\u{1b}[2J\\nPASS (request \\u{1b}]0;x\\u{7})\n");
    }
}
