use tokio::time::{Instant, timeout_at};
use url::Url;

use super::{Logo, logo_url, picture};
use crate::check::{Missing, Seen};
use crate::modules::email_auth::chain_problem;
use crate::modules::ssl_tls::judge_chain;
use crate::net::{HttpRequest, Net, NetError, Scheme};

/// Fetches the logo of the only record, if it names one; redirects are not followed.
pub(in crate::modules::email_auth) async fn fetch(
    net: &Net,
    records: &Seen<Vec<String>>,
    until: Instant,
) -> Option<Seen<Logo>> {
    let url = logo_url(records.as_ref().ok()?)?;
    let late = Err(Missing("the time for the logo was over".to_owned()));
    Some(timeout_at(until, fetch_from(net, &url)).await.unwrap_or(late))
}

async fn fetch_from(net: &Net, url: &str) -> Seen<Logo> {
    let unusable = || Ok(Logo::NotFetched("`l` is no URL".to_owned()));
    let Ok(url) = Url::parse(url) else { return unusable() };
    let Some(host) = url.domain() else { return unusable() };
    let (allowed, refused) = net.addresses(host).await?;
    let address = match (allowed.first(), refused.first()) {
        (Some(address), _) => *address,
        (None, Some((address, reason))) => return Err(Missing(format!("{address} is {reason}"))),
        (None, None) => return Ok(Logo::NotFetched(format!("{host} has no address"))),
    };
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let request = HttpRequest {
        method: http::Method::GET,
        scheme: Scheme::Https,
        host,
        address,
        port: url.port().unwrap_or(Scheme::Https.default_port()),
        path: &format!("{}{query}", url.path()),
        headers: &[("accept", "image/svg+xml")],
    };
    let (chain, response) = match net.https(&request).await {
        Ok(answered) => answered,
        Err(NetError::Refused) => {
            return Ok(Logo::NotFetched(format!("{host} refuses connections")));
        }
        Err(NetError::Protocol(problem)) => return Ok(Logo::NotFetched(problem)),
        Err(error) => return Err(Missing(format!("{host}: {error}"))),
    };
    let response = response.map_err(|error| Missing(format!("{host}: {error}")))?;
    if let Some(problem) = chain_problem(&judge_chain(net, host, &chain)?, net.now()) {
        return Ok(Logo::NotFetched(format!("{host} {problem}")));
    }
    Ok(match response.status {
        200 => Logo::Fetched { problems: picture::problems(&response.body) },
        301..=308 => return Err(Missing(format!("{host} redirects, which is not followed"))),
        403 | 429 | 500.. => {
            return Err(Missing(format!("{host} answers with status {}", response.status)));
        }
        status => Logo::NotFetched(format!("{host} answers with status {status}")),
    })
}
