//! The chain of trust, walked from the anchor down.
//!
//! Every zone between is found by asking for its DS record: one that is there leads to the child's
//! keys, one that is provably absent either ends the chain (an unsigned zone begins) or says that
//! the name is no zone of its own. Questions are cached by `net`, so a second walk asks nothing.

use std::sync::Arc;

use futures_util::future::join_all;
use hickory_proto::dnssec::rdata::DS;
use hickory_proto::op::Message;
use hickory_proto::rr::{Name, RData, Record, RecordType};

use super::denial::{Denied, Proofs};
use super::signature::{Fault, Key, RecordSet, Work, ds_seen, is_usable};
use super::{Break, Insecurity, Problem, Security, Signature, Zone, plain};
use crate::check::{Missing, Seen};
use crate::net::Net;

/// Names between the anchor's zone and a name that are asked.
const MOST_LABELS: usize = 11;
/// Aliases that are followed.
const MOST_ALIASES: usize = 4;
/// Signatures of one zone that are kept.
const MOST_SIGNATURES: usize = 16;

/// Where a walk ended.
pub(super) struct Walked {
    pub(super) zones: Vec<Zone>,
    pub(super) security: Security,
    /// The apex of the zone the name is in.
    pub(super) apex: Name,
    /// The keys of that zone: those the chain reaches, or those it merely serves.
    pub(super) keys: Vec<Key>,
}

/// An answer and what it is worth.
pub(super) struct Judged {
    pub(super) security: Security,
    pub(super) signatures: Vec<Signature>,
    /// Where the name leads, when it is an alias; then only the alias itself was judged.
    alias: Option<Name>,
}

/// Says how far the answer for the records of a type at a name can be believed, be they there or
/// not, aliases included. Walks the chain down to the name's own zone, which need not be the
/// scanned domain's.
///
/// # Errors
///
/// [`Missing`] when the resolver does not answer or withholds signatures.
pub async fn validated(net: &Net, name: &str, record_type: RecordType) -> Seen<Security> {
    let mut name = Name::from_ascii(name).map_err(|_| Missing(format!("{name} is no name")))?;
    name.set_fqdn(true);
    let work = Work::new(net.now().unix_seconds());
    for _ in 0..=MOST_ALIASES {
        let walked = walk(net, &name, &work).await?;
        if walked.security != Security::Secure {
            return Ok(walked.security);
        }
        let judged = walked.judge(net, &name, record_type, &work).await?;
        match judged.alias {
            Some(target) if judged.security == Security::Secure => name = target,
            _ => return Ok(judged.security),
        }
    }
    Err(Missing(format!("more than {MOST_ALIASES} aliases lead on from one another")))
}

/// Walks the chain to the zone a name is in.
pub(super) async fn walk(net: &Net, name: &Name, work: &Work) -> Seen<Walked> {
    let name = &name.to_lowercase();
    let (anchor, anchors) = net
        .dnssec_anchors()
        .above(name)
        .ok_or_else(|| Missing(format!("no trust anchor stands above {}", plain(name))))?;
    let (anchored, apex) = tokio::join!(anchored(net, &anchor, &anchors, work), apex(net, name));
    let (first, keys) = anchored?;
    let apex = apex?.filter(|apex| anchor.zone_of(apex));
    let lowest = apex.clone().unwrap_or_else(|| name.clone());
    let steps = usize::from(lowest.num_labels() - anchor.num_labels());
    if steps > MOST_LABELS {
        return Err(Missing(format!("{} is too deep to be followed", plain(name))));
    }
    ask_ahead(net, &anchor, &lowest).await;
    let mut walked =
        Walked { zones: vec![first], security: Security::Secure, apex: anchor.clone(), keys };
    for labels in usize::from(anchor.num_labels()) + 1..=usize::from(lowest.num_labels()) {
        let child = lowest.trim_to(labels);
        match walked.step(net, child, work).await {
            Ok(()) => {}
            Err(Stop::Ends(security)) => {
                walked.security = security;
                break;
            }
            Err(Stop::Unseen(missing)) => return Err(missing),
        }
    }
    if walked.security != Security::Secure {
        walked.look_at_apex(net, apex.unwrap_or(lowest), work).await;
    }
    Ok(walked)
}

/// Why a walk goes no further.
enum Stop {
    Ends(Security),
    Unseen(Missing),
}

impl From<Missing> for Stop {
    fn from(missing: Missing) -> Self {
        Self::Unseen(missing)
    }
}

