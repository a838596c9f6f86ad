//! Whether the audit log is whole: every organisation's chain, followed entry by entry.

mod heads;
mod store;

use sqlx::PgConnection;
use uuid::Uuid;
use voxanne_audit::{Broken, Chain, Hash, Head};

pub use self::heads::Heads;
use crate::{Finding, Report};

/// Begins the transaction that [`examine`] needs: one view of a log that goes on growing.
pub const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Follows every chain that `tx` sees, page by page, and says where each ends. A chain must also go
/// through its head in `expected`. The transaction is to be rolled back afterwards.
pub async fn examine(
    tx: &mut PgConnection,
    expected: &Heads,
) -> Result<(Heads, Report), sqlx::Error> {
    sqlx::raw_sql("SET LOCAL search_path = ''; SET LOCAL statement_timeout = '60s'")
        .execute(&mut *tx)
        .await?;
    let (mut ends, mut report) = (Heads::default(), Report::default());
    let orgs = match store::organisations(tx, &mut report).await {
        Err(error) if is_denied(&error) => {
            report.findings.push(Finding {
                rule: "audit_chain".to_owned(),
                subject: "every organisation".to_owned(),
                why: "this role may not read the audit log".to_owned(),
                todo: "connect as a superuser, or as a role as docs/deployment.md makes it"
                    .to_owned(),
            });
            return Ok((ends, report));
        }
        orgs => orgs?,
    };
    let gone = expected.orgs().filter(|org| !orgs.contains(org));
    report.findings.extend(gone.map(|org| {
        finding(
            &org.to_string(),
            "its chain is not there any more".to_owned(),
        )
    }));
    for org in orgs {
        report.rules += 1;
        let outcome = follow(tx, org, expected.of(org)).await?;
        match outcome {
            Ok(head) => ends.add(org, head),
            Err(broken) => {
                let subject = format!("{org} entry {}", broken.seq);
                report
                    .findings
                    .push(finding(&subject, broken.fault.to_string()));
            }
        }
    }
    Ok((ends, report))
}

fn is_denied(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| code == "42501")
}

/// Follows one chain to its end, through `expected` if there is one.
async fn follow(
    db: &mut PgConnection,
    org: Uuid,
    expected: Option<Head>,
) -> Result<Result<Head, Broken>, sqlx::Error> {
    let end = store::head(db, org).await?;
    let mut chain = Chain::from_start(org);
    let mut reached = Head {
        seq: 0,
        hash: Hash::ZERO,
    };
    loop {
        let page = store::page(db, org, reached.seq).await?;
        for entry in &page {
            if let Err(broken) = chain.follow(entry) {
                return Ok(Err(broken));
            }
            if expected.is_some_and(|head| head.seq == entry.seq && head.hash != entry.hash) {
                return Ok(Err(rewritten(entry.seq)));
            }
            reached = Head {
                seq: entry.seq,
                hash: entry.hash,
            };
        }
        if page.is_empty() {
            break;
        }
    }
    // The head in the database may have been turned back together with its entries.
    let furthest = expected.filter(|head| head.seq > end.seq).unwrap_or(end);
    Ok(chain.end(&furthest).map(|()| reached))
}

/// The whole chain was written anew: each entry fits, but not the head that was kept.
const fn rewritten(seq: i64) -> Broken {
    Broken {
        seq,
        fault: voxanne_audit::Fault::Changed,
    }
}

fn finding(subject: &str, why: String) -> Finding {
    Finding {
        rule: "audit_chain".to_owned(),
        subject: subject.to_owned(),
        why,
        todo:
            "keep the database as it is, compare with the last export or backup, and find out who \
               could write to it past the services' roles"
                .to_owned(),
    }
}
