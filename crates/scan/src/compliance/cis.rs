//! CIS Critical Security Controls 8.1: safeguards.

use super::Group::{
    BrowserPolicy, Cookie, DisclosureContact, Https, Inventory, MailAuthentication, MailTransport,
    Ports, Tls, TlsFlaw, Vulnerability,
};
use super::{Framework, Kind, SUPPLIERS, WHOLE_REPORT, beyond, direct, supporting};

pub(super) const FRAMEWORK: Framework = Framework {
    id: "cis",
    name: "CIS Controls",
    version: "8.1",
    total: Some(153),
    note: "A scan from outside sees part of each control; it supports evidence and replaces no audit.",
    controls: &[
        supporting("1.1", &[Inventory], "keeping an inventory of enterprise assets"),
        supporting("2.1", &[Vulnerability], "keeping an inventory of software"),
        supporting("2.2", &[Vulnerability], "using only software that is still supported"),
        direct("3.10", &[Tls, Https, MailTransport], "encrypting sensitive data in transit"),
        direct("4.1", &[BrowserPolicy, Cookie, Tls], "having a secure configuration process"),
        direct("4.6", &[Ports], "managing assets over secure protocols"),
        direct("4.8", &[Ports], "removing or switching off services that nobody needs"),
        supporting(
            "7.5",
            &[Vulnerability, TlsFlaw, Ports],
            "scanning internal assets for vulnerabilities",
        ),
        direct(
            "7.6",
            &[Vulnerability, TlsFlaw, Ports],
            "scanning assets that face the internet for vulnerabilities",
        ),
        supporting(
            "7.7",
            &[Vulnerability, TlsFlaw, Ports],
            "remediating the vulnerabilities found",
        ),
        direct("9.5", &[MailAuthentication], "publishing DMARC with SPF and DKIM"),
        supporting(
            "12.6",
            &[Tls],
            "using secure protocols for network management and communication",
        ),
        beyond("15.6", Kind::Supporting, SUPPLIERS, "monitoring service providers"),
        supporting(
            "16.2",
            &[DisclosureContact],
            "accepting reports of vulnerabilities in software",
        ),
        beyond("18.2", Kind::Supporting, WHOLE_REPORT, "testing from outside periodically"),
    ],
};