impl Walked {
    /// Goes on to a name: to its zone when it is one, nowhere when it is not.
    async fn step(&mut self, net: &Net, child: Name, work: &Work) -> Result<(), Stop> {
        let reply = net.signed(&child, RecordType::DS).await?;
        let Some(set) = RecordSet::find(&reply.answers, &child, RecordType::DS) else {
            return self.step_without_ds(&reply, child, work);
        };
        let (mut signatures, signed) = set.verify(&self.apex, &self.keys, work);
        signed.map_err(|fault| ended(fault, &self.apex))?;
        let ds = set.ds();
        let usable: Vec<DS> = ds.iter().filter(|ds| is_usable(ds)).cloned().collect();
        let mut zone = Zone {
            name: plain(&child),
            ds: ds.iter().map(ds_seen).collect(),
            keys: Vec::new(),
            signatures: Vec::new(),
        };
        let reply = net.signed(&child, RecordType::DNSKEY).await?;
        let set = RecordSet::find(&reply.answers, &child, RecordType::DNSKEY);
        let keys = set.as_ref().map(RecordSet::keys).unwrap_or_default();
        zone.keys = keys.iter().map(Key::seen).collect();
        let result = match set {
            _ if usable.is_empty() => Err(Fault::Unsupported),
            None => Err(Fault::broken(
                Problem::DsWithoutKey,
                format!("the parent has a DS record for {}, which serves no keys", zone.name),
            )),
            Some(set) => {
                let named = named(&keys, &usable, &child);
                let (over_keys, signed) = set.verify(&child, &named, work);
                signatures.extend(over_keys);
                match named.is_empty() {
                    true => Err(unmatched(&zone)),
                    false => signed,
                }
            }
        };
        signatures.truncate(MOST_SIGNATURES);
        zone.signatures = signatures;
        self.zones.push(zone);
        self.apex = child;
        self.keys = keys;
        result.map_err(|fault| ended(fault, &self.apex))
    }

    /// The parent has no DS record for a name: an unsigned zone, or no zone at all.
    fn step_without_ds(&mut self, reply: &Message, child: Name, work: &Work) -> Result<(), Stop> {
        if alias(reply, &child).is_some() {
            return Ok(());
        }
        let proofs = Proofs::read(reply, &self.apex, &self.keys, work)
            .map_err(|fault| ended(fault, &self.apex))?;
        let name = plain(&child);
        if proofs.is_empty() {
            return Err(Stop::Unseen(Missing(format!(
                "the resolver hands over no proof that {name} has no DS record"
            ))));
        }
        let code = reply.metadata.response_code;
        let why = match proofs.deny(&child, RecordType::DS, code) {
            Ok(Denied::NoData | Denied::NoName) => return Ok(()),
            Ok(Denied::Delegation | Denied::OptOut) => Insecurity::NoDs(name),
            Ok(Denied::TooManyIterations) => Insecurity::TooManyIterations(name),
            Err(fault) => return Err(ended(fault, &self.apex)),
        };
        Err(Stop::Ends(Security::Insecure(why)))
    }

    /// Sees what keys the name's own zone serves when the chain does not reach it.
    async fn look_at_apex(&mut self, net: &Net, apex: Name, work: &Work) {
        let seen = self.zones.last().is_some_and(|zone| zone.name == plain(&apex));
        if !seen && let Ok(reply) = net.signed(&apex, RecordType::DNSKEY).await {
            let set = RecordSet::find(&reply.answers, &apex, RecordType::DNSKEY);
            self.keys = set.as_ref().map(RecordSet::keys).unwrap_or_default();
            let signatures = set.map(|set| set.verify(&apex, &self.keys, work).0);
            self.zones.push(Zone {
                name: plain(&apex),
                ds: Vec::new(),
                keys: self.keys.iter().map(Key::seen).collect(),
                signatures: signatures.unwrap_or_default(),
            });
        }
        self.apex = apex;
    }

    /// Judges the answer for a name in the zone of a secure chain.
    pub(super) async fn judge(
        &self,
        net: &Net,
        name: &Name,
        record_type: RecordType,
        work: &Work,
    ) -> Seen<Judged> {
        let reply = net.signed(name, record_type).await?;
        let alias = alias(&reply, name).filter(|_| record_type != RecordType::CNAME);
        let record_type = if alias.is_some() { RecordType::CNAME } else { record_type };
        let (signatures, result) = match RecordSet::find(&reply.answers, name, record_type) {
            Some(set) => {
                let (signatures, signed) = set.verify(&self.apex, &self.keys, work);
                let result = signed.and_then(|()| self.no_closer_match(&reply, name, &set, work));
                (signatures, result)
            }
            None => (Vec::new(), self.denied(&reply, name, record_type, work)),
        };
        let security = match result {
            Ok(()) => Security::Secure,
            Err(fault) => match ended(fault, &self.apex) {
                Stop::Ends(security) => security,
                Stop::Unseen(missing) => return Err(missing),
            },
        };
        Ok(Judged { security, signatures, alias })
    }

