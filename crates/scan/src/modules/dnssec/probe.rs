use futures_util::future::join_all;
use hickory_proto::rr::{Name, RecordType};

use super::child::child_records;
use super::denial::Proofs;
use super::signature::Work;
use super::walk::{Walked, walk};
use super::{Answered, Chain, ChildRecords, Denial, DnssecEvidence, Security, plain};
use crate::Target;
use crate::check::{Missing, Seen};
use crate::net::Net;

/// A name nobody uses, to see how the zone denies.
const NOBODY: &str = "cl-no-such-name";

/// Walks the chain to the domain and looks at the answers it guards. Asks the resolver alone.
pub(crate) async fn probe(net: &Net, target: &Target) -> DnssecEvidence {
    DnssecEvidence { chain: chain(net, target.domain.as_str()).await }
}

async fn chain(net: &Net, domain: &str) -> Seen<Chain> {
    let mut domain =
        Name::from_ascii(domain).map_err(|_| Missing(format!("{domain} is no name")))?;
    domain.set_fqdn(true);
    let work = Work::new(net.now().unix_seconds());
    let walked = walk(net, &domain, &work).await?;
    let (mut answers, mut denial, mut child) =
        (Vec::new(), None, Ok::<_, Missing>(ChildRecords::default()));
    if walked.security == Security::Secure {
        let mut asked = vec![
            (walked.apex.clone(), RecordType::SOA),
            (domain.clone(), RecordType::A),
            (domain.clone(), RecordType::AAAA),
            (domain.clone(), RecordType::MX),
        ];
        asked.extend(nobody(&walked.apex).map(|name| (name, RecordType::A)));
        let (walked, work) = (&walked, &work);
        let asked = asked.into_iter().map(|(name, record_type)| async move {
            answered(net, walked, &name, record_type, work).await
        });
        (answers, denial, child) = tokio::join!(
            join_all(asked),
            parameters(net, walked, work),
            child_records(net, &walked.apex, &walked.keys)
        );
    }
    Ok(Chain {
        zones: walked.zones,
        security: walked.security,
        apex: plain(&walked.apex),
        answers,
        denial,
        child,
    })
}

async fn answered(
    net: &Net,
    walked: &Walked,
    name: &Name,
    record_type: RecordType,
    work: &Work,
) -> Answered {
    let (security, signatures) = match walked.judge(net, name, record_type, work).await {
        Ok(judged) => (Ok(judged.security), judged.signatures),
        Err(missing) => (Err(missing), Vec::new()),
    };
    Answered { name: plain(name), record_type: record_type.to_string(), security, signatures }
}

/// Returns how the zone denies the name nobody uses; a wildcard's answer carries the same proofs.
async fn parameters(net: &Net, walked: &Walked, work: &Work) -> Option<Denial> {
    let reply = net.signed(&nobody(&walked.apex)?, RecordType::A).await.ok()?;
    Proofs::read(&reply, &walked.apex, &walked.keys, work).ok()?.parameters()
}

fn nobody(apex: &Name) -> Option<Name> {
    apex.prepend_label(NOBODY).ok()
}
