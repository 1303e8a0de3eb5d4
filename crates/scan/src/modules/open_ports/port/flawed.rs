use crate::check::{Missing, Verdict};
use crate::evidence::Evidence;
use crate::known_flaws::{Kind, flaws, knows, product};
use crate::modules::open_ports::listed;

/// Fails when a service names a version with flaws of one kind.
pub(super) fn judge(evidence: &Evidence, kind: Kind) -> Result<Verdict, Missing> {
    let ports = evidence.ports()?;
    let reached = || ports.addresses.iter().filter(|host| host.reached.is_ok());
    if let (0, Some(missing)) =
        (reached().count(), ports.addresses.iter().find_map(|host| host.reached.as_ref().err()))
    {
        return Err(missing.clone());
    }
    let mut told = false;
    let mut found = Vec::new();
    for (host, port) in reached().flat_map(|host| host.open.iter().map(move |port| (host, port))) {
        let Some(text) = &port.product else { continue };
        let Some((name, version)) = product(text).filter(|(name, _)| knows(name)) else { continue };
        told = true;
        let its = flaws(name, version, text, &ports.exploited);
        let its: Vec<_> =
            its.into_iter().filter(|flaw| flaw.kind == kind).map(|flaw| flaw.told).collect();
        if !its.is_empty() {
            let place = format!("{text} at port {} of {}", port.port, host.address);
            found.push(format!("{place} has {}", its.join("; ")));
        }
    }
    match reached().find_map(|host| host.unasked.as_ref()) {
        Some(unasked) if found.is_empty() => Err(unasked.why.clone()),
        None if !told => Ok(Verdict::NotApplicable("no service names a version of the table")),
        _ => Ok(Verdict::fail_if(!found.is_empty(), || listed(found.into_iter()))),
    }
}
