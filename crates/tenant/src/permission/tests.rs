use super::*;

#[test]
fn a_set_reads_back_from_its_names() {
    for set in [READS, DESK, Permissions::all(), Permissions::default()] {
        let text = serde_json::to_string(&set).unwrap();
        assert_eq!(serde_json::from_str::<Permissions>(&text).unwrap(), set);
    }
    assert!(serde_json::from_str::<Permissions>(r#"["bookings:delete"]"#).is_err());
}

#[test]
fn each_name_is_one_permission() {
    for permission in Permission::ALL {
        assert_eq!(permission.as_str().parse(), Ok(*permission));
    }
    let names: std::collections::HashSet<_> =
        Permission::ALL.iter().map(|one| one.as_str()).collect();
    assert_eq!(names.len(), Permission::ALL.len());
}

/// `docs/permissions.md` as it has to be.
fn page() -> String {
    let mut page = String::from(
        "# Permissions\n\n\
         What each role may do in a clinic. The scopes of an API key are the same names. The OpenAPI document \
         says\nwhich one each route needs. A test compares this page with the code.\n\n\
         | permission | allows to | ",
    );
    let roles: Vec<_> = Role::ALL.iter().map(|role| role.as_str()).collect();
    page += &format!(
        "{} |\n|---|---|{}\n",
        roles.join(" | "),
        "---|".repeat(roles.len())
    );
    for permission in Permission::ALL {
        let held = |role: &Role| match role.permissions().contains(*permission) {
            true => " yes |",
            false => " |",
        };
        let marks: String = Role::ALL.iter().map(held).collect();
        page += &format!("| `{permission}` | {} |{marks}\n", permission.meaning());
    }
    page + "\nBeyond the table: only an owner makes or unmakes owners and administrators, nobody raises \
           themself,\nanybody may leave, and the last owner stays.\n"
}

#[test]
fn the_page_says_what_the_code_does() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/permissions.md");
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        written == page(),
        "docs/permissions.md has to be:\n{}",
        page()
    );
}

#[test]
fn an_auditor_changes_nothing() {
    let writes = |one: &Permission| one.as_str().ends_with(":write");
    let auditor = Role::Auditor.permissions();
    assert!(!auditor.iter().any(|one| writes(&one)));
    let reads: Permissions = Permission::ALL
        .iter()
        .copied()
        .filter(|one| !writes(one))
        .collect();
    assert_eq!(auditor, reads);
}

#[test]
fn the_front_desk_does_not_set_the_clinic_up() {
    for role in [Role::Staff, Role::Provider] {
        for refused in [
            Permission::ClinicWrite,
            Permission::AgentWrite,
            Permission::CredentialsRead,
            Permission::MembersWrite,
            Permission::ApiKeysWrite,
            Permission::AuditRead,
        ] {
            assert!(!role.permissions().contains(refused), "{role:?} {refused}");
        }
    }
}

#[test]
fn a_set_includes_its_parts_only() {
    assert!(Permissions::all().include(DESK));
    assert!(!DESK.include(READS));
    assert!(READS.include(Permissions::default()));
}
