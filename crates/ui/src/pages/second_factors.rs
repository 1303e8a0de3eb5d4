//! An authenticator app on its way into an account, and the recovery codes that go with it.

use askama::Template;

use super::Field;
use crate::{Frame, Html};

/// The form that brings a secret into an authenticator app and takes its first code.
#[derive(Debug, Template)]
#[template(path = "authenticator_new.html")]
pub struct NewAuthenticator {
    pub frame: Frame,
    /// The secret as a QR code.
    pub drawing: Html,
    /// The secret in base32.
    pub secret: String,
    /// The secret as an address that apps open.
    pub url: String,
    pub code: Field,
}

impl NewAuthenticator {
    /// Returns the secret in groups of four letters, for people who type it.
    pub fn groups(&self) -> Vec<&str> {
        let starts = (0..self.secret.len()).step_by(4);
        starts.filter_map(|at| self.secret.get(at..self.secret.len().min(at + 4))).collect()
    }
}

/// Recovery codes that were just made, shown this once.
#[derive(Debug, Template)]
#[template(path = "recovery_codes.html")]
pub struct RecoveryCodes {
    pub frame: Frame,
    pub codes: Vec<String>,
}

impl RecoveryCodes {
    /// Returns the codes as a file: an address that a browser saves without asking anybody.
    pub fn file(&self) -> String {
        let is_plain = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
        let lines = self.codes.iter().map(|code| code.chars().filter(is_plain).collect::<String>());
        format!("data:text/plain;charset=utf-8,{}%0A", lines.collect::<Vec<_>>().join("%0A"))
    }
}
