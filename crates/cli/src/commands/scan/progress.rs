//! What is said while scans run: one line a module, and on a terminal one bar below that is written
//! over. All on stderr.

use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use model::DomainName;

use crate::terminal::Stream;

const BAR: usize = 20;
/// To the beginning of the line, and nothing to its end.
const WIPE: &str = "\r\u{1b}[K";

pub(super) struct Progress {
    mode: Mode,
    /// Whether the domain stands in front, since several scans talk at once.
    is_named: bool,
    modules: usize,
    state: Mutex<State>,
}

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Silent,
    Lines,
    Bar,
}

impl Mode {
    /// Chooses for standard error; a bar would be written over by what others tell there.
    pub(super) fn choose(is_quiet: bool, is_verbose: bool) -> Self {
        match (is_quiet, Stream::Err.moves() && !is_verbose) {
            (true, _) => Self::Silent,
            (false, true) => Self::Bar,
            (false, false) => Self::Lines,
        }
    }
}

struct State {
    done: usize,
    total: usize,
    since: Instant,
    is_drawn: bool,
}

impl Progress {
    /// Begins: `modules` for each of the domains.
    pub(super) fn new(mode: Mode, domains: usize, modules: usize) -> Self {
        let total = domains * modules;
        let state = State { done: 0, total, since: Instant::now(), is_drawn: false };
        Self { mode, is_named: domains > 1, modules, state: Mutex::new(state) }
    }

    /// Says something about a domain.
    pub(super) fn say(&self, domain: &DomainName, line: &str) {
        if self.mode == Mode::Silent {
            return;
        }
        let line = match self.is_named {
            true => format!("{domain}: {}", line.trim_start()),
            false => line.to_owned(),
        };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let wipe = if state.is_drawn { WIPE } else { "" };
        write(&format!("{wipe}{line}\n{}", self.drawn(&mut state)));
    }

    /// Counts a module as finished.
    pub(super) fn count(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).done += 1;
    }

    /// Counts what a scan that ended early left out.
    pub(super) fn count_rest(&self, counted: usize) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.done += self.modules.saturating_sub(counted);
    }

    /// Draws the bar anew, so that its time runs.
    pub(super) fn tick(&self) {
        if self.mode == Mode::Bar {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            write(&format!("{WIPE}{}", self.drawn(&mut state)));
        }
    }

    /// Takes the bar away, before something else is printed there.
    pub(super) fn clear(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::take(&mut state.is_drawn) {
            write(WIPE);
        }
    }

    fn drawn(&self, state: &mut State) -> String {
        if self.mode != Mode::Bar || state.done >= state.total {
            state.is_drawn = false;
            return String::new();
        }
        state.is_drawn = true;
        bar(state.done, state.total, state.since.elapsed().as_secs_f64())
    }
}

fn bar(done: usize, total: usize, seconds: f64) -> String {
    let full = (BAR * done).checked_div(total).unwrap_or(0).min(BAR - 1);
    let (full, rest) = ("=".repeat(full), " ".repeat(BAR - 1 - full));
    format!("   Running [{full}>{rest}] {done}/{total}  {seconds:.1}s")
}

/// Progress is talk: when nobody can hear it the scan goes on.
fn write(text: &str) {
    let mut stderr = std::io::stderr().lock();
    let _closed = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_fills_and_never_grows() {
        assert_eq!(bar(0, 16, 0.04), "   Running [>                   ] 0/16  0.0s");
        assert_eq!(bar(11, 16, 4.12), "   Running [=============>      ] 11/16  4.1s");
        assert_eq!(bar(16, 16, 9.0).find(']'), bar(0, 16, 0.0).find(']'));
        assert_eq!(bar(0, 0, 1.0), "   Running [>                   ] 0/0  1.0s");
    }

    #[test]
    fn only_a_terminal_gets_a_bar() {
        let progress = |mode| Progress::new(mode, 2, 16);
        let drawn = |mode| {
            let progress = progress(mode);
            let mut state = progress.state.lock().unwrap();
            progress.drawn(&mut state)
        };
        assert_eq!((drawn(Mode::Silent), drawn(Mode::Lines)), (String::new(), String::new()));
        assert!(drawn(Mode::Bar).ends_with("0/32  0.0s"));
        let progress = progress(Mode::Bar);
        (0..16).for_each(|_| progress.count());
        progress.count_rest(0);
        assert_eq!(progress.drawn(&mut progress.state.lock().unwrap()), "", "all is done");
    }
}
