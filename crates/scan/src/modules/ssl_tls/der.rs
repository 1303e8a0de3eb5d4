/// Reads values of a DER encoding one after the other (X.690, section 8.1). Tags of one octet and
/// lengths up to four are understood, which is all that certificates need.
#[derive(Debug, Clone, Copy)]
pub(super) struct Der<'a>(pub(super) &'a [u8]);

/// One value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Value<'a> {
    pub(super) tag: u8,
    pub(super) content: &'a [u8],
    /// Tag, length and content.
    pub(super) whole: &'a [u8],
}

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OID: u8 = 0x06;
pub(super) const ENUMERATED: u8 = 0x0a;
pub(super) const GENERALIZED_TIME: u8 = 0x18;
pub(super) const SEQUENCE: u8 = 0x30;

/// Returns the tag of a constructed value that a number of its own marks.
pub(super) const fn tagged(number: u8) -> u8 {
    0xa0 | number
}

impl<'a> Der<'a> {
    /// Returns the next value.
    pub(super) fn next(&mut self) -> Option<Value<'a>> {
        let (&[tag, first], _) = self.0.split_first_chunk::<2>()?;
        let more = if first < 0x80 { 0 } else { usize::from(first & 0x7f) };
        if first == 0x80 || more > 4 {
            return None;
        }
        let length = match more {
            0 => usize::from(first),
            _ => {
                self.0.get(2..2 + more)?.iter().fold(0, |sum, octet| sum << 8 | usize::from(*octet))
            }
        };
        let (whole, rest) = self.0.split_at_checked((2 + more).checked_add(length)?)?;
        self.0 = rest;
        Some(Value { tag, content: &whole[2 + more..], whole })
    }

    /// Returns the content of the next value, which must have a tag.
    pub(super) fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().filter(|value| value.tag == tag).map(|value| value.content)
    }

    /// Returns the content of the next value if it has a tag; else it stays.
    pub(super) fn take_if(&mut self, tag: u8) -> Option<&'a [u8]> {
        (self.0.first() == Some(&tag)).then(|| self.take(tag)).flatten()
    }
}

/// Returns the octets of a BIT STRING that has whole ones.
pub(super) fn bits(content: &[u8]) -> Option<&[u8]> {
    content.split_first().filter(|(unused, _)| **unused == 0).map(|(_, bits)| bits)
}

/// Writes a value.
pub(super) fn written(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let zeros = length.iter().take_while(|octet| **octet == 0).count();
    let mut octets = vec![tag];
    match &length[zeros..] {
        [] => octets.push(0),
        [short] if *short < 0x80 => octets.push(*short),
        long => {
            octets.push(0x80 | u8::try_from(long.len()).unwrap_or(0));
            octets.extend(long);
        }
    }
    octets.extend(content);
    octets
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_are_read_as_they_were_written() {
        for length in [0, 1, 127, 128, 255, 256, 70_000] {
            let content = vec![7; length];
            let octets = [written(OCTET_STRING, &content), written(INTEGER, &[1])].concat();
            let mut der = Der(&octets);
            assert_eq!(der.take_if(INTEGER), None);
            assert_eq!(der.take(OCTET_STRING), Some(content.as_slice()));
            assert_eq!(der.next().map(|value| value.whole), Some(&[2, 1, 1][..]));
            assert_eq!(der.next(), None);
        }
    }

    #[test]
    fn a_length_without_its_content_is_no_value() {
        for octets in
            [&[4, 2, 1][..], &[4, 0x80, 0, 0], &[4, 0x85, 0, 0, 0, 0, 0], &[4, 0x81], &[4]]
        {
            assert_eq!(Der(octets).next(), None, "{octets:?}");
        }
        assert_eq!(Der(&[4, 0x84, 0xff, 0xff, 0xff, 0xff]).next(), None);
        assert_eq!((bits(&[0, 1, 2]), bits(&[1, 2]), bits(&[])), (Some(&[1, 2][..]), None, None));
    }

    proptest! {
        #[test]
        fn reading_never_panics(octets in proptest::collection::vec(any::<u8>(), 0..40)) {
            let mut der = Der(&octets);
            while der.next().is_some() {}
        }
    }
}
