//! HIPAA Security Rule: electronic health information (45 CFR 164, subpart C).

use super::Group::{
    BrowserPolicy, Certificate, Cookie, Https, MailAuthentication, MailTransport, Tls,
};
use super::{Framework, Kind, OVER_TIME, WHOLE_REPORT, beyond, direct, supporting};

pub(super) const FRAMEWORK: Framework = Framework {
    id: "hipaa",
    name: "HIPAA Security Rule",
    version: "45 CFR 164 subpart C",
    total: None,
    note: "A scan from outside sees part of each control; it supports evidence and replaces no audit.",
    controls: &[
        beyond("164.308(a)(1)(ii)(A)", Kind::Supporting, WHOLE_REPORT, "analysing risk"),
        beyond(
            "164.308(a)(8)",
            Kind::Supporting,
            OVER_TIME,
            "evaluating technical safeguards periodically",
        ),
        supporting(
            "164.312(c)(1)",
            &[BrowserPolicy, Cookie],
            "protecting health information from improper change",
        ),
        supporting(
            "164.312(d)",
            &[Certificate, MailAuthentication],
            "verifying who or what asks for access",
        ),
        direct(
            "164.312(e)(1)",
            &[Tls, Certificate, Https, MailTransport],
            "guarding against unauthorised access during transmission",
        ),
        direct(
            "164.312(e)(2)(i)",
            &[Tls, Certificate, Https, MailTransport],
            "noticing improper changes during transmission",
        ),
        direct(
            "164.312(e)(2)(ii)",
            &[Tls, Certificate, Https, MailTransport],
            "encrypting health information where appropriate",
        ),
    ],
};
