use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Reads a cookie date (RFC 6265bis, section 5.1.1): time, day, month and year in any order.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    let tokens = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == ':' || !c.is_ascii()));
    for token in tokens.filter(|token| !token.is_empty()).take(32) {
        if time.is_none()
            && let Some(found) = clock(token)
        {
            time = Some(found);
        } else if day.is_none()
            && let Some(found) = number(token, 1, 2)
        {
            day = Some(found);
        } else if month.is_none()
            && let Some(found) = month_number(token)
        {
            month = Some(found);
        } else if year.is_none() {
            year = number(token, 2, 4);
        }
    }
    let (hour, minute, second) = time?;
    let year = match year? {
        short @ 70..=99 => short + 1900,
        short @ 0..=69 => short + 2000,
        full @ 1601.. => full,
        _ => return None,
    };
    let small = |number: i16| i8::try_from(number).ok();
    let date =
        DateTime::new(year, month?, small(day?)?, small(hour)?, small(minute)?, small(second)?, 0);
    Offset::UTC.to_timestamp(date.ok()?).ok()
}

fn clock(token: &str) -> Option<(i16, i16, i16)> {
    let mut parts = token.split(':');
    let mut part = || number(parts.next()?, 1, 2);
    let found = (part()?, part()?, part()?);
    parts.next().is_none().then_some(found)
}

/// Reads the digits a token begins with, if there are as many as wanted.
fn number(token: &str, fewest: usize, most: usize) -> Option<i16> {
    let digits = token.bytes().take_while(u8::is_ascii_digit).count();
    (fewest..=most).contains(&digits).then(|| token[..digits].parse().ok())?
}

fn month_number(token: &str) -> Option<i8> {
    let begin = token.get(..3)?.to_ascii_lowercase();
    let place = MONTHS.iter().position(|month| *month == begin)?;
    i8::try_from(place + 1).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_every_style_servers_use() {
        let expected: Timestamp = "2026-11-24T08:31:36Z".parse().unwrap();
        for text in [
            "Tue, 24 Nov 2026 08:31:36 GMT",
            "Tuesday, 24-Nov-26 08:31:36 GMT",
            "Tue Nov 24 08:31:36 2026",
        ] {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
        assert_eq!(parse("soon"), None);
        assert_eq!(parse("Tue, 32 Nov 2026 08:31:36 GMT"), None);
        assert_eq!(parse("Tue, 24 Nov 1500 08:31:36 GMT"), None);
    }

    proptest! {
        #[test]
        fn never_panics(text in "([0-9:]{1,9}| |nov|\\PC){0,20}") {
            parse(&text);
        }
    }
}
