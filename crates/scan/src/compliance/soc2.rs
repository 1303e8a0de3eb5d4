//! SOC 2: the trust services criteria of the AICPA, common criteria.

use super::Group::{
    BrowserPolicy, Certificate, Cookie, DisclosureContact, Dns, Https, Inventory, MailTransport,
    Ports, Reputation, Tls, TlsFlaw, Vulnerability,
};
use super::{Framework, Kind, SUPPLIERS, WHOLE_REPORT, beyond, direct, supporting};

pub(super) const FRAMEWORK: Framework = Framework {
    id: "soc2",
    name: "SOC 2",
    version: "TSC 2017, points of focus 2022",
    total: Some(33),
    note: "A scan from outside sees part of each control; it supports evidence and replaces no audit.",
    controls: &[
        supporting(
            "CC2.3",
            &[DisclosureContact],
            "communicating with outside parties, who must be able to report a weakness",
        ),
        beyond("CC3.2", Kind::Supporting, WHOLE_REPORT, "identifying and analysing risk"),
        beyond("CC4.1", Kind::Supporting, WHOLE_REPORT, "evaluating controls on an ongoing basis"),
        supporting(
            "CC6.1",
            &[Tls, Certificate, Cookie],
            "logical access security over protected assets, encryption and keys among it",
        ),
        direct(
            "CC6.6",
            &[Ports, Https, Tls, TlsFlaw, Dns],
            "protecting the boundary against threats from outside",
        ),
        direct(
            "CC6.7",
            &[Tls, Certificate, Https, MailTransport],
            "protecting information while it is transmitted",
        ),
        supporting(
            "CC6.8",
            &[BrowserPolicy, Vulnerability],
            "preventing or detecting software that nobody authorised",
        ),
        direct(
            "CC7.1",
            &[Vulnerability, TlsFlaw, Inventory],
            "detecting changes of configuration and new vulnerabilities",
        ),
        supporting("CC7.2", &[Reputation], "watching for anomalies that point to an attack"),
        beyond("CC9.2", Kind::Direct, SUPPLIERS, "assessing and managing the risk of vendors"),
    ],
};
