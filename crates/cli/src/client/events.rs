//! Server-sent events, as the WHATWG's HTML standard reads them.
//!
//! Lines are put together as bytes, since a letter may begin in one frame and end in the next. A
//! server writes a comment every 15 s, so a stream that is silent for three of them is dead, whatever
//! TCP thinks of it.

use std::time::Duration;

use http::Method;
use http_body_util::BodyExt;
use serde_json::Value;

use super::{Client, MOST_BYTES, unreachable};
use crate::failure::Result;

const SILENCE: Duration = Duration::from_secs(45);

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) data: Value,
}

/// Whether to go on following a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    More,
    Enough,
}

impl Client {
    /// Follows a stream of events until `each` says that it is enough, or the stream ends before.
    pub(super) async fn follow(
        &self,
        path: &str,
        mut each: impl FnMut(Event) -> Flow,
    ) -> Result<()> {
        let accept = (http::header::ACCEPT, "text/event-stream".to_owned());
        let request = self.request(&Method::GET, path, None, &[accept])?;
        let silent = |_| unreachable(format!("the stream was silent for {} s", SILENCE.as_secs()));
        let response =
            tokio::time::timeout(SILENCE, self.open(request)).await.map_err(silent)??;
        if response.status() != 200 {
            return Err(unreachable(format!("there is no stream: {}", response.status())));
        }
        let mut body = response.into_body();
        let mut reader = Reader::default();
        loop {
            let frame = tokio::time::timeout(SILENCE, body.frame()).await.map_err(silent)?;
            let Some(frame) = frame else { return Ok(()) };
            let frame =
                frame.map_err(|error| unreachable(format!("the stream broke off: {error}")))?;
            for event in reader.read(frame.data_ref().map_or(&[], |data| data)) {
                if each(event) == Flow::Enough {
                    return Ok(());
                }
            }
            if reader.held() > MOST_BYTES {
                return Err(unreachable("an event has no end".to_owned()));
            }
        }
    }
}

/// Puts events together from what comes in.
#[derive(Default)]
struct Reader {
    /// A line that has not ended.
    line: Vec<u8>,
    name: String,
    data: String,
}

impl Reader {
    /// Takes bytes and returns the events that end in them. One whose data is no JSON is none of ours.
    fn read(&mut self, bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                let line = std::mem::take(&mut self.line);
                events.extend(self.end_line(&String::from_utf8_lossy(&line)));
            }
        }
        events
    }

    fn end_line(&mut self, line: &str) -> Option<Event> {
        let line = line.trim_end_matches(['\r', '\n']);
        if line.is_empty() {
            let (name, data) = (std::mem::take(&mut self.name), std::mem::take(&mut self.data));
            return Some(Event { data: serde_json::from_str(&data).ok()?, name });
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.name),
            "data" => {
                self.data.push_str(value);
                self.data.push('\n');
            }
            // A comment, or a field that says nothing here.
            _ => {}
        }
        None
    }

    fn held(&self) -> usize {
        self.line.len() + self.data.len()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(name: &str, data: Value) -> Event {
        Event { name: name.to_owned(), data }
    }

    #[test]
    fn events_are_read_and_comments_are_not() {
        let mut reader = Reader::default();
        let events = reader.read(b":\n\nevent: module\r\ndata: {\"a\":\ndata: 1}\n\nevent:done\n");
        assert_eq!(events, [event("module", json!({ "a": 1 }))]);
        assert_eq!(reader.read(b"data:2\n\n"), [event("done", json!(2))]);
    }

    #[test]
    fn a_letter_may_come_in_two_pieces() {
        let text = "event: module\ndata: \"größer 漢\"\n\n".as_bytes();
        for cut in 0..text.len() {
            let mut reader = Reader::default();
            let mut events = reader.read(&text[..cut]);
            events.extend(reader.read(&text[cut..]));
            assert_eq!(events, [event("module", json!("größer 漢"))], "cut at {cut}");
        }
    }
}
