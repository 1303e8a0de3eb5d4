//! NIS2: Directive (EU) 2022/2555, Article 21, and the annex of Implementing Regulation (EU)
//! 2024/2690. Points 6.7.2(j) to (l) name IPv6, mail, DNS and routing standards almost one to one.

use super::Group::{
    BrowserPolicy, Certificate, Cookie, DisclosureContact, Dns, MailAuthentication, MailTransport,
    Ports, Routing, Tls, TlsFlaw, Vulnerability,
};
use super::{Framework, Kind, OVER_TIME, SUPPLIERS, beyond, direct, supporting};

pub(super) const FRAMEWORK: Framework = Framework {
    id: "nis2",
    name: "NIS2",
    version: "Directive 2022/2555, Regulation 2024/2690",
    total: None,
    note: "A scan from outside sees part of each control; it supports evidence and replaces no audit.",
    controls: &[
        beyond("Art. 21(2)(d)", Kind::Supporting, SUPPLIERS, "security of the supply chain"),
        supporting(
            "Art. 21(2)(e)",
            &[Vulnerability, DisclosureContact],
            "security in acquisition and upkeep, handling and disclosing vulnerabilities",
        ),
        beyond("Art. 21(2)(f)", Kind::Supporting, OVER_TIME, "assessing whether the measures work"),
        supporting(
            "Art. 21(2)(h)",
            &[Tls, Certificate],
            "using cryptography and encryption by rule",
        ),
        supporting("Art. 21(2)(j)", &[MailTransport], "securing communications"),
        direct(
            "Annex 6.3.2",
            &[BrowserPolicy, Cookie, Tls, Dns],
            "secure configurations of hardware, software, services and networks",
        ),
        direct("Annex 6.6.1", &[Vulnerability, TlsFlaw], "applying security patches in time"),
        direct("Annex 6.7.2(f)", &[Ports], "closing services and connections that nobody needs"),
        direct("Annex 6.7.2(i)", &[Tls], "communicating between systems over trusted channels"),
        direct("Annex 6.7.2(j)", &[Routing], "moving to current network-layer protocols"),
        direct(
            "Annex 6.7.2(k)",
            &[MailAuthentication, MailTransport],
            "deploying modern, interoperable standards for secure e-mail",
        ),
        direct(
            "Annex 6.7.2(l)",
            &[Dns, Routing],
            "best practice for the security of DNS and of routing",
        ),
        supporting("Annex 9.2(a)", &[Tls, Certificate], "a policy on the strength of cryptography"),
        supporting(
            "Annex 9.2(b)",
            &[Tls, Certificate],
            "approved algorithms and the agility to change them",
        ),
        direct(
            "Annex 6.10.2(b)",
            &[Vulnerability, TlsFlaw],
            "scanning for vulnerabilities and keeping the evidence",
        ),
        direct(
            "Annex 6.10.2(e)",
            &[DisclosureContact],
            "a procedure for disclosing vulnerabilities",
        ),
    ],
};
