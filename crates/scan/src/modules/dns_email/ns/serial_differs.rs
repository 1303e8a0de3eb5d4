use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "ns.serial-differs",
    title: "The name servers serve different versions of the zone",
    severity: Severity::Info,
    group: Group::Dns,
    standard: "RFC 1912, section 2.2; RFC 1034, section 4.3.5",
    why: "For minutes after a change this is how it has to be. When it stays so, a secondary server no \
          longer hears of changes, and what visitors get depends on whom they ask.",
    fix: "Compare the serial numbers again in an hour. If they still differ, look at why the server \
          with the older one gets no transfer.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let ns = evidence.dns_email()?.ns.as_ref().map_err(Clone::clone)?;
    let told: Vec<_> =
        ns.asked.iter().filter_map(|server| Some((server.name.as_str(), server.serial?))).collect();
    let Some((first, rest)) = told.split_first().filter(|(_, rest)| !rest.is_empty()) else {
        return match ns.asked.len() {
            1 => Ok(Verdict::NotApplicable("the zone has one name server")),
            _ => Err(Missing("not two servers told the serial number".to_owned())),
        };
    };
    Ok(rest.iter().find(|other| other.1 != first.1).map_or(Verdict::Pass, |other| {
        Verdict::Fail(format!(
            "{} has serial number {}, {} has {}",
            first.0, first.1, other.0, other.1
        ))
    }))
}

#[cfg(test)]
mod tests {
    use super::super::servers::asked;
    use super::*;
    use crate::check::judged;

    #[test]
    fn all_serve_one_version() {
        let with = |serials: &[Option<u32>]| {
            let mut evidence = asked(|_| {});
            let ns = evidence.dns_email.as_mut().unwrap().ns.as_mut().unwrap();
            let one = ns.asked.remove(0);
            for (number, serial) in (1..).zip(serials) {
                let name = format!("ns{number}.example.net");
                ns.asked.push(super::super::ServerSeen { name, serial: *serial, ..one.clone() });
            }
            judged(&CHECK, &evidence)
        };
        assert_eq!(
            with(&[Some(7), None, Some(6)]),
            "fail: ns1.example.net has serial number 7, ns3.example.net has 6"
        );
        assert_eq!(with(&[Some(7), Some(7)]), "pass");
        assert_eq!(with(&[Some(7)]), "not applicable: the zone has one name server");
        assert_eq!(with(&[Some(7), None]), "missing: not two servers told the serial number");
    }
}
