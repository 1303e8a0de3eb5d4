use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::javascript::listed;
use crate::modules::tech_stack::products::Product;
use crate::modules::tech_stack::seen;

pub(super) const CHECK: Check = Check {
    id: "tech.fingerprint",
    title: "The software of the site can be told from outside",
    severity: Severity::Info,
    group: Group::Inventory,
    standard: "NIST CSF 2.0, ID.AM-02",
    why: "It is no fault, and hiding it protects nothing for long. The list shows what must be kept \
          up to date.",
    fix: "Compare the list with your own inventory.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let labels: Vec<_> = seen(evidence)?.iter().map(Product::label).collect();
    Ok(Verdict::fail_if(!labels.is_empty(), || listed(labels)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn products_are_listed_once() {
        assert_eq!(
            judged(&CHECK, &sample::page(&[("server", "nginx"), ("x-powered-by", "PHP/8.3.1")])),
            "fail: PHP 8.3.1, nginx"
        );
        assert_eq!(judged(&CHECK, &sample::page(&[])), "pass");
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
