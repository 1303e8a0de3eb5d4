//! Whether there is colour, and how wide it may be.
//!
//! The flag beats everything, `NO_COLOR` everything else, being told to use colour beats finding out
//! (<https://no-color.org>, <https://bixense.com/clicolors>).

use std::io::IsTerminal;

use report::text::Colour;

use crate::sources::{self, Variables};

/// When to use colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ColorChoice {
    #[default]
    Auto,
    Always,
    Never,
}

/// What is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stream {
    Out,
    Err,
}

impl Stream {
    fn is_terminal(self) -> bool {
        match self {
            Self::Out => std::io::stdout().is_terminal(),
            Self::Err => std::io::stderr().is_terminal(),
        }
    }

    /// Returns whether lines can be written over: on a terminal that is not `dumb`.
    pub(crate) fn moves(self) -> bool {
        self.is_terminal() && sources::variables().get("TERM").is_none_or(|term| term != "dumb")
    }
}

impl ColorChoice {
    /// Makes this the choice for all that is printed.
    pub(crate) fn apply(self) {
        match self {
            Self::Always => anstream::ColorChoice::Always.write_global(),
            Self::Never => anstream::ColorChoice::Never.write_global(),
            // Left to `colour`: one stream may be a terminal and the other a file.
            Self::Auto => {}
        }
    }

    fn decide(self, variables: &Variables, is_terminal: bool) -> Colour {
        let set = |name| variables.get(name).filter(|value| !value.is_empty());
        let forced = |name| set(name).is_some_and(|value| value != "0" && value != "false");
        let off = |name, value: &str| set(name).is_some_and(|have| have == value);
        let coloured = match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto if set("NO_COLOR").is_some() => false,
            Self::Auto if forced("CLICOLOR_FORCE") || forced("FORCE_COLOR") => true,
            Self::Auto if off("CLICOLOR", "0") || off("FORCE_COLOR", "0") => false,
            Self::Auto if off("TERM", "dumb") => false,
            Self::Auto => is_terminal,
        };
        if coloured { Colour::Ansi } else { Colour::Plain }
    }
}

/// Returns whether one of the streams gets colour.
pub(crate) fn colour(stream: Stream) -> Colour {
    let choice = match anstream::ColorChoice::global() {
        anstream::ColorChoice::Always | anstream::ColorChoice::AlwaysAnsi => ColorChoice::Always,
        anstream::ColorChoice::Never => ColorChoice::Never,
        anstream::ColorChoice::Auto => ColorChoice::Auto,
    };
    choice.decide(&sources::variables(), stream.is_terminal())
}

/// Returns how many columns the terminal has; `None` when results go elsewhere.
pub(crate) fn width() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok();
    let columns = size.map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0);
    columns.or_else(|| sources::variables().get("COLUMNS")?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(choice: ColorChoice, variables: &str, is_terminal: bool) -> bool {
        let pairs = variables.split_whitespace().map(|pair| pair.split_once('=').unwrap());
        let variables = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        choice.decide(&variables, is_terminal) == Colour::Ansi
    }

    #[test]
    fn colour_is_decided_in_the_order_that_is_promised() {
        use ColorChoice::{Always, Auto, Never};
        for (choice, variables, on_terminal, in_pipe) in [
            (Auto, "", true, false),
            (Auto, "TERM=dumb", false, false),
            (Auto, "TERM=xterm CLICOLOR=1", true, false),
            (Auto, "CLICOLOR=0", false, false),
            (Auto, "CLICOLOR_FORCE=1", true, true),
            (Auto, "CLICOLOR_FORCE=0", true, false),
            (Auto, "FORCE_COLOR=1", true, true),
            (Auto, "FORCE_COLOR=3 TERM=dumb CLICOLOR=0", true, true),
            (Auto, "FORCE_COLOR=0", false, false),
            (Auto, "NO_COLOR=1 FORCE_COLOR=1 CLICOLOR_FORCE=1", false, false),
            (Auto, "NO_COLOR=", true, false),
            (Always, "NO_COLOR=1 TERM=dumb CLICOLOR=0", true, true),
            (Never, "FORCE_COLOR=1 CLICOLOR_FORCE=1", false, false),
        ] {
            assert_eq!(decide(choice, variables, true), on_terminal, "{choice:?} {variables}");
            assert_eq!(decide(choice, variables, false), in_pipe, "{choice:?} {variables}, piped");
        }
    }
}
