use std::time::Duration;

use http::Method;
use serde_json::Value;

use super::Client;
use super::events::Flow;
use crate::failure::Result;

/// How long is waited before a stream that ended is followed again.
const POLL: Duration = Duration::from_secs(2);

impl Client {
    /// Waits until a scan has ended and returns it, as the API says it. `each` hears of every module
    /// once, also when the stream breaks off and begins anew; where there is no stream, the scan is asked
    /// for again and again.
    pub(crate) async fn wait_for_scan(
        &self,
        id: i64,
        mut each: impl FnMut(&Value),
    ) -> Result<Value> {
        let path = format!("/v1/scan/jobs/{id}");
        let events = format!("{path}/events");
        let mut told = 0;
        loop {
            let (mut heard, mut done) = (0, None);
            let followed = self.follow(&events, |event| {
                match event.name.as_str() {
                    "module" => {
                        // A new stream tells from the beginning.
                        heard += 1;
                        if heard > told {
                            told = heard;
                            each(&event.data);
                        }
                    }
                    "done" => {
                        done = Some(event.data);
                        return Flow::Enough;
                    }
                    _ => {}
                }
                Flow::More
            });
            if let Err(failure) = followed.await {
                self.tell(|| format!("  {}", failure.message()));
            }
            let scan = match done {
                Some(scan) => return Ok(scan),
                // The end of a stream says nothing of the scan.
                None => self.send(Method::GET, &path, None).await?,
            };
            if matches!(scan["status"].as_str(), Some("completed" | "failed" | "canceled")) {
                return Ok(scan);
            }
            tokio::time::sleep(POLL.min(4 * self.pause)).await;
        }
    }
}
