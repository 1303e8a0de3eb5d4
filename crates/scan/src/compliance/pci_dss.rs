//! PCI DSS 4.0.1: payment card data.

use super::Group::{
    BrowserPolicy, Certificate, Cookie, Disclosure, Https, Inventory, MailAuthentication, Ports,
    Tls, TlsFlaw, Vulnerability,
};
use super::{Framework, Kind, SUPPLIERS, beyond, direct, supporting};

pub(super) const FRAMEWORK: Framework = Framework {
    id: "pci_dss",
    name: "PCI DSS",
    version: "4.0.1",
    total: None,
    note: "Preparation only: the external scans of 11.3.2 must come from an Approved Scanning Vendor.",
    controls: &[
        direct("1.2.5", &[Ports], "allowing only identified services, protocols and ports"),
        direct("1.2.6", &[Ports], "containing insecure services and protocols that are in use"),
        direct("1.4.2", &[Ports], "limiting inbound traffic from untrusted networks"),
        direct("2.2.4", &[Ports, Tls], "enabling only necessary services, protocols and functions"),
        direct("2.2.5", &[Ports, Tls], "justifying and containing insecure services and protocols"),
        direct(
            "2.2.6",
            &[Tls, Disclosure],
            "setting security parameters so that they prevent misuse",
        ),
        direct("2.2.7", &[Ports, Tls], "encrypting administrative access over the network"),
        direct(
            "4.2.1",
            &[Tls, Certificate, TlsFlaw, Https],
            "strong cryptography and valid certificates over public networks",
        ),
        direct(
            "4.2.1.1",
            &[Certificate, Inventory],
            "keeping an inventory of trusted keys and certificates",
        ),
        direct(
            "5.4.1",
            &[MailAuthentication],
            "protecting people against phishing by technical means",
        ),
        supporting("6.2.4", &[BrowserPolicy, Cookie], "preventing common attacks on software"),
        direct("6.3.1", &[Vulnerability, TlsFlaw], "identifying and ranking vulnerabilities"),
        direct("6.3.3", &[Vulnerability, TlsFlaw], "installing security patches in time"),
        supporting(
            "6.4.1",
            &[BrowserPolicy, Cookie],
            "protecting public web applications against attacks",
        ),
        supporting(
            "6.4.2",
            &[BrowserPolicy, Cookie],
            "detecting and preventing web attacks automatically",
        ),
        direct(
            "6.4.3",
            &[BrowserPolicy],
            "authorising payment-page scripts and keeping them intact",
        ),
        supporting(
            "8.3.2",
            &[Https, Tls, Cookie],
            "making authentication factors unreadable in transit",
        ),
        supporting(
            "11.3.2",
            &[Vulnerability, Ports, TlsFlaw],
            "external vulnerability scans, by an Approved Scanning Vendor",
        ),
        direct(
            "11.6.1",
            &[BrowserPolicy],
            "detecting changes to headers and scripts of payment pages",
        ),
        direct("12.3.3", &[Tls], "documenting and reviewing cipher suites and protocols"),
        beyond(
            "12.8.4",
            Kind::Supporting,
            SUPPLIERS,
            "monitoring how service providers meet the standard",
        ),
    ],
};
