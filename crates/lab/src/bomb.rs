//! Small bodies that unpack to great ones: whoever unpacks what he did not ask for pays for it.

/// Matches of 258 zeros in the gzip body.
const MATCHES: usize = 64 * 1_024;

/// 64 MiB of zeros by brotli (RFC 7932).
#[rustfmt::skip]
pub(crate) const BROTLI: &[u8] = &[
    0xcb, 0xff, 0xff, 0x3f, 0xf8, 0x27, 0x00, 0xe2, 0xb1, 0x40, 0x20, 0xf7, 0xfe, 0x8f, 0xff,
    0xff, 0x7f, 0xf0, 0x4f, 0x00, 0xc4, 0x61, 0x11, 0x80, 0xee, 0xfd, 0x1f, 0xff, 0xff, 0xff,
    0xe0, 0x9f, 0x00, 0x88, 0xc3, 0x02, 0x00, 0xdd, 0xfb, 0x3f, 0xfe, 0xff, 0xff, 0xc1, 0x3f,
    0x01, 0x10, 0x87, 0x05, 0x00, 0xba, 0xf7, 0x7f, 0xfc, 0xff, 0xff, 0x83, 0x7f, 0x02, 0x20,
    0x0e, 0x0b, 0x00, 0x74, 0xef, 0xff, 0xf8, 0xff, 0xff, 0x07, 0xff, 0x04, 0x40, 0x1c, 0x16,
    0x00, 0xe8, 0xde, 0xff, 0xf1, 0xff, 0xff, 0x0f, 0xfe, 0x09, 0x80, 0x38, 0x2c, 0x00, 0xd0,
    0xbd, 0xff, 0xe3, 0xff, 0xff, 0x1f, 0xfc, 0x13, 0x00, 0x71, 0x58, 0x00, 0xa0, 0x7b, 0xff,
    0x37,
];

/// Returns 16 MiB of zeros by gzip (RFC 1952): one block with fixed codes (RFC 1951, section 3.2.6)
/// that repeats one zero. Its checksum is wrong, which is found out when it is too late.
pub(crate) fn gzip() -> Vec<u8> {
    let mut bits = Bits(vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3], 0);
    bits.push(1, 1);
    bits.push(0b01, 2);
    // The literal 0, its code first.
    bits.push_code(0b0011_0000, 8);
    for _ in 0..MATCHES {
        // A length of 258, from one octet back.
        bits.push_code(0b1100_0101, 8);
        bits.push_code(0, 5);
    }
    // The end of the block.
    bits.push_code(0, 7);
    let mut body = bits.0;
    body.extend([0; 8]);
    body
}

/// Octets that are filled from the lowest bit on, and how many bits of the last are taken.
struct Bits(Vec<u8>, u32);

impl Bits {
    /// Adds the lowest bits of a number, the lowest first.
    fn push(&mut self, number: u32, bits: u32) {
        for place in 0..bits {
            if self.1.is_multiple_of(8) {
                self.0.push(0);
            }
            let bit = u8::from(number >> place & 1 == 1);
            if let Some(last) = self.0.last_mut() {
                *last |= bit << (self.1 % 8);
            }
            self.1 += 1;
        }
    }

    /// Adds a Huffman code, which goes the other way around.
    fn push_code(&mut self, code: u32, bits: u32) {
        for place in (0..bits).rev() {
            self.push(code >> place & 1, 1);
        }
    }
}
