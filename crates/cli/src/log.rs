use report::text::Colour;
use server::config::{LogConfig, LogFormat};
use tracing_subscriber::EnvFilter;

use crate::terminal::{self, Stream};

/// Starts logging to stderr as the settings say. A second call changes nothing.
pub(crate) fn start(config: &LogConfig) {
    // Libraries below us are only heard when something is wrong.
    let ours = config.level.as_str();
    let directives = format!("warn,compliancelayer={ours},server={ours},store={ours},scan={ours}");
    let builder = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(directives))
        .with_writer(std::io::stderr);
    let colour = terminal::colour(Stream::Err) == Colour::Ansi;
    let _started_before = match config.format {
        LogFormat::Human => builder.with_target(false).with_ansi(colour).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
}
