use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Deserialize;
use subtle::ConstantTimeEq;

use super::html::{escape, page};
use crate::app::App;
use crate::auth::password::MIN_CHARACTERS;
use crate::auth::secrets;
use crate::error::{Error, Result};
use crate::ops;
use crate::ops::accounts::Applicant;

#[derive(Deserialize)]
pub(super) struct Link {
    token: String,
}

#[derive(Deserialize)]
pub(super) struct Submission {
    token: String,
    email: String,
    password: String,
}

/// Shows the form to whoever has the link, as long as there is no administrator.
pub(super) async fn show(
    State(app): State<App>,
    link: std::result::Result<Query<Link>, QueryRejection>,
) -> Result<Response> {
    let Query(link) = link.map_err(|_| Error::NotFound)?;
    admit(&app, &link.token).await?;
    Ok(form(&link.token, "", &[]))
}

/// Makes the first administrator.
pub(super) async fn submit(
    State(app): State<App>,
    sent: std::result::Result<Form<Submission>, FormRejection>,
) -> Result<Response> {
    let Form(sent) = sent.map_err(|_| Error::NotFound)?;
    admit(&app, &sent.token).await?;
    let Submission { token, email, password } = sent;
    let applicant = Applicant { email: email.clone(), password, name: None };
    match ops::accounts::set_up(&app, applicant).await {
        Ok(Some(user)) => {
            secrets::forget_setup_token(&app.config.data_dir)
                .map_err(|problem| Error::Internal(problem.into()))?;
            Ok(done(&app, &user.email))
        }
        Ok(None) => Err(Error::NotFound),
        Err(problem @ (Error::Invalid(_) | Error::Conflict(_))) => {
            let messages = match &problem {
                Error::Invalid(fields) => fields
                    .iter()
                    .map(|field| format!("The {} {}.", field.field, field.message))
                    .collect(),
                other => vec![other.to_string()],
            };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, form(&token, &email, &messages)).into_response())
        }
        Err(problem) => Err(problem),
    }
}

/// Lets the holder of the link in. To everybody else the page does not exist.
async fn admit(app: &App, token: &str) -> Result<()> {
    if app.store.has_admin().await? {
        return Err(Error::NotFound);
    }
    let known = secrets::setup_token(&app.config.data_dir)
        .map_err(|problem| Error::Internal(problem.into()))?;
    match bool::from(known.as_bytes().ct_eq(token.as_bytes())) {
        true => Ok(()),
        false => Err(Error::NotFound),
    }
}

fn form(token: &str, email: &str, problems: &[String]) -> Response {
    let problems: String = problems
        .iter()
        .map(|problem| format!("<p class=\"problem\" role=\"alert\">{}</p>", escape(problem)))
        .collect();
    page(
        "Set up ComplianceLayer",
        &format!(
            "<h1>Set up ComplianceLayer</h1>\
             <p>Make the first administrator. This page then disappears.</p>{problems}\
             <form method=\"post\" action=\"/setup\">\
             <input type=\"hidden\" name=\"token\" value=\"{token}\">\
             <label for=\"email\">E-mail address</label>\
             <input id=\"email\" name=\"email\" type=\"email\" autocomplete=\"username\" required \
             value=\"{email}\">\
             <label for=\"password\">Password</label>\
             <input id=\"password\" name=\"password\" type=\"password\" \
             autocomplete=\"new-password\" minlength=\"{MIN_CHARACTERS}\" required \
             aria-describedby=\"hint\">\
             <p class=\"hint\" id=\"hint\">At least {MIN_CHARACTERS} characters; a few unrelated \
             words do well.</p>\
             <button>Make the administrator</button></form>",
            token = escape(token),
            email = escape(email),
        ),
    )
}

fn done(app: &App, email: &str) -> Response {
    let (base, email) = (escape(&app.base_url), escape(email));
    page(
        "ComplianceLayer is set up",
        &format!(
            "<h1>ComplianceLayer is set up</h1>\
             <p>{email} is the administrator. Sign in and make an API key:</p>\
             <pre><code>curl {base}/v1/auth/login \\\n  -H \"Content-Type: application/json\" \\\n  \
             -d '{{\"email\": \"{email}\", \"password\": \"…\"}}'\n\n\
             curl {base}/v1/auth/api-keys \\\n  -H \"Authorization: Bearer TOKEN\" \\\n  \
             -H \"Content-Type: application/json\" \\\n  -d '{{\"name\": \"first\"}}'</code></pre>\
             <p>Or on the machine itself: <code>compliancelayer admin create-key --email {email} \
             --name first</code>.</p>\
             <p><a href=\"/\">To the front page</a></p>"
        ),
    )
}
