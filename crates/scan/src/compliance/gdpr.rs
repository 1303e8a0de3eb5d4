//! GDPR: Regulation (EU) 2016/679, security of processing.

use super::Group::{Certificate, Https, MailTransport, Tls};
use super::{Framework, Group, Kind, OVER_TIME, beyond, supporting};

pub(super) const FRAMEWORK: Framework = Framework {
    id: "gdpr",
    name: "GDPR",
    version: "Regulation 2016/679",
    total: None,
    note: "The articles are wider than any technical check; a finding here is a question to ask, not a breach.",
    controls: &[
        supporting("Art. 5(1)(f)", Group::ALL, "processing with integrity and confidentiality"),
        supporting(
            "Art. 32(1)(a)",
            &[Tls, Certificate, Https, MailTransport],
            "encrypting personal data",
        ),
        supporting(
            "Art. 32(1)(b)",
            Group::ALL,
            "ongoing confidentiality, integrity and resilience of systems",
        ),
        beyond(
            "Art. 32(1)(d)",
            Kind::Supporting,
            OVER_TIME,
            "testing and evaluating the measures regularly",
        ),
    ],
};
