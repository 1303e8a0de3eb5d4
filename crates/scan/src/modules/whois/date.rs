use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use model::Timestamp;

/// Letters of a date that are looked at.
const LONGEST: usize = 64;
/// Days of a clock-free date, with the year first or last; `01/02/2026` could be two days and is not
/// here.
const DATES: [&str; 6] = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d.%m.%Y", "%d-%b-%Y"];

/// Reads a date as registries write it: RFC 3339, or a day in one of several forms with or without
/// a time, which is then UTC.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if text.len() > LONGEST || !text.is_ascii() {
        return None;
    }
    if let Some(time) = Timestamp::parse(text) {
        return Some(time);
    }
    let (day, rest) = text.split_once([' ', 'T']).unwrap_or((text, ""));
    let day = DATES.iter().find_map(|form| Date::strptime(form, day).ok())?;
    let clock = rest.split([' ', '.', 'Z', '+', '(']).next().unwrap_or_default();
    let at = DateTime::strptime("%Y-%m-%d %H:%M:%S", format!("{day} {clock}"))
        .unwrap_or_else(|_| day.to_datetime(jiff::civil::Time::midnight()));
    Some(Timestamp(Offset::UTC.to_timestamp(at).ok()?.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_forms_of_registries_are_read() {
        for (text, day) in [
            ("2027-03-09T14:30:05Z", "2027-03-09T14:30:05.000Z"),
            ("2027-03-09T14:30:05.123+02:00", "2027-03-09T12:30:05.123Z"),
            ("2027-03-09T14:30:05", "2027-03-09T14:30:05.000Z"),
            ("2027-03-09 14:30:05 UTC", "2027-03-09T14:30:05.000Z"),
            ("2027-03-09", "2027-03-09T00:00:00.000Z"),
            ("2027/03/09 (JST)", "2027-03-09T00:00:00.000Z"),
            ("2027.03.09 14:30:05", "2027-03-09T14:30:05.000Z"),
            ("09.03.2027", "2027-03-09T00:00:00.000Z"),
            ("09-Mar-2027", "2027-03-09T00:00:00.000Z"),
            ("20270309", "2027-03-09T00:00:00.000Z"),
        ] {
            assert_eq!(parse(text).map(|time| time.to_string()).as_deref(), Some(day), "{text}");
        }
        for text in ["", "soon", "03/09/2027", "2027-13-09", "before aug-1996", "９"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "[0-9A-Za-z:./ +-]{0,40}|\\PC{0,40}") {
            parse(&text);
        }
    }
}
