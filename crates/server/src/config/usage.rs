use super::part::part;
use super::value::{Bounded, Value};

/// How much of an address is kept with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreIp {
    Full,
    /// The first 24 bits of IPv4, the first 48 of IPv6.
    Truncated,
    None,
}

impl Value for StoreIp {
    fn kind() -> String {
        "one of `full` `truncated` `none`".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        match text {
            "full" => Some(Self::Full),
            "truncated" => Some(Self::Truncated),
            "none" => Some(Self::None),
            _ => None,
        }
    }

    fn show(&self) -> String {
        let word = match self {
            Self::Full => "full",
            Self::Truncated => "truncated",
            Self::None => "none",
        };
        word.to_owned()
    }
}

part! {
    /// What is kept of requests, and for how long.
    pub struct UsageConfig in "usage" {
        /// Whether single requests are kept; counts of them always are.
        pub request_log: bool = true,
        /// How much of a caller's address is kept with requests and failed attempts.
        pub store_ip: StoreIp = StoreIp::Full,
        /// Days that single requests and failed attempts are kept.
        pub request_log_days: Bounded<1, 3650> = Bounded::literal(30),
        /// Hours that counts of single minutes are kept.
        pub minute_hours: Bounded<1, 8760> = Bounded::literal(48),
        /// Days that counts of single hours are kept.
        pub hour_days: Bounded<1, 3650> = Bounded::literal(90),
        /// Days that counts of single days are kept.
        pub day_days: Bounded<1, 36500> = Bounded::literal(400),
    }
}
