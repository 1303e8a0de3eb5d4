//! The newest reports of several domains beside each other: of each as much as is compared.

use std::collections::BTreeMap;

use model::{DomainName, Grade, ModuleId, Timestamp, Unscored};
use serde::Deserialize;

use super::{plans, reports};
use crate::app::App;
use crate::auth::Identity;
use crate::error::{Error, Result};

/// The most domains that are compared at once.
pub(crate) const MAX_COMPARED: usize = 10;

/// A domain among those compared; `None` when no scan of all its modules was completed.
pub(crate) struct Compared {
    pub(crate) domain: String,
    pub(crate) newest: Option<Newest>,
}

/// What is compared of a report.
pub(crate) struct Newest {
    pub(crate) scan: i64,
    pub(crate) scanned_at: Timestamp,
    pub(crate) score: Option<u8>,
    /// `None` for a module that was not judged.
    pub(crate) modules: BTreeMap<ModuleId, Option<u8>>,
}

/// A stored report without what takes long to read: its findings and its evidence.
#[derive(Deserialize)]
struct Outline {
    scanned_at: Timestamp,
    score: std::result::Result<u8, Unscored>,
    modules: Vec<ModuleOutline>,
}

#[derive(Deserialize)]
struct ModuleOutline {
    id: ModuleId,
    score: Option<u8>,
}

impl Compared {
    pub(crate) fn score(&self) -> Option<u8> {
        self.newest.as_ref()?.score
    }

    pub(crate) fn grade(&self) -> Option<Grade> {
        self.score().map(Grade::of)
    }

    pub(crate) fn module_score(&self, id: ModuleId) -> Option<u8> {
        *self.newest.as_ref()?.modules.get(&id)?
    }
}

/// Returns the newest reports of 2 to 10 domains, the best score first and those without a report
/// last, if the caller's plan compares.
pub(crate) async fn compare(
    app: &App,
    caller: &Identity,
    domains: &[String],
) -> Result<Vec<Compared>> {
    plans::require_gate(app, caller.principal(), "compare").await?;
    let mut names: Vec<String> = Vec::new();
    for text in domains.iter().take(MAX_COMPARED + 1) {
        let domain = DomainName::parse(text)
            .map_err(|problem| Error::InvalidDomain(format!("`domains` {problem}.")))?;
        caller.require_domain(&domain)?;
        if !names.iter().any(|name| name == domain.as_str()) {
            names.push(domain.as_str().to_owned());
        }
    }
    if !(2..=MAX_COMPARED).contains(&names.len()) || domains.len() > MAX_COMPARED {
        return Err(Error::invalid("domains", format!("must name 2 to {MAX_COMPARED} domains")));
    }
    let mut compared = Vec::new();
    for domain in names {
        let newest = match reports::latest(app, caller, &domain).await? {
            Some(scan) => Some(newest(app, scan.account_id, scan.id).await?),
            None => None,
        };
        compared.push(Compared { domain, newest });
    }
    // Stable, so that equals keep the order they were named in; none is less than any score.
    compared.sort_by_key(|one| std::cmp::Reverse(one.score()));
    Ok(compared)
}

async fn newest(app: &App, account: i64, scan: i64) -> Result<Newest> {
    let report: Option<Outline> = app.store.find_report_as(account, scan).await?;
    let report = report.ok_or(Error::NotFound)?;
    Ok(Newest {
        scan,
        scanned_at: report.scanned_at,
        score: report.score.ok(),
        modules: report.modules.into_iter().map(|module| (module.id, module.score)).collect(),
    })
}
