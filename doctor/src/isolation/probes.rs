//! Statements tried as the roles of services, each undone at once.
//!
//! The catalogue says what should happen; a probe says what does. A probe touches one row at most.

mod attempt;
mod target;

use sqlx::PgConnection;
use uuid::Uuid;

use self::{
    attempt::{Attempt, Outcome},
    target::{Rights, Row, Target},
};
use crate::{Finding, Report};

const TODO: &str =
    "look at the table's policies and the role's rights; the rules above name the usual causes";

/// Tries every role of a service on every tenant table.
pub(super) async fn examine(db: &mut PgConnection, report: &mut Report) -> Result<(), sqlx::Error> {
    if !target::sees_everything(db).await? {
        report.notes.push(
            "this role sees no rows, so probes with rows that are there were left out: \
             connect as a superuser or as a role with BYPASSRLS"
                .to_owned(),
        );
    }
    let targets = target::all(db).await?;
    for role in target::roles(db).await? {
        if !attempt::can_act_as(db, &role).await? {
            report.findings.push(Finding {
                rule: "probe".to_owned(),
                why: "nothing could be tried as this role".to_owned(),
                todo: format!("connect as a superuser, or GRANT {role} TO the role you connect as"),
                subject: role,
            });
            continue;
        }
        for target in &targets {
            let rights = target.rights_of(db, &role).await?;
            for probe in probes(target, &rights) {
                report.probes += 1;
                let outcome = probe.attempt.run(db, &role).await?;
                report.findings.extend(probe.judge(&role, &outcome));
            }
        }
    }
    Ok(())
}

/// An attempt and what may come of it.
struct Probe<'a> {
    table: &'a str,
    what: &'static str,
    attempt: Attempt,
    allowed: fn(&Outcome) -> bool,
}

impl Probe<'_> {
    fn judge(&self, role: &str, outcome: &Outcome) -> Option<Finding> {
        // A row that somebody else is changing at this moment tells nothing.
        if (self.allowed)(outcome) || outcome.code() == Some("55P03") {
            return None;
        }
        Some(Finding {
            rule: "probe".to_owned(),
            subject: format!("{} {role}", self.table),
            why: format!("{}: {outcome}", self.what),
            todo: TODO.to_owned(),
        })
    }
}

fn probes<'a>(target: &'a Target, rights: &Rights) -> Vec<Probe<'a>> {
    let mut probes = Vec::new();
    let stranger = Uuid::new_v4();
    let table = &target.name;
    let mut probe = |what, scope, statement: String, allowed| {
        let attempt = Attempt { scope, statement };
        probes.push(Probe {
            table,
            what,
            attempt,
            allowed,
        });
    };
    let read = format!("SELECT 1 FROM {table} LIMIT 1");
    if !rights.select {
        probe(
            "it reads without the right to",
            Some(stranger),
            read,
            refused,
        );
    } else if !rights.sees_every_org {
        let silent = if target.rows.is_empty() {
            nothing_or_error
        } else {
            error
        };
        probe("no scope is no error", None, read.clone(), silent);
        probe(
            "an organisation that does not exist has rows",
            Some(stranger),
            read,
            nothing,
        );
    }
    if rights.insert {
        let insert = format!("INSERT INTO {table} (org_id) VALUES ('{}')", Uuid::new_v4());
        probe(
            "the policy does not refuse a row of another organisation",
            Some(stranger),
            insert,
            refused,
        );
    }
    if let Some((own, other)) = target.two() {
        with_rows(target, rights, (own, other), &mut probe);
    }
    probes
}

/// Probes that need a row of each of two organisations.
fn with_rows(
    target: &Target,
    rights: &Rights,
    (own, other): (&Row, &Row),
    probe: &mut impl FnMut(&'static str, Option<Uuid>, String, fn(&Outcome) -> bool),
) {
    let table = &target.name;
    if rights.reads_org && !rights.sees_every_org {
        let read = format!(
            "SELECT 1 FROM {table} WHERE org_id <> '{}' LIMIT 1",
            own.org
        );
        probe(
            "it sees a row of another organisation",
            Some(own.org),
            read,
            nothing,
        );
    }
    // Saying which row needs the right to read all of it.
    if !rights.selects_all {
        return;
    }
    let theirs = format!(
        "WHERE ctid = '{}' AND org_id = '{}'",
        other.place, other.org
    );
    // What a role for every organisation may change there is compared with the list of rights.
    if let Some(column) = rights.updates.as_ref().filter(|_| !rights.sees_every_org) {
        let update = format!("UPDATE {table} SET {column} = {column} {theirs}");
        probe(
            "it changes a row of another organisation",
            Some(own.org),
            update,
            nothing,
        );
    }
    if rights.delete && !rights.sees_every_org {
        let delete = format!("DELETE FROM {table} {theirs}");
        probe(
            "it deletes a row of another organisation",
            Some(own.org),
            delete,
            nothing,
        );
    }
    if rights.updates_org {
        let ours = format!("WHERE ctid = '{}' AND org_id = '{}'", own.place, own.org);
        let give = format!("UPDATE {table} SET org_id = '{}' {ours}", other.org);
        probe(
            "it gives a row to another organisation",
            Some(own.org),
            give,
            refused_or_gone,
        );
    }
}

fn nothing(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Rows(0))
}

fn error(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Refused(code) if ["42704", "22P02"].contains(&code.as_str()))
}

fn nothing_or_error(outcome: &Outcome) -> bool {
    nothing(outcome) || error(outcome)
}

/// Refused by a right, a policy, or a trigger of ours.
fn refused(outcome: &Outcome) -> bool {
    matches!(outcome.code(), Some("42501" | "P0001"))
}

/// A row that moved since it was looked up is not there any more.
fn refused_or_gone(outcome: &Outcome) -> bool {
    refused(outcome) || nothing(outcome)
}
