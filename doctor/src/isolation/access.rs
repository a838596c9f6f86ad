//! Who may do what: the rights and policies that are expected, and those that are there.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::PgConnection;

use crate::Finding;

/// The expected rights and policies, one a line, sorted, as [`live`] writes them.
const EXPECTED: &str = include_str!("../../access.txt");

/// How far a policy lets a role see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Rows of the organisation in scope.
    Own,
    /// Rows that a query ties to the organisation in scope.
    Within,
    /// Every row.
    Every,
}

/// What one role may do with one table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Columns for each right; none means all.
    pub rights: BTreeMap<String, Option<BTreeSet<String>>>,
    /// How far the role sees for each command.
    pub reach: BTreeMap<String, Reach>,
}

/// The expected access of each role to each table.
pub fn expected() -> BTreeMap<(String, String), Access> {
    let mut all: BTreeMap<(String, String), Access> = BTreeMap::new();
    for line in lines(EXPECTED) {
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["table", table, role, right, ref columns @ ..] => {
                let access = all.entry((role.to_owned(), table.to_owned())).or_default();
                let columns =
                    (!columns.is_empty()).then(|| columns.iter().map(|&one| one.to_owned()));
                let columns = columns.map(Iterator::collect);
                access.rights.insert(right.to_owned(), columns);
            }
            ["policy", table, role, command, _, reach] => {
                let access = all.entry((role.to_owned(), table.to_owned())).or_default();
                for one in commands(command) {
                    let reach = read_reach(reach);
                    let widest = access.reach.entry((*one).to_owned()).or_insert(reach);
                    *widest = reach.max(*widest);
                }
            }
            _ => {}
        }
    }
    all
}

fn commands(command: &str) -> &'static [&'static str] {
    match command {
        "ALL" => &["SELECT", "INSERT", "UPDATE", "DELETE"],
        "SELECT" => &["SELECT"],
        "INSERT" => &["INSERT"],
        "UPDATE" => &["UPDATE"],
        _ => &["DELETE"],
    }
}

fn read_reach(text: &str) -> Reach {
    match text {
        "own" => Reach::Own,
        "within" => Reach::Within,
        _ => Reach::Every,
    }
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// What the roles of services may do in the database behind `db`, one right or policy a line.
///
/// `schema <schema> <role> <right>`, `sequence <sequence> <role> <right>`,
/// `function <function> <role> <right>`, `table <table> <role> <right> [column …]` and
/// `policy <table> <role> <command> <policy> <reach>`.
pub async fn live(db: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "WITH runtime AS (
           SELECT oid, rolname::text AS name FROM pg_roles WHERE rolname ~ '^(svc|sys)_'
         ), granted AS (
           SELECT 'schema ' || n.nspname AS what, acl.grantee, acl.privilege_type AS may
           FROM pg_namespace n CROSS JOIN aclexplode(n.nspacl) AS acl
           UNION ALL
           SELECT CASE c.relkind WHEN 'S' THEN 'sequence ' ELSE 'table ' END || c.oid::regclass::text,
                  acl.grantee, acl.privilege_type
           FROM pg_class c CROSS JOIN aclexplode(c.relacl) AS acl
           UNION ALL
           SELECT 'function ' || replace(p.oid::regprocedure::text, ' ', ''), acl.grantee, acl.privilege_type
           FROM pg_proc p CROSS JOIN aclexplode(p.proacl) AS acl
         ), of_columns AS (
           SELECT a.attrelid, acl.grantee, acl.privilege_type AS may,
                  string_agg(a.attname, ' ' ORDER BY a.attname) AS columns
           FROM pg_attribute a CROSS JOIN aclexplode(a.attacl) AS acl
           WHERE NOT a.attisdropped GROUP BY 1, 2, 3
         ), shown AS (
           SELECT p.polrelid, role, p.polname, p.polcmd, p.polpermissive,
                  CASE p.polcmd WHEN 'a' THEN pg_get_expr(p.polwithcheck, p.polrelid)
                                ELSE pg_get_expr(p.polqual, p.polrelid) END AS condition
           FROM pg_policy p CROSS JOIN unnest(p.polroles) AS role
         )
         SELECT line COLLATE \"C\" FROM (
           SELECT what || ' ' || runtime.name || ' ' || may AS line
           FROM granted JOIN runtime ON runtime.oid = granted.grantee
           UNION
           SELECT 'table ' || attrelid::regclass::text || ' ' || runtime.name || ' ' || may || ' ' || columns
           FROM of_columns JOIN runtime ON runtime.oid = of_columns.grantee
           UNION
           SELECT 'policy ' || polrelid::regclass::text || ' ' || runtime.name || ' '
             || CASE polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE'
                            WHEN 'd' THEN 'DELETE' ELSE 'ALL' END
             || ' ' || polname || ' '
             || CASE WHEN NOT polpermissive THEN 'restricts'
                     WHEN condition ~ '^\\(org_id = \\( ?SELECT app\\.current_org\\(\\)[^)]*\\)\\)$' THEN 'own'
                     WHEN condition LIKE '%app.current_org()%' THEN 'within'
                     WHEN condition = 'true' THEN 'every'
                     ELSE 'special' END
           FROM shown JOIN runtime ON runtime.oid = shown.role
         ) AS lines ORDER BY 1",
    )
    .fetch_all(db)
    .await
}

/// Where `live` differs from what is expected.
pub fn compare(live: &[String]) -> Vec<Finding> {
    let expected: BTreeSet<&str> = lines(EXPECTED).collect();
    let live: BTreeSet<&str> = live.iter().map(String::as_str).collect();
    let more = live.difference(&expected).map(|line| {
        let why = "nobody expects it to be allowed";
        finding("unexpected_right", line, why, "REVOKE it, or DROP POLICY")
    });
    let less = expected.difference(&live).map(|line| {
        let why = "a service will fail without it, or it was widened";
        let todo = "GRANT it, or CREATE POLICY, as the migrations do";
        finding("missing_right", line, why, todo)
    });
    more.chain(less).collect()
}

fn finding(rule: &str, subject: &str, why: &str, todo: &str) -> Finding {
    Finding {
        rule: rule.to_owned(),
        subject: subject.to_owned(),
        why: why.to_owned(),
        todo: todo.to_owned(),
    }
}
