//! Ids of checks are an API: waivers, alerts, exports and other people's programs name them.
//!
//! `ids.txt` holds every id that ever stood in a release, sorted. Lines are added and never taken
//! out. A check that goes leaves its id there and in [`RETIRED`], with what took its place, so
//! that no later check takes the id for something else.

/// Every id there ever was.
const EVER: &str = include_str!("ids.txt");

/// Ids of checks that are gone, with what tells the same now, or why nothing does.
const RETIRED: &[(&str, &str)] = &[];

/// How many lines `ids.txt` has at least; raised with it now and then, so that it cannot shrink.
const AT_LEAST: usize = 387;

use std::collections::BTreeSet;

use crate::catalogue::catalogue;

#[test]
fn no_published_id_vanishes_or_comes_back_for_something_else() {
    let now: BTreeSet<&str> = catalogue().map(|check| check.id).collect();
    let retired: BTreeSet<&str> = RETIRED.iter().map(|(id, _)| *id).collect();
    for id in EVER.lines() {
        let known = u8::from(now.contains(id)) + u8::from(retired.contains(id));
        assert_eq!(known, 1, "{id} is neither in the catalogue nor in RETIRED, or in both");
    }
    for id in retired {
        assert!(EVER.lines().any(|ever| ever == id), "{id} was never published");
    }
}

#[test]
fn every_id_is_published() {
    let ever: Vec<&str> = EVER.lines().collect();
    for check in catalogue() {
        assert!(ever.contains(&check.id), "add {} to scan/src/ids.txt", check.id);
    }
    assert!(ever.is_sorted_by(|one, next| one < next), "ids.txt is sorted, each id once");
    assert!(ever.len() >= AT_LEAST, "{} ids: lines are never taken out", ever.len());
}
