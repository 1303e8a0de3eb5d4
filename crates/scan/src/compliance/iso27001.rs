//! ISO/IEC 27001:2022, Annex A.

use super::Group::{
    BrowserPolicy, Certificate, Cookie, DisclosureContact, Dns, Https, Inventory,
    MailAuthentication, MailTransport, Ports, Registration, Reputation, Tls, TlsFlaw,
    Vulnerability,
};
use super::{Framework, Kind, OVER_TIME, SUPPLIERS, beyond, direct, supporting};

pub(super) const FRAMEWORK: Framework = Framework {
    id: "iso27001",
    name: "ISO/IEC 27001",
    version: "2022",
    total: Some(93),
    note: "A scan from outside sees part of each control; it supports evidence and replaces no audit.",
    controls: &[
        supporting("A.5.7", &[Reputation], "gathering and using threat intelligence"),
        supporting(
            "A.5.9",
            &[Inventory, Registration],
            "keeping an inventory of assets and their owners",
        ),
        direct(
            "A.5.14",
            &[MailAuthentication, MailTransport, Tls],
            "protecting information in transfer, mail included",
        ),
        beyond(
            "A.5.21",
            Kind::Direct,
            SUPPLIERS,
            "managing security in the supply chain of technology",
        ),
        beyond(
            "A.5.22",
            Kind::Direct,
            SUPPLIERS,
            "monitoring and reviewing what suppliers deliver",
        ),
        direct(
            "A.8.8",
            &[Vulnerability, TlsFlaw, DisclosureContact],
            "finding and handling technical vulnerabilities",
        ),
        direct(
            "A.8.9",
            &[Tls, BrowserPolicy, Cookie, Dns],
            "keeping configurations defined and secure",
        ),
        beyond(
            "A.8.16",
            Kind::Supporting,
            OVER_TIME,
            "monitoring networks and systems for anomalies",
        ),
        direct("A.8.20", &[Ports, Dns, MailTransport], "securing networks and the devices in them"),
        direct(
            "A.8.21",
            &[Ports, Dns, MailTransport],
            "securing the services that a network offers",
        ),
        direct(
            "A.8.24",
            &[Tls, Certificate, MailTransport],
            "using cryptography by rule, keys included",
        ),
        direct(
            "A.8.26",
            &[BrowserPolicy, Cookie, Https],
            "meeting security requirements in applications",
        ),
    ],
};
