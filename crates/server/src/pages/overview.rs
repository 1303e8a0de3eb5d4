use axum::extract::State;
use axum::response::Response;

use super::answer::go;
use super::visitor::Visitor;
use crate::app::App;

/// Leads to the scans.
pub(super) async fn show(State(_): State<App>, _: Visitor) -> Response {
    go("/scans")
}
