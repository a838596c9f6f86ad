//! Where an organisation's resources are.

use voxanne_tenant::Tenant;

use super::BELOW;
use crate::App;

/// The base of an organisation's resources, without a slash at the end.
#[derive(Clone, Debug)]
pub(super) struct Base(String);

impl Base {
    pub(super) fn of(app: &App, tenant: &Tenant) -> Self {
        let public = app.config.public_url.as_str().trim_end_matches('/');
        Self(format!("{public}/api/org/{}{BELOW}", tenant.org()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The address of something below.
    pub(super) fn join(&self, path: &str) -> String {
        format!("{}/{path}", self.0)
    }

    /// What `reference` names, when it is one of this organisation's addresses or relative.
    pub(super) fn strip<'a>(&self, reference: &'a str) -> Option<&'a str> {
        if reference.contains("://") {
            reference.strip_prefix(&self.0)?.strip_prefix('/')
        } else {
            Some(reference)
        }
    }
}
