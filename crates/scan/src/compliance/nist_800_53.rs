//! NIST SP 800-53, revision 5: security and privacy controls.

use super::Group::{
    BrowserPolicy, Certificate, Cookie, Disclosure, DisclosureContact, Dns, Https, Inventory,
    MailAuthentication, MailTransport, Ports, Tls, TlsFlaw, Vulnerability,
};
use super::{Framework, Kind, OVER_TIME, SUPPLIERS, beyond, direct, supporting};

pub(super) const FRAMEWORK: Framework = Framework {
    id: "nist_800_53",
    name: "NIST SP 800-53",
    version: "Rev. 5",
    total: None,
    note: "A scan from outside sees part of each control; it supports evidence and replaces no audit.",
    controls: &[
        supporting("AC-22", &[Disclosure], "reviewing what is published to everybody"),
        beyond("CA-7", Kind::Supporting, OVER_TIME, "monitoring continuously"),
        direct(
            "CM-6",
            &[Tls, BrowserPolicy, Cookie],
            "setting systems to the most restrictive mode that works",
        ),
        direct("CM-7", &[Ports], "running only the functions, ports and protocols that are needed"),
        direct("CM-8", &[Inventory], "keeping an inventory of system components"),
        direct("RA-5", &[Vulnerability, TlsFlaw], "scanning for vulnerabilities"),
        direct(
            "RA-5(2)",
            &[Vulnerability, TlsFlaw],
            "keeping the list of scanned vulnerabilities up to date",
        ),
        direct(
            "RA-5(11)",
            &[DisclosureContact],
            "offering a public channel for reports of vulnerabilities",
        ),
        beyond("SA-9", Kind::Direct, SUPPLIERS, "overseeing external system services"),
        direct("SA-22", &[Vulnerability], "replacing components that are no longer supported"),
        direct("SC-7", &[Ports], "protecting the boundary"),
        direct("SC-7(5)", &[Ports], "denying traffic by default and allowing it by exception"),
        direct(
            "SC-8",
            &[Tls, Certificate, Https, MailTransport],
            "keeping transmitted information confidential and intact",
        ),
        direct("SC-8(1)", &[Tls, Certificate, Https, MailTransport], "doing so by cryptography"),
        direct("SC-12", &[Certificate, Tls], "establishing and managing cryptographic keys"),
        direct("SC-13", &[Certificate, Tls], "using approved cryptography"),
        direct(
            "SC-17",
            &[Certificate, Tls],
            "issuing or obtaining certificates from an approved authority",
        ),
        supporting("SC-18", &[BrowserPolicy], "controlling mobile code, scripts above all"),
        direct("SC-20", &[Dns], "signing authoritative answers to name look-ups"),
        supporting("SC-21", &[Dns], "validating answers in resolvers"),
        direct("SC-22", &[Dns], "making name resolution redundant and separated by role"),
        direct("SC-23", &[Cookie, Tls], "protecting the authenticity of sessions"),
        direct("SI-2", &[Vulnerability, TlsFlaw], "correcting flaws in time"),
        beyond("SI-4", Kind::Supporting, OVER_TIME, "monitoring systems for attacks"),
        supporting("SI-8", &[MailAuthentication], "protecting against unsolicited and forged mail"),
        supporting("SI-11", &[Disclosure], "keeping error messages from telling too much"),
        beyond("SR-6", Kind::Direct, SUPPLIERS, "assessing and reviewing suppliers"),
    ],
};
