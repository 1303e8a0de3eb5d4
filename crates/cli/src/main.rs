//! `compliancelayer`: the service and its client in one binary.
//!
//! One file per command under `commands`. Results go to stdout, talk to stderr. The environment is
//! read here (`sources`) and nowhere below.

mod client;
mod commands;
mod failure;
mod log;
mod sources;
mod talk;
mod terminal;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

/// Handles many small, short-lived pieces on many threads better than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Keeps memory in small pages. The allocator asks for huge ones, and a server that is idle would hold
/// 2 MiB for each few hundred bytes that lie far apart: 27 MiB instead of 9.
#[cfg(target_os = "linux")]
fn use_small_pages() {
    // A kernel that does not know this has no huge pages either.
    let _refused = rustix::thread::disable_transparent_huge_pages(true);
}

fn main() -> ExitCode {
    #[cfg(target_os = "linux")]
    use_small_pages();
    let cli = match commands::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() { failure::USAGE } else { 0 };
            let _closed = error.print();
            return ExitCode::from(code);
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return report(&failure::Failure::other(format!("no runtime: {error}"))),
    };
    match runtime.block_on(commands::run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => report(&failure),
    }
}

fn report(failure: &failure::Failure) -> ExitCode {
    let mut stderr = anstream::stderr();
    let _closed = write!(stderr, "{failure}");
    ExitCode::from(failure.code)
}