    /// A set that came out of a wildcard needs the proof that the name itself is not there.
    fn no_closer_match(
        &self,
        reply: &Message,
        name: &Name,
        set: &RecordSet,
        work: &Work,
    ) -> Result<(), Fault> {
        let Some(labels) = set.expanded_from() else { return Ok(()) };
        let proofs = Proofs::read(reply, &self.apex, &self.keys, work)?;
        match proofs.denies_closer_match(name, labels) {
            true => Ok(()),
            false => Err(Fault::broken(
                Problem::DenialInvalid,
                format!("nothing proves that a wildcard may stand for {}", plain(name)),
            )),
        }
    }

    fn denied(
        &self,
        reply: &Message,
        name: &Name,
        record_type: RecordType,
        work: &Work,
    ) -> Result<(), Fault> {
        let proofs = Proofs::read(reply, &self.apex, &self.keys, work)?;
        if proofs.is_empty() {
            let what = format!("{record_type} of {}", plain(name));
            return Err(Fault::Unseen(format!("the resolver hands over no proof for {what}")));
        }
        match proofs.deny(name, record_type, reply.metadata.response_code)? {
            Denied::TooManyIterations => Err(Fault::Unsupported),
            _ => Ok(()),
        }
    }
}

/// Fetches the anchor's zone. Whatever is wrong here is the resolver's doing or the operator's.
async fn anchored(net: &Net, anchor: &Name, anchors: &[DS], work: &Work) -> Seen<(Zone, Vec<Key>)> {
    let name = plain(anchor);
    let reply = net.signed(anchor, RecordType::DNSKEY).await?;
    let set = RecordSet::find(&reply.answers, anchor, RecordType::DNSKEY);
    let set = set.filter(RecordSet::is_signed).ok_or_else(|| {
        Missing(format!("the resolver hands over no DNSSEC signatures for the zone `{name}`"))
    })?;
    let keys = set.keys();
    let (signatures, signed) = set.verify(anchor, &named(&keys, anchors, anchor), work);
    if signed.is_err() {
        return Err(Missing(format!(
            "the keys of the zone `{name}` do not fit the trust anchor: the resolver, the anchor \
             or the clock is wrong"
        )));
    }
    let zone = Zone {
        name,
        ds: anchors.iter().map(ds_seen).collect(),
        keys: keys.iter().map(Key::seen).collect(),
        signatures,
    };
    Ok((zone, keys))
}

/// Asks at once what the walk will surely ask one after the other.
async fn ask_ahead(net: &Net, anchor: &Name, lowest: &Name) {
    let below = usize::from(anchor.num_labels()) + 1..=usize::from(lowest.num_labels());
    let names = below.clone().map(|labels| (lowest.trim_to(labels), RecordType::DS));
    // A top-level domain and the apex are zones for certain.
    let zones = below.filter(|labels| *labels == 1 || *labels == usize::from(lowest.num_labels()));
    let zones = zones.map(|labels| (lowest.trim_to(labels), RecordType::DNSKEY));
    let asked = names.chain(zones).map(|(name, record_type)| async move {
        let _cached = net.signed(&name, record_type).await;
    });
    join_all(asked).await;
}

/// Finds the apex of the zone a name is in; nothing when the answer does not tell.
async fn apex(net: &Net, name: &Name) -> Seen<Option<Name>> {
    let reply: Arc<Message> = net.signed(name, RecordType::SOA).await?;
    let is_soa = |record: &&Record| matches!(record.data, RData::SOA(_));
    let records = reply.answers.iter().chain(&reply.authorities).filter(is_soa);
    let above = records.map(|record| &record.name).filter(|apex| apex.zone_of(name));
    Ok(above.max_by_key(|apex| apex.num_labels()).map(Name::to_lowercase))
}

/// Returns the keys that DS records name.
fn named(keys: &[Key], ds: &[DS], zone: &Name) -> Vec<Key> {
    let named = |key: &&Key| ds.iter().any(|ds| key.is_named_by(ds, zone));
    keys.iter().filter(named).cloned().collect()
}

fn unmatched(zone: &Zone) -> Fault {
    let tags = |tags: Vec<u16>| tags.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
    let parent = tags(zone.ds.iter().map(|ds| ds.tag).collect());
    let own = tags(zone.keys.iter().map(|key| key.tag).collect());
    Fault::broken(
        Problem::DsWithoutKey,
        format!("the parent names key {parent} of {}, which has {own}", zone.name),
    )
}

fn alias(reply: &Message, name: &Name) -> Option<Name> {
    let own = reply.answers.iter().filter(|record| record.name == *name);
    own.filter_map(|record| match &record.data {
        RData::CNAME(target) => Some(target.0.clone()),
        _ => None,
    })
    .next()
}

fn ended(fault: Fault, zone: &Name) -> Stop {
    match fault {
        Fault::Broken(Break { problem, detail }) => {
            Stop::Ends(Security::Bogus(Break { problem, detail }))
        }
        Fault::Unsupported => Stop::Ends(Security::Insecure(Insecurity::Unsupported(plain(zone)))),
        Fault::Unseen(reason) => Stop::Unseen(Missing(reason)),
    }
}
