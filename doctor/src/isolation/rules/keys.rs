//! Rules about keys and references.

use super::{Rule, query};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "unique_key_without_organisation",
        why: "a refused value tells one organisation what another has",
        todo: "make the unique or exclusion constraint start with org_id",
        query: query!(
            "SELECT i.indexrelid::regclass::text FROM pg_index i JOIN tenant ON tenant.oid = i.indrelid
             WHERE (i.indisunique OR i.indisexclusion) AND i.indkey[0] <> tenant.org"
        ),
        excused: &[],
    },
    Rule {
        name: "reference_without_organisation",
        why: "references are checked without policies, so it reaches rows of any organisation",
        todo: "FOREIGN KEY (org_id, …) REFERENCES … (org_id, …), org_id for org_id",
        query: query!(
            "SELECT source.name || ' ' || f.conname FROM pg_constraint f
             JOIN tenant target ON target.oid = f.confrelid
             JOIN tables source ON source.oid = f.conrelid
             LEFT JOIN tenant ON tenant.oid = f.conrelid
             WHERE f.contype = 'f'
               AND (tenant.org IS NULL OR array_position(f.confkey, target.org) IS NULL
                    OR array_position(f.conkey, tenant.org)
                       IS DISTINCT FROM array_position(f.confkey, target.org))"
        ),
        excused: &[],
    },
    Rule {
        name: "key_without_organisation",
        why: "a row is found without saying whose it is",
        todo: "PRIMARY KEY (org_id, …)",
        query: query!(
            "SELECT name FROM tenant WHERE NOT EXISTS (
               SELECT FROM pg_index i WHERE i.indrelid = tenant.oid AND i.indisprimary)"
        ),
        excused: &[],
    },
];
