use super::part::part;

part! {
    /// What accounts start with.
    pub struct PlansConfig in "plans" {
        /// The plan of a new account. `custom` knows no limits that a self-hoster would meet.
        pub default: String = "free".to_owned(),
    }
}
