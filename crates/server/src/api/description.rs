//! What the OpenAPI document says of every operation alike: how to prove who is calling, how
//! refusals look, and the header fields of answers.
//!
//! Each field stands once, among the components, and is referred to from the answers that carry it.
//! `tests/it/routes.rs` sends a request to every route and finds what is missing here.
//!
//! To add a header field: a row in [`FIELDS`].

use std::sync::LazyLock;

use http::HeaderMap;
use utoipa::openapi::path::Operation;
use utoipa::openapi::response::Response;
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, Header, HeaderBuilder, OpenApi, Ref, RefOr, ResponseBuilder,
};

use super::conditional::Constant;

static DESCRIPTION: LazyLock<Constant> = LazyLock::new(|| Constant::new(&super::document()));

pub(super) async fn get_description(headers: HeaderMap) -> axum::response::Response {
    DESCRIPTION.answer(&headers)
}

/// A header field of answers.
struct Field {
    name: &'static str,
    about: &'static str,
    kind: Type,
    on: On,
}

/// Which answers carry a field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum On {
    /// All.
    Every,
    /// Those to a caller who is known.
    Known,
    /// Those to a key that will end.
    EndingKey,
    /// Refusals of any route.
    Refusal,
}

const fn row(name: &'static str, kind: Type, on: On, about: &'static str) -> Field {
    Field { name, about, kind, on }
}

const FIELDS: &[Field] = &[
    row(
        "X-Request-Id",
        Type::String,
        On::Every,
        "Names this request, also in the log and in error bodies. Yours, if you sent one of 1 to \
         64 letters, digits, `_` and `-`.",
    ),
    row(
        "X-RateLimit-Limit",
        Type::Integer,
        On::Known,
        "Requests that the window with the least room allows.",
    ),
    row("X-RateLimit-Remaining", Type::Integer, On::Known, "Requests left in that window."),
    row(
        "X-RateLimit-Reset",
        Type::Integer,
        On::Known,
        "When that window is empty again, in seconds since 1970.",
    ),
    row("X-RateLimit-Plan", Type::String, On::Known, "The id of the account's plan."),
    row(
        "RateLimit-Policy",
        Type::String,
        On::Known,
        "Every limit with its window in seconds \
         (draft-ietf-httpapi-ratelimit-headers): `\"minute\";q=120;w=60, …`.",
    ),
    row(
        "RateLimit",
        Type::String,
        On::Known,
        "What is left of every limit, and the seconds until it is whole: `\"minute\";r=119;t=60, …`.",
    ),
    row("X-API-Key-Expires", Type::String, On::EndingKey, "When the key ends, as RFC 3339."),
    row(
        "Deprecation",
        Type::String,
        On::EndingKey,
        "The key was rotated then and has a successor: `@` and seconds since 1970 (RFC 9745).",
    ),
    row(
        "Sunset",
        Type::String,
        On::EndingKey,
        "The rotated key ends then, as an HTTP date (RFC 8594).",
    ),
    row(
        "Link",
        Type::String,
        On::EndingKey,
        "How to replace a rotated key, with `rel=\"deprecation\"` (RFC 8288).",
    ),
    row(
        "Retry-After",
        Type::Integer,
        On::Refusal,
        "With 429 and 503: whoever waits these seconds is let in (RFC 9110, 10.2.3).",
    ),
    row(
        "WWW-Authenticate",
        Type::String,
        On::Refusal,
        "With 401: `Bearer` and, when a credential was sent, `error=\"invalid_token\"` (RFC 6750).",
    ),
    row("Allow", Type::String, On::Refusal, "With 405: the methods that the address has."),
];

impl Field {
    fn header(&self) -> Header {
        let schema = ObjectBuilder::new().schema_type(SchemaType::Type(self.kind.clone()));
        HeaderBuilder::new().description(Some(self.about)).schema(Some(schema.build())).build()
    }
}

/// Says what holds for every operation.
pub(super) fn complete(document: &mut OpenApi) {
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(
        "An API key (`cl_…`) with the scopes that the operation names, or the token of a sign-in.",
    ));
    let session = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("The token of a sign-in. An API key does not get in."));
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer.build()));
    components.add_security_scheme("session", SecurityScheme::Http(session.build()));
    for field in FIELDS {
        components.headers.insert(field.name.to_owned(), field.header().into());
    }
    for item in document.paths.paths.values_mut() {
        let operations =
            [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        operations.into_iter().flatten().for_each(describe);
    }
}

/// Adds to an operation how it refuses, and which fields its answers carry.
fn describe(operation: &mut Operation) {
    let schemes = serde_json::to_value(&operation.security).unwrap_or_default();
    let carries = |on: On| match on {
        On::Every => true,
        On::Known => schemes.is_array(),
        On::EndingKey => schemes[0].get("bearer").is_some(),
        On::Refusal => false,
    };
    let refusal = refusal();
    let answers =
        operation.responses.responses.entry("default".to_owned()).or_insert(refusal.into());
    if let RefOr::T(refusal) = answers {
        carry(refusal, |on| on == On::Refusal);
    }
    for answer in operation.responses.responses.values_mut() {
        if let RefOr::T(answer) = answer {
            carry(answer, carries);
        }
    }
}

/// Every route refuses in one shape.
fn refusal() -> Response {
    let body = ContentBuilder::new().schema(Some(Ref::from_schema_name("ErrorBody"))).build();
    ResponseBuilder::new()
        .description("Any refusal; `docs/errors.md` lists the codes")
        .content("application/json", body)
        .build()
}

fn carry(answer: &mut Response, carries: impl Fn(On) -> bool) {
    for field in FIELDS.iter().filter(|field| carries(field.on)) {
        let reference = Ref::new(format!("#/components/headers/{}", field.name));
        answer.headers.insert(field.name.to_owned(), RefOr::Ref(reference));
    }
}
