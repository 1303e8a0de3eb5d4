use crate::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp, words};

/// What became of a request, in the terms of whoever reads the usage of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    Ok,
    /// The request itself was wrong: 400, 404, 409, 422 and their like.
    ClientError,
    /// A known credential was refused.
    Unauthorized,
    Forbidden,
    QuotaExceeded,
    RateLimited,
    ServerError,
}
words!(Outcome {
    Ok = "ok",
    ClientError = "client_error",
    Unauthorized = "unauthorized",
    Forbidden = "forbidden",
    QuotaExceeded = "quota_exceeded",
    RateLimited = "rate_limited",
    ServerError = "server_error",
});

/// How long the periods are over which requests are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Granularity {
    Minute,
    Hour,
    Day,
}
words!(Granularity { Minute = "minute", Hour = "hour", Day = "day" });

impl Granularity {
    /// Returns the length of a period in milliseconds.
    pub const fn ms(self) -> i64 {
        match self {
            Self::Minute => MINUTE_MS,
            Self::Hour => HOUR_MS,
            Self::Day => DAY_MS,
        }
    }

    /// Returns the start, in UTC, of the period that holds a time.
    pub fn start_of(self, at: Timestamp) -> Timestamp {
        Timestamp(at.0.div_euclid(self.ms()).saturating_mul(self.ms()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_holds_its_start_and_not_its_end() {
        for granularity in Granularity::ALL {
            let ms = granularity.ms();
            assert_eq!(granularity.start_of(Timestamp(3 * ms)), Timestamp(3 * ms));
            assert_eq!(granularity.start_of(Timestamp(4 * ms - 1)), Timestamp(3 * ms));
            assert_eq!(granularity.start_of(Timestamp(-1)), Timestamp(-ms));
        }
    }
}
