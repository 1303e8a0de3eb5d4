//! Tables of providers in memory, shared by all scans of an engine.
//!
//! A URL is fetched again after an hour, after a failure after five minutes; whoever comes in between
//! waits for one fetch and takes its result. A file is read again when it has changed. What a table
//! is made of, how great it may be and when it is too old to say anything is its [`Table`]'s word.
//!
//! To add a table: a type that is a [`Table`], and its field in [`AllTables`].

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use model::{DAY_MS, Timestamp};
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

use super::{Net, ProviderRequest};
use crate::check::{Missing, Seen};
use crate::kev::ExploitedFlaws;
use crate::modules::dns_email::rpki::origins::Routes;
use crate::modules::dns_email::rpki::vrps::Vrps;
use crate::modules::reputation::feed::Feed;
use crate::provider_file::ProviderFile;

/// How long a fetch may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a fetched table is good.
const FRESH: Duration = Duration::from_secs(60 * 60);
/// How long nobody asks again after a failure.
const FAILED: Duration = Duration::from_secs(5 * 60);

/// What a provider's file is read into.
pub(crate) trait Table: Sized + Send + Sync + 'static {
    /// The setting that names the file.
    const SETTING: &'static str;
    /// The media type that is asked for.
    const ACCEPT: &'static str;
    /// Bytes of the file.
    const MOST_BYTES: u64;
    /// Days after which it says nothing any more.
    const MOST_DAYS: i64;

    /// Reads the file; `None` when it holds nothing that can be read, or more than fits.
    fn read(text: impl BufRead) -> Option<Self>;

    /// Returns when the file says it was made.
    fn made_at(&self) -> Option<Timestamp>;
}

/// Every kind of table.
#[derive(Default)]
pub(crate) struct AllTables {
    pub(crate) exploited: Tables<ExploitedFlaws>,
    pub(crate) feeds: Tables<Feed>,
    pub(crate) vrps: Tables<Vrps>,
    pub(crate) routes: Tables<Routes>,
}

type Place<T> = Arc<Mutex<Option<Kept<T>>>>;

/// The tables of one kind that were read, by source.
pub(crate) struct Tables<T>(std::sync::Mutex<HashMap<ProviderFile, Place<T>>>);

impl<T> Default for Tables<T> {
    fn default() -> Self {
        Self(std::sync::Mutex::default())
    }
}

/// What reading a table came to.
struct Kept<T> {
    table: Seen<Arc<T>>,
    /// When the table was made, as far as anybody tells.
    made_at: Option<Timestamp>,
    /// When it was fetched.
    at: Instant,
    /// Time and length of the file.
    stamp: Option<(SystemTime, u64)>,
}

impl<T: Table> Tables<T> {
    /// Returns a table, read now or lately.
    ///
    /// # Errors
    ///
    /// [`Missing`] when it cannot be read, holds nothing, or is too old.
    pub(crate) async fn get(&self, net: &Net, source: &ProviderFile) -> Seen<Arc<T>> {
        let place = {
            let mut tables = self.0.lock().unwrap_or_else(|poison| poison.into_inner());
            Arc::clone(tables.entry(source.clone()).or_default())
        };
        // Somebody may be fetching it, with more time than we have.
        let mut kept = net.in_time(place.lock()).await?;
        let kept = match source {
            ProviderFile::Url(url) => {
                let good = kept.take().filter(|kept| {
                    let good = if kept.table.is_ok() { FRESH } else { FAILED };
                    kept.at.elapsed() < good
                });
                match good {
                    Some(good) => kept.insert(good),
                    None => kept.insert(fetch(net, url).await),
                }
            }
            ProviderFile::File(path) => {
                let old = kept.take();
                kept.insert(open(path.clone(), old).await)
            }
        };
        let table = kept.table.clone()?;
        match kept.made_at.map(|made_at| net.now().ms_since(made_at) / DAY_MS) {
            Some(days) if days >= T::MOST_DAYS => {
                Err(Missing(format!("the list {} is {days} days old", source.name())))
            }
            _ => Ok(table),
        }
    }
}

