use std::io::Write;

/// Says something beside the results. When nobody can hear it the work goes on.
pub(crate) fn line(text: &str) {
    let _closed = writeln!(anstream::stderr(), "{text}");
}
