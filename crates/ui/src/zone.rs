use std::sync::LazyLock;

use jiff::tz::{TimeZone, TimeZoneDatabase};

/// A time zone that moments are told in, by its name in the IANA database (RFC 6557).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Zone(Option<&'static str>);

/// Ours, so that choices do not hang on what the machine has installed.
static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Places, sorted; names that are no place (`EST5EDT`, `Etc/GMT+1`) are left out.
static PLACES: LazyLock<Vec<String>> = LazyLock::new(|| {
    const AREAS: [&str; 10] = [
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    ];
    let names = DATABASE.available().map(|name| name.to_string());
    let mut places: Vec<String> = names
        .filter(|name| name.split_once('/').is_some_and(|(area, _)| AREAS.contains(&area)))
        .collect();
    places.sort();
    places
});

impl Zone {
    /// Coordinated universal time, what nobody has to choose.
    pub const UTC: Self = Self(None);

    /// Returns every zone, UTC first.
    pub fn all() -> impl Iterator<Item = Self> {
        let places = PLACES.iter().map(|place| Self(Some(place)));
        std::iter::once(Self::UTC).chain(places)
    }

    /// Returns the zone of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::all().find(|zone| zone.name() == name)
    }

    /// Returns its name, as in `Europe/Berlin`.
    pub fn name(self) -> &'static str {
        self.0.unwrap_or("UTC")
    }

    pub(crate) fn rules(self) -> TimeZone {
        self.0.and_then(|name| DATABASE.get(name).ok()).unwrap_or(TimeZone::UTC)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_known_by_its_name_alone() {
        let berlin = Zone::parse("Europe/Berlin").unwrap();
        assert_eq!(
            (berlin.name(), berlin.rules().iana_name()),
            ("Europe/Berlin", Some("Europe/Berlin"))
        );
        assert_eq!(Zone::parse("UTC"), Some(Zone::UTC));
        for odd in ["", "europe/berlin", "Europe/../../etc/passwd", "EST5EDT", "Etc/GMT+1"] {
            assert_eq!(Zone::parse(odd), None, "{odd}");
        }
        assert!(Zone::all().count() > 300);
    }
}