async fn fetch<T: Table>(net: &Net, url: &Url) -> Kept<T> {
    let host = url.host_str().unwrap_or_default();
    let asked = ProviderRequest {
        setting: T::SETTING,
        url: url.as_str(),
        accept: T::ACCEPT,
        secret: None,
        most_bytes: usize::try_from(T::MOST_BYTES).unwrap_or(usize::MAX),
        patience: PATIENCE,
    };
    let mut made_at = None;
    let table = match net.ask_provider(&asked).await {
        Err(missing) => Err(missing),
        Ok((_, response)) if response.status != 200 => {
            Err(Missing(format!("the list {host} answers with status {}", response.status)))
        }
        Ok((_, response)) if response.truncated => Err(too_long::<T>(host)),
        Ok((_, response)) => {
            made_at = response.header("last-modified").and_then(http_date);
            read(response.body, host.to_owned()).await
        }
    };
    let told = table.as_ref().ok().and_then(|table: &Arc<T>| table.made_at());
    Kept { table, made_at: told.or(made_at), at: Instant::now(), stamp: None }
}

/// Reads a date of HTTP (RFC 9110, section 5.6.7), also with the wrong day of the week.
fn http_date(text: &str) -> Option<Timestamp> {
    let parser = jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true);
    Some(Timestamp(parser.parse_timestamp(text).ok()?.as_millisecond()))
}

/// Reads a table on a thread of its own: a great one takes a while.
async fn read<T: Table>(text: Vec<u8>, name: String) -> Seen<Arc<T>> {
    let unread = Missing(format!("the list {name} was not read"));
    let reading = tokio::task::spawn_blocking(move || parse(text.as_slice(), &name));
    reading.await.unwrap_or(Err(unread))
}

fn parse<T: Table>(text: impl BufRead, name: &str) -> Seen<Arc<T>> {
    let empty = || Missing(format!("the list {name} holds nothing that can be read"));
    T::read(text).map(Arc::new).ok_or_else(empty)
}

fn too_long<T: Table>(name: &str) -> Missing {
    Missing(format!("the list {name} is longer than {} MiB", T::MOST_BYTES / 1024 / 1024))
}

/// Reads a file, or takes what was kept of it while it has not changed.
async fn open<T: Table>(path: PathBuf, old: Option<Kept<T>>) -> Kept<T> {
    let at = Instant::now();
    let unread = Missing("a list was not read".to_owned());
    let opening = tokio::task::spawn_blocking(move || match read_file(&path, old) {
        Ok(kept) => kept,
        Err(missing) => Kept { table: Err(missing), made_at: None, at, stamp: None },
    });
    let failed = Kept { table: Err(unread), made_at: None, at, stamp: None };
    opening.await.unwrap_or(failed)
}

fn read_file<T: Table>(path: &Path, old: Option<Kept<T>>) -> Seen<Kept<T>> {
    let name = ProviderFile::File(path.to_owned()).name();
    let failed =
        |error: std::io::Error| Missing(format!("the list {name} cannot be read: {error}"));
    let file = std::fs::File::open(path).map_err(failed)?;
    let about = file.metadata().map_err(failed)?;
    let stamp = (about.modified().map_err(failed)?, about.len());
    if let Some(old) = old.filter(|old| old.stamp == Some(stamp)) {
        return Ok(old);
    }
    if about.len() > T::MOST_BYTES {
        return Err(too_long::<T>(&name));
    }
    // Bounded once more: the file may grow while it is read.
    let table = parse(BufReader::new(file.take(T::MOST_BYTES)), &name);
    let written = stamp.0.duration_since(UNIX_EPOCH).ok();
    let written = written.and_then(|since| i64::try_from(since.as_millis()).ok()).map(Timestamp);
    let told = table.as_ref().ok().and_then(|table: &Arc<T>| table.made_at());
    Ok(Kept { table, made_at: told.or(written), at: Instant::now(), stamp: Some(stamp) })
}
