//! What an examination found, for people and for machines.

use std::fmt;

use serde::Serialize;

/// One thing that is not as it has to be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// The rule or probe that found it.
    pub rule: String,
    /// The table, role, policy, … that it is about.
    pub subject: String,
    /// Why it matters.
    pub why: String,
    /// What to do.
    pub todo: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            rule,
            subject,
            why,
            todo,
        } = self;
        write!(f, "{rule}: {subject}: {why}; TO DO: {todo}")
    }
}

/// All that one examination says.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// How many rules were compared with the catalogue, chains followed, or visits looked at.
    pub rules: usize,
    /// How many statements were tried as the roles of services.
    pub probes: usize,
    /// What could not be examined, although nothing is known to be wrong.
    pub notes: Vec<String>,
    pub findings: Vec<Finding>,
}

impl Report {
    pub const fn is_healthy(&self) -> bool {
        self.findings.is_empty()
    }
}
