use http::header::LINK;
use http::{HeaderName, HeaderValue};
use model::Timestamp;
use store::ApiKey;

use crate::app::App;
use crate::visit::Visit;

/// When the key ends, as RFC 3339: it can be replaced in time.
const X_API_KEY_EXPIRES: HeaderName = HeaderName::from_static("x-api-key-expires");
/// RFC 9745. Here it speaks of the credential, not of the resource.
const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
/// RFC 8594. Here it speaks of the credential as well.
const SUNSET: HeaderName = HeaderName::from_static("sunset");

/// Tells who sends a key that it will end, and that it has a successor.
pub(crate) fn announce(app: &App, key: &ApiKey, visit: &Visit) {
    let Some(end) = key.expires_at else { return };
    let add = |name: HeaderName, text: String| {
        if let Ok(value) = HeaderValue::from_str(&text) {
            visit.add_header(name, value);
        }
    };
    add(X_API_KEY_EXPIRES, end.to_string());
    if let Some(since) = key.rotated_at {
        add(DEPRECATION, format!("@{}", since.unix_seconds()));
        add(SUNSET, http_date(end));
        let guide = format!("<{}/docs/api-keys.md#rotation>", app.base_url);
        add(LINK, format!("{guide}; rel=\"deprecation\"; type=\"text/markdown\""));
    }
}

/// Returns a time as RFC 9110 section 5.6.7 writes it, rounded down to the second.
fn http_date(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0)
        .map(|time| time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_written_as_http_does() {
        assert_eq!(http_date(Timestamp(1_795_509_096_999)), "Tue, 24 Nov 2026 08:31:36 GMT");
        assert_eq!(http_date(Timestamp(i64::MAX)), "");
    }
}
