//! Files that no site means to serve, and how to tell each from a page.
//!
//! A server that answers every path with some page exposes nothing: an answer counts only when its
//! first bytes are those of the file asked for, and when a path that nobody has is answered
//! differently. Of the contents nothing is kept. Never fails, whatever the bytes are.
//!
//! To add a file: a row, and its path in the check that judges it.

/// A file, and what recognises it by its first bytes and names what it is.
pub(crate) struct ForbiddenFile {
    pub(crate) path: &'static str,
    pub(crate) recognise: fn(&[u8]) -> Option<&'static str>,
}

/// The files that are asked for: read-only, the first two kilobytes of each.
pub(crate) const FILES: &[ForbiddenFile] = &[
    ForbiddenFile { path: SVN, recognise: |body| begins(body, b"SQLite format 3\0", "a database") },
    ForbiddenFile {
        path: DS_STORE,
        recognise: |body| begins(body, b"\0\0\0\x01Bud1", "a list of files"),
    },
    ForbiddenFile {
        path: BACKUP_ZIP,
        recognise: |body| begins(body, b"PK\x03\x04", "a ZIP archive"),
    },
    ForbiddenFile { path: BACKUP_SQL, recognise: database_dump },
    ForbiddenFile { path: PHPINFO, recognise: php_information },
    ForbiddenFile { path: INFO, recognise: php_information },
    ForbiddenFile { path: SERVER_STATUS, recognise: server_status },
    ForbiddenFile { path: SERVER_INFO, recognise: server_info },
    ForbiddenFile { path: ACTUATOR_ENV, recognise: actuator_environment },
    ForbiddenFile { path: PHPMYADMIN, recognise: phpmyadmin },
];

pub(super) const SVN: &str = "/.svn/wc.db";
pub(super) const DS_STORE: &str = "/.DS_Store";
pub(super) const BACKUP_ZIP: &str = "/backup.zip";
pub(super) const BACKUP_SQL: &str = "/backup.sql";
pub(super) const PHPINFO: &str = "/phpinfo.php";
pub(super) const INFO: &str = "/info.php";
pub(super) const SERVER_STATUS: &str = "/server-status";
pub(super) const SERVER_INFO: &str = "/server-info";
pub(super) const ACTUATOR_ENV: &str = "/actuator/env";
pub(super) const PHPMYADMIN: &str = "/phpmyadmin/index.php";

fn begins(body: &[u8], beginning: &[u8], is: &'static str) -> Option<&'static str> {
    body.starts_with(beginning).then_some(is)
}

/// The first bytes as text, in lower case.
fn text(body: &[u8]) -> String {
    String::from_utf8_lossy(&body[..body.len().min(16 * 1024)]).to_ascii_lowercase()
}

fn database_dump(body: &[u8]) -> Option<&'static str> {
    let text = text(body);
    let text = text.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']);
    let is_dump = [
        "-- mysql dump",
        "-- mariadb dump",
        "-- postgresql database dump",
        "-- phpmyadmin sql dump",
    ]
    .iter()
    .any(|beginning| text.starts_with(beginning) || text.starts_with(&format!("--\n{beginning}")))
        || text.starts_with("/*m!999999\\- enable the sandbox mode */")
        || (text.starts_with("create table ") || text.starts_with("insert into "));
    is_dump.then_some("a dump of a database")
}

fn php_information(body: &[u8]) -> Option<&'static str> {
    let text = text(body);
    text.contains("<title>php ").then_some(()).filter(|()| text.contains("phpinfo()"))?;
    Some("the page of phpinfo()")
}

fn server_status(body: &[u8]) -> Option<&'static str> {
    text(body).contains("apache server status for ").then_some("Apache's list of requests")
}

fn server_info(body: &[u8]) -> Option<&'static str> {
    let text = text(body);
    let is_info = text.contains("<title>server information</title>")
        && text.contains("apache server information");
    is_info.then_some("Apache's whole configuration")
}

/// Recognises the environment that Spring Boot tells: JSON, with these two names at its beginning.
fn actuator_environment(body: &[u8]) -> Option<&'static str> {
    let text = text(body);
    let is_environment = text.trim_start().starts_with('{')
        && text.contains("\"activeprofiles\"")
        && text.contains("\"propertysources\"");
    is_environment.then_some("the configuration of a Spring application")
}

/// Recognises the way into phpMyAdmin by the form or by what stands where nobody has to sign in.
fn phpmyadmin(body: &[u8]) -> Option<&'static str> {
    let text = text(body);
    let is_panel = text.contains("phpmyadmin")
        && ["pma_username", "pma_password", "pma_commonparams", "pmaabsoluteuri", "pma_theme"]
            .iter()
            .any(|mark| text.contains(mark));
    is_panel.then_some("the way into phpMyAdmin")
}

/// Recognises the list of files that servers make of a folder without a page of its own.
pub(crate) fn listing(body: &[u8]) -> Option<&'static str> {
    let text = text(body);
    let marks = [
        "<title>index of /",
        "<title>directory listing for /",
        "[to parent directory]",
        "<title>directory: /",
    ];
    marks.iter().any(|mark| text.contains(mark)).then_some("a list of its files")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn recognised(path: &str, body: &[u8]) -> Option<&'static str> {
        let file = FILES.iter().find(|file| file.path == path).unwrap();
        (file.recognise)(body)
    }

    #[test]
    fn files_are_told_from_pages_by_their_first_bytes() {
        assert!(recognised(SVN, b"SQLite format 3\0\x10").is_some());
        assert!(recognised(DS_STORE, b"\0\0\0\x01Bud1\0").is_some());
        assert!(recognised(BACKUP_ZIP, b"PK\x03\x04\x14").is_some());
        assert!(recognised(BACKUP_SQL, b"-- MySQL dump 10.13  Distrib 8.0").is_some());
        assert!(recognised(BACKUP_SQL, b"--\n-- PostgreSQL database dump\n--").is_some());
        let info = b"<!DOCTYPE html><html><head><title>PHP 8.2.7 - phpinfo()</title>";
        assert!(recognised(PHPINFO, info).is_some());
        assert!(recognised(SERVER_STATUS, b"<h1>Apache Server Status for x</h1>").is_some());
        let info = b"<title>Server Information</title><h1>Apache Server Information</h1>";
        assert!(recognised(SERVER_INFO, info).is_some());
        let environment = b"{\"activeProfiles\":[],\"propertySources\":[{\"name\":\"server.ports\"";
        assert!(recognised(ACTUATOR_ENV, environment).is_some());
        assert!(recognised(ACTUATOR_ENV, b"{\"status\":\"UP\"}").is_none());
        let panel = b"<title>phpMyAdmin</title><input name=\"pma_username\">";
        assert!(recognised(PHPMYADMIN, panel).is_some());
        assert!(recognised(PHPMYADMIN, b"<p>We do not run phpMyAdmin").is_none());
        assert!(listing(b"<html><head><title>Index of /assets/</title>").is_some());
        let page = b"<!doctype html><title>Shop</title><p>INSERT INTO is SQL, phpinfo() is PHP";
        for file in FILES {
            assert_eq!((file.recognise)(page), None, "{}", file.path);
        }
        assert_eq!(listing(page), None);
    }

    proptest! {
        #[test]
        fn never_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            for file in FILES {
                (file.recognise)(&body);
            }
            listing(&body);
        }
    }
}
