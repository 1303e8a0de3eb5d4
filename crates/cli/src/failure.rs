use std::fmt;

use report::escape::terminal;

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

/// Whoever read the results closed the pipe, as `head` does: what the shell says of a program that
/// SIGPIPE ended. Neither a failed gate nor a passed one.
pub(crate) const PIPE_CLOSED: u8 = 141;

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

    /// Something that broke on this computer. It must never look like a gate that failed.
    pub(crate) fn other(message: impl Into<String>) -> Self {
        Self::new(USAGE, message)
    }

    /// A server's answer that is not what the API promises: another version, or something in between.
    pub(crate) fn unreadable(problem: impl fmt::Display) -> Self {
        Self::new(UNREACHABLE, format!("the server's answer cannot be read: {problem}"))
            .hint("is it the address of a ComplianceLayer server, of this version or a later one?")
    }

    /// Returns what went wrong, without what to do next.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// Returns what to do next.
    pub(crate) fn next(&self) -> Option<&str> {
        self.hint.as_deref()
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
            writeln!(f, "error: {}", printable(&self.message))?;
        }
        match &self.hint {
            Some(hint) => writeln!(f, "hint: {}", printable(hint)),
            None => Ok(()),
        }
    }
}

/// Leaves lines as they are, and nothing else that moves the cursor.
fn printable(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(terminal).collect();
    lines.join("\n")
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Self::new(PIPE_CLOSED, ""),
            _ => Self::other(error.to_string()),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_a_gate_has_the_exit_code_of_a_gate() {
        let pipe = Failure::from(std::io::Error::from(std::io::ErrorKind::BrokenPipe));
        assert_eq!((pipe.code, pipe.to_string().as_str()), (PIPE_CLOSED, ""));
        let disk = Failure::from(std::io::Error::from(std::io::ErrorKind::StorageFull));
        for (failure, code) in [
            (disk, USAGE),
            (Failure::other("no random bytes"), USAGE),
            (Failure::unreadable("no `domain`"), UNREACHABLE),
        ] {
            assert_eq!(failure.code, code, "{failure}");
        }
    }

    #[test]
    fn lines_stay_and_escapes_do_not() {
        let failure = Failure::usage("2 problems:\n  a\u{1b}[2J").hint("b\u{202e}");
        assert_eq!(failure.to_string(), "error: 2 problems:\n  a\\u{1b}[2J\nhint: b\\u{202e}\n");
    }
}
