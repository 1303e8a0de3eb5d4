//! A file that a form sends (RFC 7578): one part, taken out of a body that is there as a whole.

use http::HeaderMap;
use http::header::CONTENT_TYPE;

/// The longest boundary (RFC 2046, section 5.1.1).
const MOST_BOUNDARY: usize = 70;

/// Returns the content of the first part with that name. `None` for a body that is not of such a form.
pub(super) fn part<'a>(headers: &HeaderMap, body: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let delimiter = format!("\r\n--{}", boundary(headers)?).into_bytes();
    // The first delimiter has no line before it.
    let mut rest = body.strip_prefix(&delimiter[2..])?;
    let wanted = format!("; name=\"{name}\"");
    loop {
        rest = rest.strip_prefix(b"\r\n")?;
        let head_ends = find(rest, b"\r\n\r\n")?;
        let (head, content) = (&rest[..head_ends], &rest[head_ends + 4..]);
        let ends = find(content, &delimiter)?;
        let head = std::str::from_utf8(head).ok()?;
        let disposition = head.split("\r\n").find_map(|line| {
            let (field, value) = line.split_once(':')?;
            field.eq_ignore_ascii_case("content-disposition").then_some(value)
        });
        if disposition.is_some_and(|value| value.contains(&wanted)) {
            return Some(&content[..ends]);
        }
        rest = &content[ends + delimiter.len()..];
    }
}

fn boundary(headers: &HeaderMap) -> Option<&str> {
    let kind = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let (essence, parameters) = kind.split_once(';')?;
    if !essence.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = parameters.split(';').find_map(|one| one.trim().strip_prefix("boundary="))?;
    let boundary = boundary.trim_matches('"');
    (1..=MOST_BOUNDARY).contains(&boundary.len()).then_some(boundary)
}

/// Steps from one first byte to the next, so that a long body is read about once.
fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: &str, body: &[u8]) -> Option<Vec<u8>> {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, kind.parse().unwrap())]);
        part(&headers, body, "file").map(<[u8]>::to_vec)
    }

    #[test]
    fn the_named_part_comes_out_to_the_byte() {
        let body = b"--x\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\n1\r\n\
                     --x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a\"\r\n\
                     Content-Type: application/pdf\r\n\r\n%PDF\r\n--y\r\n\x00\xff\n\r\n--x--\r\n";
        let found = of("multipart/form-data; boundary=x", body).unwrap();
        assert_eq!(found, b"%PDF\r\n--y\r\n\x00\xff\n");
        assert_eq!(of("multipart/form-data; charset=utf-8; boundary=\"x\"", body).unwrap(), found);
    }

    #[test]
    fn what_is_no_such_form_holds_no_file() {
        let kind = "multipart/form-data; boundary=x";
        let empty = b"--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n\r\n--x--";
        assert_eq!(of(kind, empty), Some(Vec::new()));
        for body in [&b""[..], b"--x", b"--x--\r\n", b"--x\r\n\r\n", b"file=1", &empty[..40]] {
            assert_eq!(of(kind, body), None, "{body:?}");
        }
        for kind in
            ["text/plain; boundary=x", "multipart/form-data", "multipart/form-data; boundary="]
        {
            assert_eq!(of(kind, empty), None, "{kind}");
        }
    }
}
