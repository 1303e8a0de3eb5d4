use tokio::time::{Instant, timeout_at};
use url::Url;

use super::{Logo, Mark, logo_url, mark, mark_url, picture};
use crate::check::{Missing, Seen};
use crate::modules::email_auth::chain_problem;
use crate::modules::ssl_tls::judge_chain;
use crate::net::{HttpRequest, Net, NetError, Scheme};

/// What came of fetching a file: its octets, or why mail programs do not get it.
type File = Result<Vec<u8>, String>;

/// Fetches the logo of the only record and the evidence for it, as far as it names them; redirects
/// are not followed.
pub(in crate::modules::email_auth) async fn fetch(
    net: &Net,
    domain: &str,
    records: &Seen<Vec<String>>,
    until: Instant,
) -> (Option<Seen<Logo>>, Option<Seen<Mark>>) {
    let Ok(records) = records else { return (None, None) };
    let (logo, mark) = tokio::join!(
        file(net, logo_url(records), ("l", "image/svg+xml"), until),
        file(net, mark_url(records), ("a", "application/x-pem-file"), until),
    );
    let svg = logo.as_ref().and_then(|logo| logo.as_ref().ok()?.as_ref().ok()).cloned();
    let logo = logo.map(|logo| {
        logo.map(|file| match file {
            Ok(svg) => Logo::Fetched { problems: picture::problems(&svg) },
            Err(why) => Logo::NotFetched(why),
        })
    });
    let mark = mark.map(|mark| {
        mark.map(|file| match file {
            Ok(pem) => mark::read(&pem, domain, svg.as_deref()),
            Err(why) => Mark::NotFetched(why),
        })
    });
    (logo, mark)
}

/// Fetches what a tag of the record names.
async fn file(
    net: &Net,
    url: Option<String>,
    (tag, accept): (&str, &str),
    until: Instant,
) -> Option<Seen<File>> {
    let late = Err(Missing(format!("the time for `{tag}` of the BIMI record was over")));
    Some(timeout_at(until, fetch_from(net, &url?, tag, accept)).await.unwrap_or(late))
}

async fn fetch_from(net: &Net, url: &str, tag: &str, accept: &str) -> Seen<File> {
    let unusable = || Ok(Err(format!("`{tag}` is no URL")));
    let Ok(url) = Url::parse(url) else { return unusable() };
    let Some(host) = url.domain() else { return unusable() };
    let (allowed, refused) = net.addresses(host).await?;
    let address = match (allowed.first(), refused.first()) {
        (Some(address), _) => *address,
        (None, Some((address, reason))) => return Err(Missing(format!("{address} is {reason}"))),
        (None, None) => return Ok(Err(format!("{host} has no address"))),
    };
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let request = HttpRequest {
        method: http::Method::GET,
        scheme: Scheme::Https,
        host,
        address,
        port: url.port().unwrap_or(Scheme::Https.default_port()),
        path: &format!("{}{query}", url.path()),
        headers: &[("accept", accept)],
    };
    let (chain, response) = match net.https(&request).await {
        Ok(answered) => answered,
        Err(NetError::Refused) => {
            return Ok(Err(format!("{host} refuses connections")));
        }
        Err(NetError::Protocol(problem)) => return Ok(Err(problem)),
        Err(error) => return Err(Missing(format!("{host}: {error}"))),
    };
    let response = response.map_err(|error| Missing(format!("{host}: {error}")))?;
    if let Some(problem) = chain_problem(&judge_chain(net, host, &chain).await?, net.now()) {
        return Ok(Err(format!("{host} {problem}")));
    }
    Ok(match response.status {
        200 => Ok(response.body),
        301..=308 => return Err(Missing(format!("{host} redirects, which is not followed"))),
        403 | 429 | 500.. => {
            return Err(Missing(format!("{host} answers with status {}", response.status)));
        }
        status => Err(format!("{host} answers with status {status}")),
    })
}
