//! The lists in memory, shared by all scans of an engine.
//!
//! A URL is fetched again after an hour, after a failure after five minutes; whoever comes in between
//! waits for one fetch and takes its result. A file is read again when it has changed.

use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use model::{DAY_MS, Timestamp};
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

use super::ReputationList;
use super::feed::Feed;
use crate::check::{Missing, Seen};
use crate::net::{Net, ProviderRequest};

/// Bytes of a list.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// How long a fetch may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a fetched list is good.
const FRESH: Duration = Duration::from_secs(60 * 60);
/// How long nobody asks again after a failure.
const FAILED: Duration = Duration::from_secs(5 * 60);
/// Days after which a list says nothing any more.
const MOST_DAYS: i64 = 7;

/// The lists that were read, by source.
#[derive(Default)]
pub(crate) struct Feeds(std::sync::Mutex<HashMap<ReputationList, Arc<Mutex<Option<Kept>>>>>);

/// What reading a list came to.
#[derive(Clone)]
struct Kept {
    feed: Seen<Arc<Feed>>,
    /// When the list was made, as far as anybody tells.
    made_at: Option<Timestamp>,
    /// When it was fetched.
    at: Instant,
    /// Time and length of the file.
    stamp: Option<(SystemTime, u64)>,
}

impl Feeds {
    /// Returns a list, read now or lately.
    ///
    /// # Errors
    ///
    /// [`Missing`] when it cannot be read, holds nothing, or is older than a week.
    pub(super) async fn get(&self, net: &Net, list: &ReputationList) -> Seen<Arc<Feed>> {
        let place = {
            let mut feeds = self.0.lock().unwrap_or_else(|poison| poison.into_inner());
            Arc::clone(feeds.entry(list.clone()).or_default())
        };
        let mut kept = place.lock().await;
        let kept = match list {
            ReputationList::Url(url) => {
                let good = kept.take().filter(|kept| {
                    let good = if kept.feed.is_ok() { FRESH } else { FAILED };
                    kept.at.elapsed() < good
                });
                match good {
                    Some(good) => kept.insert(good),
                    None => kept.insert(fetch(net, url).await),
                }
            }
            ReputationList::File(path) => {
                let old = kept.take();
                kept.insert(open(path.clone(), old).await)
            }
        };
        let feed = kept.feed.clone()?;
        match kept.made_at.map(|made_at| net.now().ms_since(made_at) / DAY_MS) {
            Some(days) if days >= MOST_DAYS => {
                Err(Missing(format!("the list {} is {days} days old", list.name())))
            }
            _ => Ok(feed),
        }
    }
}

async fn fetch(net: &Net, url: &Url) -> Kept {
    let host = url.host_str().unwrap_or_default();
    let asked = ProviderRequest {
        setting: "providers.reputation",
        url: url.as_str(),
        accept: "text/plain",
        secret: None,
        most_bytes: MOST_BYTES,
        patience: PATIENCE,
    };
    let mut made_at = None;
    let feed = match net.ask_provider(&asked).await {
        Err(missing) => Err(missing),
        Ok((_, response)) if response.status != 200 => {
            Err(Missing(format!("the list {host} answers with status {}", response.status)))
        }
        Ok((_, response)) if response.truncated => Err(too_long(host)),
        Ok((_, response)) => {
            made_at = response.header("last-modified").and_then(http_date);
            read(response.body, host.to_owned()).await
        }
    };
    let told = feed.as_ref().ok().and_then(|feed| feed.made_at);
    Kept { feed, made_at: told.or(made_at), at: Instant::now(), stamp: None }
}

/// Reads a date of HTTP (RFC 9110, section 5.6.7), also with the wrong day of the week.
fn http_date(text: &str) -> Option<Timestamp> {
    let parser = jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true);
    Some(Timestamp(parser.parse_timestamp(text).ok()?.as_millisecond()))
}

/// Reads a list on a thread of its own: a great one takes a while.
async fn read(text: Vec<u8>, name: String) -> Seen<Arc<Feed>> {
    let unread = Missing(format!("the list {name} was not read"));
    let reading = tokio::task::spawn_blocking(move || parse(&text, &name));
    reading.await.unwrap_or(Err(unread))
}

fn parse(text: &[u8], name: &str) -> Seen<Arc<Feed>> {
    let empty = || Missing(format!("the list {name} holds nothing that can be read"));
    Feed::read(&String::from_utf8_lossy(text)).map(Arc::new).ok_or_else(empty)
}

fn too_long(name: &str) -> Missing {
    Missing(format!("the list {name} is longer than {} MiB", MOST_BYTES / 1024 / 1024))
}

/// Reads a file, or takes what was kept of it while it has not changed.
async fn open(path: PathBuf, old: Option<Kept>) -> Kept {
    let at = Instant::now();
    let unread = Missing("a list was not read".to_owned());
    let opening = tokio::task::spawn_blocking(move || match read_file(&path, old) {
        Ok(kept) => kept,
        Err(missing) => Kept { feed: Err(missing), made_at: None, at, stamp: None },
    });
    let failed = Kept { feed: Err(unread), made_at: None, at, stamp: None };
    opening.await.unwrap_or(failed)
}

fn read_file(path: &Path, old: Option<Kept>) -> Seen<Kept> {
    let name = ReputationList::File(path.to_owned()).name();
    let failed =
        |error: std::io::Error| Missing(format!("the list {name} cannot be read: {error}"));
    let file = std::fs::File::open(path).map_err(failed)?;
    let about = file.metadata().map_err(failed)?;
    let stamp = (about.modified().map_err(failed)?, about.len());
    if let Some(old) = old.filter(|old| old.stamp == Some(stamp)) {
        return Ok(old);
    }
    let mut text = Vec::new();
    let most = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX);
    file.take(most + 1).read_to_end(&mut text).map_err(failed)?;
    if text.len() > MOST_BYTES {
        return Err(too_long(&name));
    }
    let feed = parse(&text, &name);
    let written = stamp.0.duration_since(UNIX_EPOCH).ok();
    let written = written.and_then(|since| i64::try_from(since.as_millis()).ok()).map(Timestamp);
    let told = feed.as_ref().ok().and_then(|feed| feed.made_at);
    Ok(Kept { feed, made_at: told.or(written), at: Instant::now(), stamp: Some(stamp) })
}
