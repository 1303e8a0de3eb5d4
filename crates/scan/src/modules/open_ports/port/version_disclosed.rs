use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::open_ports::listed;

pub(super) const CHECK: Check = Check {
    id: "port.version-disclosed",
    title: "Services tell their exact version to everybody",
    severity: Severity::Info,
    group: Group::Disclosure,
    standard: "CIS Controls v8.1, safeguard 4.1",
    why: "A version tells an attacker which flaws to try. Hiding it mends none of them, so updates come \
          first. SSH has to name its version and is not counted.",
    fix: "Take the version out of the greeting (Postfix `smtpd_banner`, vsFTPd `ftpd_banner`).",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let addresses = &evidence.ports()?.addresses;
    let reached = addresses.iter().filter(|host| host.reached.is_ok());
    if let (0, Some(missing)) =
        (reached.clone().count(), addresses.iter().find_map(|host| host.reached.as_ref().err()))
    {
        return Err(missing.clone());
    }
    let ports = reached.flat_map(|host| &host.open).filter(|port| port.ssh.is_none());
    let told: Vec<_> = ports
        .filter_map(|port| Some((port.port, port.product.as_ref()?)))
        .filter(|(_, product)| product.contains(|c: char| c.is_ascii_digit()))
        .map(|(port, product)| format!("port {port} says `{product}`"))
        .collect();
    Ok(Verdict::fail_if(!told.is_empty(), || listed(told.into_iter())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open};

    #[test]
    fn a_product_without_a_version_is_no_disclosure() {
        let judge = |product: &str| {
            let mut evidence = with_open(&[21]);
            let ports = &mut evidence.ports.as_mut().unwrap().addresses[0].open;
            ports[0].product = Some(product.to_owned());
            judged(&CHECK, &evidence)
        };
        assert_eq!(judge("vsFTPd 3.0.3"), "fail: port 21 says `vsFTPd 3.0.3`");
        assert_eq!(judge("Postfix"), "pass");
        assert_eq!(judged(&CHECK, &with_open(&[21])), "pass");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
