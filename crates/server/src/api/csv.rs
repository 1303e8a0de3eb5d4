//! Tables as CSV (RFC 4180).

use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use store::StoreError;

use super::stream;
pub(crate) use super::stream::PAGE;

/// The media type (RFC 4180, section 3).
pub(crate) const KIND: &str = "text/csv; charset=utf-8; header=present";

/// Returns whether a client asks for CSV.
pub(super) fn is_wanted(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|item| {
        let essence = item.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case("text/csv")
    })
}

/// Appends a row. No cell begins a formula, whoever chose its text.
pub(crate) fn push_row<'a>(out: &mut String, cells: impl IntoIterator<Item = &'a str>) {
    let cells: Vec<_> = cells.into_iter().map(report::csv::field).collect();
    out.push_str(&cells.join(","));
    out.push_str("\r\n");
}

/// Answers with a whole table, for a browser to keep under a name.
pub(crate) fn file(name: &str, rows: String) -> Response {
    named(name, ([(CONTENT_TYPE, KIND)], rows).into_response())
}

/// The same for a table that is read page by page, as [`stream()`] does.
pub(crate) fn streamed_file<P, F, T>(name: &str, header: &[&str], page: F) -> Response
where
    P: Send + 'static,
    F: Fn(Option<P>) -> T + Send + 'static,
    T: Future<Output = Result<Option<(String, P)>, StoreError>> + Send + 'static,
{
    named(name, stream(header, page))
}

fn named(name: &str, mut response: Response) -> Response {
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
    if let Ok(disposition) = disposition {
        response.headers_mut().insert(CONTENT_DISPOSITION, disposition);
    }
    response
}

/// Answers with a table: its header, then what `page` gives for the place where the page before
/// ended, until that is `None`.
pub(crate) fn stream<P, F, T>(header: &[&str], page: F) -> Response
where
    P: Send + 'static,
    F: Fn(Option<P>) -> T + Send + 'static,
    T: Future<Output = Result<Option<(String, P)>, StoreError>> + Send + 'static,
{
    let mut head = String::new();
    push_row(&mut head, header.iter().copied());
    stream::pages(KIND, head, page, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_is_for_those_who_ask_for_it() {
        let is =
            |accept: &str| is_wanted(&HeaderMap::from_iter([(ACCEPT, accept.parse().unwrap())]));
        assert!(is("text/csv") && is("application/json;q=0.5, Text/CSV;q=1"));
        assert!(!is("*/*") && !is("text/html") && !is_wanted(&HeaderMap::new()));
    }

    #[test]
    fn no_cell_begins_a_formula() {
        let mut out = String::new();
        push_row(&mut out, ["=cmd()", "a", "-1", "@x"]);
        assert_eq!(out, "\"'=cmd()\",a,\"'-1\",\"'@x\"\r\n");
    }
}
