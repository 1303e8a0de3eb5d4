use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Milliseconds in a second.
pub const SECOND_MS: i64 = 1_000;
/// Milliseconds in a minute.
pub const MINUTE_MS: i64 = 60 * SECOND_MS;
/// Milliseconds in an hour.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
/// Milliseconds in a day.
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// A point in time, in milliseconds since 1970-01-01T00:00:00Z.
///
/// Shown as RFC 3339 in UTC with milliseconds: `2026-11-24T08:31:36.000Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Returns the time that many milliseconds later (earlier when negative).
    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Returns the milliseconds from `earlier` to this time; negative when it lies before.
    pub fn ms_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Returns whole seconds since 1970, rounded down.
    pub fn unix_seconds(self) -> i64 {
        self.0.div_euclid(SECOND_MS)
    }

    /// Reads an RFC 3339 time.
    pub fn parse(text: &str) -> Option<Self> {
        let time: jiff::Timestamp = text.parse().ok()?;
        Some(Self(time.as_millisecond()))
    }

    /// Returns the calendar month in UTC.
    pub fn month(self) -> Month {
        let text = self.to_string();
        Month(text[..7].to_owned())
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Clamped to the years that RFC 3339 can write, so that printing never fails.
        const MIN: i64 = -62_135_596_800_000;
        const MAX: i64 = 253_402_207_200_000;
        let time = jiff::Timestamp::from_millisecond(self.0.clamp(MIN, MAX))
            .map_err(|_| std::fmt::Error)?;
        write!(f, "{time:.3}")
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text)
            .ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not an RFC 3339 time")))
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Timestamp {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{KnownFormat, SchemaFormat, Type};
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Timestamp {}

/// A calendar month in UTC, as `2026-11`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Month(String);

impl Month {
    /// Returns the month as `2026-11`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_utc_with_milliseconds() {
        assert_eq!(Timestamp(0).to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Timestamp(1_795_509_096_007).to_string(), "2026-11-24T08:31:36.007Z");
        assert_eq!(Timestamp(1_795_509_096_007).month().as_str(), "2026-11");
    }

    #[test]
    fn extremes_print_instead_of_panicking() {
        assert!(Timestamp(i64::MAX).to_string().starts_with("9999-"));
        assert!(Timestamp(i64::MIN).to_string().starts_with("0001-"));
    }

    #[test]
    fn reads_what_it_prints() {
        let time = Timestamp(1_795_509_096_007);
        assert_eq!(Timestamp::parse(&time.to_string()), Some(time));
        assert_eq!(Timestamp::parse("yesterday"), None);
    }
}
