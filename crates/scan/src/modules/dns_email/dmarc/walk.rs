//! Finds the record that applies by the tree walk of RFC 9989, section 4.10: the domain itself,
//! then its parents, at most eight names in all.

use hickory_proto::rr::RecordType;

use super::{DmarcEvidence, DmarcRecord, ExternalReports, Level};
use crate::check::Seen;
use crate::modules::dns_email::texts;
use crate::net::Net;

/// Names one walk asks.
const MOST_NAMES: usize = 8;
/// Records of one name that are kept: two are already one too many.
const MOST_RECORDS: usize = 3;
/// Domains that are asked whether they agreed to receive reports.
const MOST_RECEIVERS: usize = 4;

/// Asks the names of the walk until one ends it.
pub(crate) async fn walk(net: &Net, domain: &str) -> Seen<DmarcEvidence> {
    let mut walked: Vec<Level> = Vec::new();
    for name in names(domain) {
        let answer = net.lookup(&format!("_dmarc.{name}"), RecordType::TXT).await?;
        let mut records = texts(&answer, DmarcRecord::is_dmarc)?;
        records.truncate(MOST_RECORDS);
        let level = Level { name: name.to_owned(), texts: records };
        let own = walked.is_empty();
        let boundary = level.record().and_then(|record| record.public_suffix);
        let applies = own && level.record().is_some();
        walked.push(level);
        if applies || boundary.is_some() {
            break;
        }
    }
    let mut evidence = DmarcEvidence::from_walk(walked);
    if let (Some(at), Some(record)) = (&evidence.found_at, &evidence.record) {
        evidence.external = external_reports(net, at, record).await;
    }
    Ok(evidence)
}

/// Returns the names to ask, without `_dmarc.`; a domain of eight labels or more is shortened to
/// seven in one step.
fn names(domain: &str) -> impl Iterator<Item = &str> {
    let starts = std::iter::once(0).chain(domain.match_indices('.').map(|(dot, _)| dot + 1));
    let starts: Vec<usize> = starts.collect();
    let parents = starts.len().min(MOST_NAMES) - 1;
    let skipped = starts.len() - parents;
    let asked = move |index: &usize| *index == 0 || *index >= skipped;
    (0..starts.len()).filter(asked).map(move |index| &domain[starts[index]..])
}

impl DmarcEvidence {
    /// Decides which record applies (section 4.10.1).
    pub(crate) fn from_walk(walked: Vec<Level>) -> Self {
        let with_record: Vec<(&Level, DmarcRecord)> =
            walked.iter().filter_map(|level| Some((level, level.record()?))).collect();
        let own = walked.first().map(|level| level.name.as_str());
        let applies = match with_record.as_slice() {
            [] => None,
            [(level, _), ..] if Some(level.name.as_str()) == own => with_record.first(),
            // The walk ended at a public suffix: below it, the domain one label longer is the
            // organizational one, and its record goes before the suffix's own.
            [.., organization, (suffix, record)]
                if record.public_suffix == Some(true)
                    && organization.0.parent() == Some(suffix.name.as_str()) =>
            {
                Some(organization)
            }
            [.., last] => Some(last),
        };
        let found_at = applies.map(|(level, _)| level.name.clone());
        let record = applies.map(|(_, record)| record.clone());
        let own = found_at.is_some() && found_at.as_deref() == own;
        Self { found_at, record, own, external: Vec::new(), walked }
    }
}

impl Level {
    /// Returns the record, when there is exactly one; several count as none (section 4.10).
    pub(super) fn record(&self) -> Option<DmarcRecord> {
        match self.texts.as_slice() {
            [text] => Some(DmarcRecord::parse(text)),
            _ => None,
        }
    }

    fn parent(&self) -> Option<&str> {
        self.name.split_once('.').map(|(_, parent)| parent)
    }
}

