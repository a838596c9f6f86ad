//! Sessions, the organisation and the credential vault.

use std::collections::HashMap;

use voxanne_proto::identity::v1::{
    BeginSecondFactorRequest, ChangePasswordRequest, ChangeRoleRequest, CheckSessionRequest,
    ConfirmSecondFactorRequest, DeleteCredentialRequest, EndAllSessionsRequest, EndSessionRequest,
    ExportEntriesRequest, GetCredentialRequest, GetOrgRequest, GetSessionRequest,
    ListEntriesRequest, ListMembersRequest, ListSessionsRequest, LogoutRequest, NoteRefusalRequest,
    OpenCredentialRequest, PutCredentialRequest, RecordTestRequest, RemoveMemberRequest,
    RemoveSecondFactorRequest, SendVerificationRequest, SwitchRequest,
};

use super::{Case, Of, Who};

pub(super) fn cases() -> Vec<Case> {
    let of = Of("identity.v1.IdentityService", Who::Owner);
    let sessions = Of("identity.v1.SessionService", Who::Owner);
    let audit = Of("identity.v1.AuditService", Who::Owner);
    let mut cases = accounts();
    cases.extend(members());
    cases.extend(credentials());
    cases.extend([
        audit.nothing("ListEntries", ListEntriesRequest::default()),
        audit.nothing("ExportEntries", ExportEntriesRequest::default()),
        // Whoever is refused another organisation need not know whether it exists.
        Of("identity.v1.RefusalService", Who::Owner).any_id(
            "NoteRefusal",
            |it| &it.clinic.org,
            |_, id| NoteRefusalRequest { named: id.into() },
        ),
        of.system("SignUp"),
        of.system("Login"),
        of.system("Refresh"),
        of.system("GetJwks"),
        of.system("FindWebhookSecrets"),
        sessions.system("ListRevocations"),
        sessions.session("CheckSession", CheckSessionRequest {}),
        // They are the user's, in whatever clinic: somebody else's are not shown.
        sessions.nothing("ListSessions", ListSessionsRequest {}),
        sessions.any_id(
            "Switch",
            |it| &it.clinic.org,
            |_, to| SwitchRequest {
                to: to.into(),
                device: None,
                refresh_token: String::new(),
            },
        ),
        sessions.session("EndAllSessions", EndAllSessionsRequest {}),
        of.session("Logout", LogoutRequest {}),
        of.session("GetSession", GetSessionRequest {}),
        of.nothing("GetOrg", GetOrgRequest {}),
        // Last: what follows would have no session.
        sessions.id(
            "EndSession",
            |it| &it.sign_in,
            |_, id| EndSessionRequest { id: id.into() },
        ),
    ]);
    cases
}

fn accounts() -> Vec<Case> {
    let account = Of("identity.v1.AccountService", Who::Owner);
    vec![
        account.system("ForgotPassword"),
        account.system("ResetPassword"),
        account.system("VerifyEmail"),
        account.system("LoginWithCode"),
        account.session("ChangePassword", ChangePasswordRequest::default()),
        account.session("SendVerification", SendVerificationRequest {}),
        account.session(
            "BeginSecondFactor",
            BeginSecondFactorRequest {
                // What everybody here signed up with: a wrong one is noted, refused or not.
                password: "correct horse battery staple".to_owned(),
            },
        ),
        account.session("ConfirmSecondFactor", ConfirmSecondFactorRequest::default()),
        account.session("RemoveSecondFactor", RemoveSecondFactorRequest::default()),
    ]
}

fn members() -> Vec<Case> {
    let members = Of("identity.v1.MemberService", Who::Owner);
    vec![
        members.nothing(
            "ListMembers",
            ListMembersRequest {
                limit: 0,
                cursor: String::new(),
            },
        ),
        members.id(
            "ChangeRole",
            |it| &it.member,
            |_, id| ChangeRoleRequest {
                id: id.into(),
                role: "owner".into(),
            },
        ),
        members.id(
            "RemoveMember",
            |it| &it.member,
            |_, id| RemoveMemberRequest { id: id.into() },
        ),
    ]
}

fn credentials() -> Vec<Case> {
    let of = Of("identity.v1.IdentityService", Who::Owner);
    let provider = || "twilio".to_owned();
    vec![
        of.nothing(
            "GetCredential",
            GetCredentialRequest {
                provider: provider(),
            },
        ),
        of.by(Who::Job).nothing(
            "OpenCredential",
            OpenCredentialRequest {
                provider: provider(),
            },
        ),
        Of("identity.v1.CredentialService", Who::Owner).id(
            "RecordTest",
            |it| &it.credential,
            |_, id| RecordTestRequest {
                provider: "twilio".to_owned(),
                // What is no version is nobody's.
                version: id.parse().unwrap_or(i64::MAX),
                accepted: true,
            },
        ),
        of.nothing(
            "DeleteCredential",
            DeleteCredentialRequest {
                provider: provider(),
            },
        ),
        of.nothing(
            "PutCredential",
            PutCredentialRequest {
                provider: provider(),
                external_id: format!("AC{}", "0".repeat(32)),
                secrets: HashMap::from([("authToken".to_owned(), "0".repeat(32))]),
                settings: HashMap::from([("from".to_owned(), "+12125550111".to_owned())]),
            },
        ),
    ]
}
