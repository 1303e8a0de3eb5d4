#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| scan::foreign::mark_certificate(bytes));