/// Asks each other domain that is to get reports whether it agreed (RFC 9990, section 4).
async fn external_reports(net: &Net, domain: &str, record: &DmarcRecord) -> Vec<ExternalReports> {
    let hosts = record.aggregate.iter().chain(&record.failure).filter_map(|uri| uri.mail_host());
    let mut others: Vec<String> =
        hosts.map(str::to_ascii_lowercase).filter(|host| !same_owner(host, domain)).collect();
    others.sort();
    others.dedup();
    others.truncate(MOST_RECEIVERS);
    let asked = others.into_iter().map(|other| async move {
        let answer = net.lookup(&format!("{domain}._report._dmarc.{other}"), RecordType::TXT).await;
        let agreed =
            answer.map(|answer| answer.texts().iter().any(|text| DmarcRecord::is_dmarc(text)));
        ExternalReports { domain: other, agreed }
    });
    futures_util::future::join_all(asked).await
}

/// Returns whether two names belong to one organisation. The standard would walk the tree for each;
/// the public suffix list answers the same for registered names and costs no questions.
fn same_owner(left: &str, right: &str) -> bool {
    let registrable = |name: &str| psl::domain_str(name).map(str::to_owned);
    left == right || registrable(left).is_some_and(|domain| registrable(right) == Some(domain))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walked(domain: &str, records: &[(&str, &str)]) -> DmarcEvidence {
        let level = |name: &str| {
            let mine = records.iter().filter(|(at, _)| *at == name);
            let texts = mine.map(|(_, text)| (*text).to_owned()).collect();
            Level { name: name.to_owned(), texts }
        };
        DmarcEvidence::from_walk(names(domain).map(level).collect())
    }

    fn found_at(domain: &str, records: &[(&str, &str)]) -> Option<String> {
        walked(domain, records).found_at
    }

    #[test]
    fn asks_the_names_of_rfc_9989() {
        let asked = |domain| names(domain).collect::<Vec<_>>();
        assert_eq!(
            asked("a.b.c.d.e.f.g.h.i.j.mail.example.com"),
            [
                "a.b.c.d.e.f.g.h.i.j.mail.example.com",
                "g.h.i.j.mail.example.com",
                "h.i.j.mail.example.com",
                "i.j.mail.example.com",
                "j.mail.example.com",
                "mail.example.com",
                "example.com",
                "com",
            ]
        );
        assert_eq!(asked("example.com"), ["example.com", "com"]);
        assert_eq!(asked("a.b.c.d.e.f.g.h").len(), 8);
        assert_eq!(asked("a.b.c.d.e.f.g.h.i").len(), 8);
        assert_eq!(asked("localhost"), ["localhost"]);
    }

    #[test]
    fn chooses_the_record_as_rfc_9989_does() {
        let none = "v=DMARC1; p=none";
        // Section 4.10.2: two parents have records, the shorter name is the organizational domain.
        let parents = [("mail.example.com", none), ("example.com", none)];
        assert_eq!(found_at("a.mail.example.com", &parents).as_deref(), Some("example.com"));
        // A record of the domain itself goes first.
        assert_eq!(found_at("mail.example.com", &parents).as_deref(), Some("mail.example.com"));
        // `psd=n` ends the walk.
        let boundary = [("mail.example.com", "v=DMARC1; psd=n")];
        assert_eq!(found_at("a.mail.example.com", &boundary).as_deref(), Some("mail.example.com"));
        // Only a public suffix has a record.
        let suffix = ("com", "v=DMARC1; p=reject; psd=y");
        let evidence = walked("a.mail.example.com", &[suffix]);
        assert_eq!((evidence.found_at.as_deref(), evidence.own), (Some("com"), false));
        // The organizational domain goes before its public suffix.
        let both = [("example.com", none), suffix];
        assert_eq!(found_at("a.mail.example.com", &both).as_deref(), Some("example.com"));
        // A record further down than the organizational domain does not.
        let deeper = [("mail.example.com", none), suffix];
        assert_eq!(found_at("a.mail.example.com", &deeper).as_deref(), Some("com"));
        assert_eq!(found_at("example.com", &[]), None);
    }

    #[test]
    fn two_records_count_as_none() {
        let twice = [("example.com", "v=DMARC1; p=none"), ("example.com", "v=DMARC1; p=reject")];
        let evidence = walked("example.com", &twice);
        assert_eq!((&evidence.found_at, evidence.walked[0].texts.len()), (&None, 2));
    }

    #[test]
    fn tells_one_owner_from_another() {
        assert!(same_owner("reports.example.com", "mail.example.com"));
        assert!(!same_owner("example.net", "example.com"));
        assert!(!same_owner("a.co.uk", "b.co.uk"));
    }
}
