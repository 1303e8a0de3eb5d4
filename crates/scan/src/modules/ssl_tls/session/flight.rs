//! Reads what the server of a handshake that is to be finished says. Never panics; what is not
//! understood ends the handshake.

/// Octets of a ticket that are kept.
const MOST_TICKET: usize = 8 * 1024;

/// ServerHello to ServerHelloDone, as far as it matters for finishing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Flight {
    pub(crate) version: u16,
    pub(crate) suite: u16,
    pub(crate) session_id: Vec<u8>,
    pub(crate) extensions: Vec<u16>,
    pub(super) random: [u8; 32],
    /// The first certificate in DER form.
    pub(crate) leaf: Option<Vec<u8>>,
    /// The named curve and the server's point on it.
    pub(super) point: Option<(u16, Vec<u8>)>,
    /// Whether the server asks for a certificate of ours.
    pub(super) wants_certificate: bool,
    /// Whether ServerHelloDone is there.
    pub(crate) done: bool,
}

impl Flight {
    /// Reads as many messages as are whole; `None` until the ServerHello is there.
    pub(crate) fn parse(messages: &[u8]) -> Option<Self> {
        let mut reader = Reader(messages);
        let mut flight: Option<Self> = None;
        while let Some((kind, body)) = reader.message() {
            match (kind, &mut flight) {
                (2, None) => flight = Some(Self::hello(body)?),
                (11, Some(flight)) => flight.leaf = leaf(body),
                (12, Some(flight)) => flight.point = point(body),
                (13, Some(flight)) => flight.wants_certificate = true,
                (14, Some(flight)) => {
                    flight.done = true;
                    break;
                }
                _ => {}
            }
        }
        flight
    }

    fn hello(body: &[u8]) -> Option<Self> {
        let mut reader = Reader(body);
        let mut flight = Self { version: reader.u16()?, ..Self::default() };
        flight.random = reader.take(32)?.try_into().ok()?;
        let session = usize::from(reader.u8()?);
        flight.session_id = reader.take(session)?.to_vec();
        flight.suite = reader.u16()?;
        reader.u8()?;
        let Some(length) = reader.u16() else { return Some(flight) };
        let mut extensions = Reader(reader.take(usize::from(length))?);
        while let Some(id) = extensions.u16() {
            let length = usize::from(extensions.u16()?);
            extensions.take(length)?;
            flight.extensions.push(id);
        }
        Some(flight)
    }
}

/// Returns the first whole message and what comes after it.
pub(super) fn message(messages: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let mut reader = Reader(messages);
    let (kind, body) = reader.message()?;
    Some((kind, body, reader.0))
}

/// Reads the ticket of a NewSessionTicket (RFC 5077, section 3.3).
pub(super) fn ticket(body: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader(body);
    reader.take(4)?;
    let length = usize::from(reader.u16()?);
    let ticket = reader.take(length)?;
    (1..=MOST_TICKET).contains(&length).then(|| ticket.to_vec())
}

fn leaf(body: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader(body);
    reader.u24()?;
    let length = reader.u24()?;
    reader.take(length).map(<[u8]>::to_vec)
}

fn point(body: &[u8]) -> Option<(u16, Vec<u8>)> {
    let mut reader = Reader(body);
    if reader.u8()? != 3 {
        return None;
    }
    let curve = reader.u16()?;
    let length = usize::from(reader.u8()?);
    Some((curve, reader.take(length)?.to_vec()))
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1).map(|octet| octet[0])
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
    }

    fn u24(&mut self) -> Option<usize> {
        self.take(3).map(|three| {
            usize::from(three[0]) << 16 | usize::from(three[1]) << 8 | usize::from(three[2])
        })
    }

    fn message(&mut self) -> Option<(u8, &'a [u8])> {
        let kind = self.u8()?;
        let length = self.u24()?;
        Some((kind, self.take(length)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(kind: u8, body: &[u8]) -> Vec<u8> {
        let mut message = vec![kind, 0, 0, u8::try_from(body.len()).unwrap()];
        message.extend(body);
        message
    }

    #[test]
    fn reads_what_finishing_needs() {
        let mut hello = vec![3, 3];
        hello.extend([7; 32]);
        hello.extend([2, 8, 9, 0xc0, 0x13, 0, 0, 5, 0xff, 0x01, 0, 1, 0]);
        let mut messages = framed(2, &hello);
        messages.extend(framed(11, &[0, 0, 5, 0, 0, 2, 1, 2]));
        messages.extend(framed(12, &[3, 0, 29, 2, 4, 5, 9, 9]));
        messages.extend(framed(13, &[]));
        let begun = Flight::parse(&messages).unwrap();
        assert!(!begun.done && begun.wants_certificate);
        assert_eq!((begun.version, begun.suite, begun.random), (0x0303, 0xc013, [7; 32]));
        assert_eq!((begun.session_id, begun.extensions), (vec![8, 9], vec![0xff01]));
        assert_eq!((begun.leaf, begun.point), (Some(vec![1, 2]), Some((29, vec![4, 5]))));
        messages.extend(framed(14, &[]));
        assert!(Flight::parse(&messages).unwrap().done);
        assert_eq!(Flight::parse(&messages[..20]), None);
    }

    #[test]
    fn a_ticket_is_bounded() {
        assert_eq!(ticket(&[0, 0, 0, 9, 0, 2, 7, 8]), Some(vec![7, 8]));
        assert_eq!(ticket(&[0, 0, 0, 9, 0, 0]), None);
        let long = [&[0, 0, 0, 9, 0x40, 0][..], &[1; 0x4000]].concat();
        assert_eq!(ticket(&long), None);
        assert_eq!(message(&[4, 0, 0, 1, 9, 20]), Some((4, &[9][..], &[20][..])));
        assert_eq!(message(&[4, 0, 0, 2, 9]), None);
    }
}
