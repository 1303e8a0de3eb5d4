use futures_util::future::join_all;

use super::{ListSeen, ReputationEvidence};
use crate::Target;
use crate::net::Net;

/// Lists that are asked.
const MOST_LISTS: usize = 8;

/// Looks the domain up in the operator's lists. Nobody learns which one it is.
pub(crate) async fn probe(net: &Net, target: &Target) -> ReputationEvidence {
    let scanned = target.domain.as_str();
    let domain = psl::domain_str(scanned).unwrap_or(scanned);
    let asked = net.providers().reputation.iter().take(MOST_LISTS).map(|list| async move {
        let feed = net.tables().feeds.get(net, list).await;
        ListSeen { name: list.name(), listed: feed.map(|feed| feed.listed(domain, scanned)) }
    });
    ReputationEvidence { lists: join_all(asked).await }
}
