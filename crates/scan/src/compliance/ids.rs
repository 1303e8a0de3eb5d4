//! The control ids that exist, per framework: invented ones must not get into the mapping.

/// Returns whether an edition has that id.
pub(super) fn exists(framework: &str, id: &str) -> bool {
    match framework {
        "soc2" => counted("CC", '.', id, &[5, 3, 4, 2, 3, 8, 5, 1, 2]),
        "iso27001" => counted("A.", '.', id, &[0, 0, 0, 0, 37, 8, 14, 34]),
        "cis" => counted("", '.', id, &[5, 7, 14, 12, 6, 8, 7, 12, 7, 7, 5, 8, 11, 9, 7, 14, 9, 5]),
        "nist_csf" => NIST_CSF.iter().any(|(category, numbers)| {
            let number = id.strip_prefix(category).and_then(|rest| rest.strip_prefix('-'));
            number.is_some_and(|number| numbers.split(' ').any(|have| have == number))
        }),
        "nist_800_53" => nist_800_53(id),
        "pci_dss" => PCI_DSS.contains(&id),
        "hipaa" => HIPAA.contains(&id),
        "nis2" => NIS2.contains(&id),
        "gdpr" => GDPR.contains(&id),
        _ => false,
    }
}

/// Reads `<prefix><chapter><dot><number>` and holds the number to the chapter's count.
fn counted(prefix: &str, dot: char, id: &str, counts: &[u8]) -> bool {
    let Some((chapter, number)) = id.strip_prefix(prefix).and_then(|rest| rest.split_once(dot))
    else {
        return false;
    };
    let count = chapter.parse().ok().and_then(|chapter: usize| counts.get(chapter.checked_sub(1)?));
    count.is_some_and(|count| number.parse().is_ok_and(|number: u8| (1..=*count).contains(&number)))
}

/// Categories and their subcategories; CSF 2.0 keeps the gaps that 1.1 left behind.
const NIST_CSF: &[(&str, &str)] = &[
    ("GV.OC", "01 02 03 04 05"),
    ("GV.RM", "01 02 03 04 05 06 07"),
    ("GV.RR", "01 02 03 04"),
    ("GV.PO", "01 02"),
    ("GV.OV", "01 02 03"),
    ("GV.SC", "01 02 03 04 05 06 07 08 09 10"),
    ("ID.AM", "01 02 03 04 05 07 08"),
    ("ID.RA", "01 02 03 04 05 06 07 08 09 10"),
    ("ID.IM", "01 02 03 04"),
    ("PR.AA", "01 02 03 04 05 06"),
    ("PR.AT", "01 02"),
    ("PR.DS", "01 02 10 11"),
    ("PR.PS", "01 02 03 04 05 06"),
    ("PR.IR", "01 02 03 04"),
    ("DE.CM", "01 02 03 06 09"),
    ("DE.AE", "02 03 04 06 07 08"),
    ("RS.MA", "01 02 03 04 05"),
    ("RS.AN", "03 06 07 08"),
    ("RS.CO", "02 03"),
    ("RS.MI", "01 02"),
    ("RC.RP", "01 02 03 04 05 06"),
    ("RC.CO", "03 04"),
];

/// Families of revision 5 and the number of their last control.
const FAMILIES: &[(&str, u8)] = &[
    ("AC", 25),
    ("CA", 9),
    ("CM", 14),
    ("RA", 10),
    ("SA", 24),
    ("SC", 51),
    ("SI", 23),
    ("SR", 12),
];

/// Controls whose enhancements are used, and the number of the last one.
const ENHANCEMENTS: &[(&str, u8)] = &[("RA-5", 11), ("SC-7", 29), ("SC-8", 5)];

fn nist_800_53(id: &str) -> bool {
    if let Some((control, enhancement)) = id.split_once('(') {
        let number = enhancement.strip_suffix(')').and_then(|number| number.parse::<u8>().ok());
        return ENHANCEMENTS.iter().any(|(have, last)| {
            *have == control && number.is_some_and(|number| (1..=*last).contains(&number))
        });
    }
    id.split_once('-').is_some_and(|(family, number)| {
        FAMILIES.iter().any(|(have, last)| {
            *have == family && number.parse().is_ok_and(|number: u8| (1..=*last).contains(&number))
        })
    })
}

#[rustfmt::skip]
const PCI_DSS: &[&str] = &[
    "1.2.5", "1.2.6", "1.4.1", "1.4.2", "2.2.1", "2.2.4", "2.2.5", "2.2.6", "2.2.7",
    "4.2.1", "4.2.1.1", "4.2.1.2", "4.2.2", "5.4.1", "6.2.4", "6.3.1", "6.3.2", "6.3.3",
    "6.4.1", "6.4.2", "6.4.3", "8.3.2", "11.3.1", "11.3.2", "11.6.1", "12.3.3", "12.8.4",
];

#[rustfmt::skip]
const HIPAA: &[&str] = &[
    "164.308(a)(1)(ii)(A)", "164.308(a)(1)(ii)(B)", "164.308(a)(8)", "164.312(c)(1)",
    "164.312(d)", "164.312(e)(1)", "164.312(e)(2)(i)", "164.312(e)(2)(ii)",
];

#[rustfmt::skip]
const NIS2: &[&str] = &[
    "Art. 21(2)(d)", "Art. 21(2)(e)", "Art. 21(2)(f)", "Art. 21(2)(h)", "Art. 21(2)(j)",
    "Annex 6.3.2", "Annex 6.6.1", "Annex 6.7.2(f)", "Annex 6.7.2(i)", "Annex 6.7.2(j)",
    "Annex 6.7.2(k)", "Annex 6.7.2(l)", "Annex 6.10.2(b)", "Annex 6.10.2(e)",
    "Annex 9.2(a)", "Annex 9.2(b)",
];

const GDPR: &[&str] = &["Art. 5(1)(f)", "Art. 32(1)(a)", "Art. 32(1)(b)", "Art. 32(1)(d)"];
