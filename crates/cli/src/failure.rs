use std::fmt;

/// A gate failed: the scan finished and found what it must not.
pub(crate) const GATE: u8 = 1;
/// Wrong usage or configuration.
pub(crate) const USAGE: u8 = 2;
/// A target could not be scanned, or only in part.
pub(crate) const NOT_TESTED: u8 = 3;
/// Sign-in or key needed, or refused.
pub(crate) const REFUSED: u8 = 4;
/// Quota used up, plan too low, account suspended.
pub(crate) const LIMITED: u8 = 5;
/// Rate limited, or the server cannot be reached.
pub(crate) const UNREACHABLE: u8 = 6;

/// Why a command ended badly, with what to do next.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: u8,
    message: String,
    hint: Option<String>,
}

pub(crate) type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    pub(crate) fn new(code: u8, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None }
    }

    /// Wrong usage or configuration.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(USAGE, message)
    }

    /// Something that is nobody's mistake.
    pub(crate) fn other(message: impl Into<String>) -> Self {
        Self::new(GATE, message)
    }

    /// Adds what to do next.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.message.is_empty() {
            writeln!(f, "error: {}", self.message)?;
        }
        match &self.hint {
            Some(hint) => writeln!(f, "hint: {hint}"),
            None => Ok(()),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::other(error.to_string())
    }
}

impl From<server::StartError> for Failure {
    fn from(error: server::StartError) -> Self {
        Self::usage(format!("the server cannot start: {error}"))
    }
}

impl From<server::operator::OperatorError> for Failure {
    fn from(error: server::operator::OperatorError) -> Self {
        match error {
            server::operator::OperatorError::Refused(reason) => Self::usage(reason),
            server::operator::OperatorError::Failed(error) => Self::other(format!("{error:#}")),
        }
    }
}
