use crate::words;

/// The letter of a score from 0 to 100; modules use the same bands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Grade {
    A,
    B,
    C,
    D,
    F,
}
words!(Grade { A = "A", B = "B", C = "C", D = "D", F = "F" });

impl Grade {
    /// Returns the letter of `score`: A from 90, B from 75, C from 55, D from 35.
    pub fn of(score: u8) -> Self {
        match score {
            90.. => Self::A,
            75.. => Self::B,
            55.. => Self::C,
            35.. => Self::D,
            _ => Self::F,
        }
    }

    /// Returns the risk that goes with the letter.
    pub fn risk_level(self) -> &'static str {
        match self {
            Self::A => "low",
            Self::B => "low-medium",
            Self::C => "medium",
            Self::D => "high",
            Self::F => "critical",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bands_meet_without_a_gap() {
        let letters: Vec<_> =
            [0, 34, 35, 54, 55, 74, 75, 89, 90, 100].map(|score| Grade::of(score).as_str()).into();
        assert_eq!(letters.join(""), "FFDDCCBBAA");
    }
}
