//! Rules about who is connected at this moment.

use super::{Rule, query};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "transaction_left_open",
        why: "a scope and its locks outlive the request they were for",
        todo: "find the request in the service's log, then pg_terminate_backend(pid)",
        query: query!(
            "SELECT 'pid ' || a.pid || ' ' || a.usename FROM pg_stat_activity a
             JOIN runtime ON runtime.name = a.usename
             WHERE a.datname = current_database() AND a.state LIKE 'idle in transaction%'
               AND statement_timestamp() - a.state_change > interval '10 seconds'"
        ),
        excused: &[],
    },
    Rule {
        name: "service_connected_as_another",
        why: "policies bind the role of a service, not the owner or a superuser",
        todo: "put svc_<service> into the service's DATABASE_URL",
        query: query!(
            "SELECT DISTINCT a.application_name || ' as ' || a.usename FROM pg_stat_activity a
             WHERE a.datname = current_database()
               AND EXISTS (SELECT FROM runtime
                           WHERE runtime.name = 'svc_' || replace(a.application_name, '-', '_'))
               AND a.usename <> 'svc_' || replace(a.application_name, '-', '_')"
        ),
        excused: &[],
    },
];
