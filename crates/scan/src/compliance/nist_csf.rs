//! NIST Cybersecurity Framework 2.0.

use super::Group::{
    BrowserPolicy, Certificate, Cookie, DisclosureContact, Dns, Https, Inventory,
    MailAuthentication, MailTransport, Ports, Reputation, Tls, TlsFlaw, Vulnerability,
};
use super::{Framework, Kind, SUPPLIERS, beyond, direct, supporting};

pub(super) const FRAMEWORK: Framework = Framework {
    id: "nist_csf",
    name: "NIST CSF",
    version: "2.0",
    total: Some(106),
    note: "A scan from outside sees part of each control; it supports evidence and replaces no audit.",
    controls: &[
        beyond(
            "GV.SC-07",
            Kind::Direct,
            SUPPLIERS,
            "assessing and monitoring the risk of suppliers",
        ),
        supporting(
            "ID.AM-02",
            &[Inventory, Vulnerability],
            "keeping an inventory of software, services and systems",
        ),
        supporting(
            "ID.AM-04",
            &[Inventory, Vulnerability],
            "keeping an inventory of what suppliers provide",
        ),
        direct("ID.RA-01", &[Vulnerability, TlsFlaw], "identifying and recording vulnerabilities"),
        direct("ID.RA-08", &[DisclosureContact], "having a process for reports of vulnerabilities"),
        supporting(
            "PR.AA-03",
            &[MailAuthentication, Certificate, Cookie],
            "authenticating users, services and hardware",
        ),
        supporting(
            "PR.AA-04",
            &[MailAuthentication, Certificate, Cookie],
            "protecting and verifying assertions of identity",
        ),
        direct("PR.DS-02", &[Tls, Certificate, Https, MailTransport], "protecting data in transit"),
        direct("PR.PS-01", &[BrowserPolicy, Cookie, Dns], "managing configuration"),
        direct("PR.PS-02", &[Vulnerability], "keeping software maintained, replaced or removed"),
        direct("PR.IR-01", &[Ports], "protecting networks from unauthorised use"),
        supporting("DE.CM-01", &[Reputation], "monitoring networks and network services"),
        supporting("DE.CM-06", &[Reputation], "monitoring what outside providers do"),
        supporting(
            "DE.CM-09",
            &[Reputation],
            "monitoring software, runtime environments and their data",
        ),
    ],
};
