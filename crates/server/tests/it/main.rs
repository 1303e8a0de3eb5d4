//! The service through a real socket, one file per resource.
//!
//! [`support::TestApp`] starts a server on a free port with an empty database, a clock that stands
//! and a folder of its own; its clients speak HTTP to it like anybody else. Nothing here looks
//! inside the server.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod accepted_risks;
mod admin;
mod alert_rules;
mod alert_settings;
mod alerts;
mod api_key_ends;
mod api_key_rotation;
mod api_key_rules;
mod api_keys;
mod audit_actions;
mod audit_log;
mod authenticator;
mod badges;
mod batch;
mod browser;
mod comparisons;
mod decisions;
mod deletion;
mod email;
mod export;
mod free_scan;
mod guesses;
mod health;
mod idempotency;
mod limits;
mod log;
mod mail;
mod me;
mod metrics;
mod operator;
mod ownership;
mod pages;
mod pages_account;
mod pages_admin;
mod pages_docs;
mod pages_entry;
mod pages_errors;
mod pages_kept;
mod pages_keys;
mod pages_overview;
mod pages_passkeys;
mod pages_profile;
mod pages_reports;
mod pages_scans;
mod pages_security;
mod pages_team;
mod passkeys;
mod password;
mod races;
mod refusals;
mod report_formats;
mod report_schema;
mod reset;
mod routes;
mod scans;
mod second_factors;
mod seed;
mod serve;
mod sessions;
mod setup;
mod sharing;
mod sign_in;
mod software_authenticator;
mod step_up;
mod support;
mod team;
mod team_races;
mod usage;
mod verification;
