//! One cell of the matrix: what is tried, and what has to come of it.

use uuid::Uuid;
use voxanne_doctor::isolation::access::{Access, Reach};

use crate::sample::Table;

/// Two organisations with one row in every table, and one with none.
pub(crate) struct Orgs {
    pub(crate) ours: Uuid,
    pub(crate) theirs: Uuid,
    pub(crate) empty: Uuid,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Select,
    Insert,
    Update,
    Delete,
}

/// Who is in scope, and whose rows are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Nobody; every row.
    Unset,
    /// We are; every row (a new one is the stranger's).
    Own,
    /// We are; their row.
    Foreign,
    /// An organisation without rows; every row (a new one is its own).
    Stranger,
}

/// A statement in a scope.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell(Verb, Scope);

pub(crate) const CELLS: [Cell; 16] = {
    use {Scope::*, Verb::*};
    [
        Cell(Select, Unset),
        Cell(Select, Own),
        Cell(Select, Foreign),
        Cell(Select, Stranger),
        Cell(Insert, Unset),
        Cell(Insert, Own),
        Cell(Insert, Foreign),
        Cell(Insert, Stranger),
        Cell(Update, Unset),
        Cell(Update, Own),
        Cell(Update, Foreign),
        Cell(Update, Stranger),
        Cell(Delete, Unset),
        Cell(Delete, Own),
        Cell(Delete, Foreign),
        Cell(Delete, Stranger),
    ]
};

/// What has to come of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expectation {
    /// A right or a policy refuses it.
    Denied,
    /// The scope that is missing is an error.
    NoScope,
    Rows(u64),
}

impl Expectation {
    pub(crate) fn is_met(self, outcome: &Result<u64, String>) -> bool {
        match (self, outcome) {
            (Self::Denied, Err(code)) => code == "42501",
            (Self::NoScope, Err(code)) => code == "22P02",
            (Self::Rows(wanted), Ok(rows)) => wanted == *rows,
            _ => false,
        }
    }
}

impl Verb {
    const fn name(self) -> &'static str {
        match self {
            Self::Select => "SELECT",
            Self::Insert => "INSERT",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
        }
    }
}

impl Cell {
    pub(crate) fn scope(self, orgs: &Orgs) -> String {
        match self.1 {
            Scope::Unset => String::new(),
            Scope::Own | Scope::Foreign => orgs.ours.to_string(),
            Scope::Stranger => orgs.empty.to_string(),
        }
    }

    pub(crate) fn statement(self, table: &Table, access: &Access, orgs: &Orgs) -> String {
        let Self(verb, scope) = self;
        let name = &table.name;
        let columns = columns(table, access, verb);
        // Whose row is meant can only be said by a role that may read whose it is.
        let whose = if scope == Scope::Foreign && reads_org(access) {
            format!(" WHERE org_id = '{}'", orgs.theirs)
        } else {
            String::new()
        };
        match verb {
            Verb::Select => format!("SELECT {} FROM {name}{whose}", columns.join(", ")),
            Verb::Insert => {
                // A table may hold one row for each organisation, and ours is there already: the row
                // that may be inserted is the stranger's.
                let org = match scope {
                    Scope::Own | Scope::Stranger => orgs.empty,
                    Scope::Unset | Scope::Foreign => orgs.theirs,
                };
                table.insert(org, Some(&columns))
            }
            Verb::Update => {
                let column = columns
                    .iter()
                    .find(|one| **one != "org_id")
                    .unwrap_or(&"org_id");
                let value = table.literal(column, orgs.ours);
                format!("UPDATE {name} SET {column} = {value}{whose}")
            }
            Verb::Delete => format!("DELETE FROM {name}{whose}"),
        }
    }

    pub(crate) fn expectation(self, access: &Access) -> Expectation {
        let Self(verb, scope) = self;
        if !access.rights.contains_key(verb.name()) {
            return Expectation::Denied;
        }
        let reach = access.reach.get(verb.name());
        if verb == Verb::Insert {
            return match (reach, scope) {
                (Some(Reach::Every), _) | (Some(_), Scope::Stranger) => Expectation::Rows(1),
                (Some(_), Scope::Unset) => Expectation::NoScope,
                (None, _) | (Some(_), Scope::Own | Scope::Foreign) => Expectation::Denied,
            };
        }
        let says_whose = scope == Scope::Foreign && reads_org(access);
        match (reach, scope) {
            (None, _) | (Some(Reach::Own | Reach::Within), Scope::Stranger) => Expectation::Rows(0),
            (Some(Reach::Every), _) => Expectation::Rows(if says_whose { 1 } else { 2 }),
            (Some(_), Scope::Unset) => Expectation::NoScope,
            (Some(_), Scope::Own) => Expectation::Rows(1),
            (Some(_), Scope::Foreign) => Expectation::Rows(u64::from(!says_whose)),
        }
    }
}

fn reads_org(access: &Access) -> bool {
    match access.rights.get("SELECT") {
        Some(Some(columns)) => columns.contains("org_id"),
        Some(None) => true,
        None => false,
    }
}

/// The columns that a role may name in a statement, or any for a role that may name none.
fn columns<'a>(table: &'a Table, access: &Access, verb: Verb) -> Vec<&'a str> {
    let granted = access.rights.get(verb.name());
    let may = |column: &&str| match granted {
        Some(Some(columns)) => columns.contains(*column),
        Some(None) | None => true,
    };
    table.columns().filter(may).collect()
}
