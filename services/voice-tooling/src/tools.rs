//! The tools an agent may use: what Vapi is told of them and what they take.

pub(crate) mod arguments;
pub(crate) mod declare;
pub(crate) mod hash;

use url::Url;

use crate::tools::{arguments::Schema, declare::Declaration};

/// Every tool of the platform.
pub(crate) struct Toolbox {
    declarations: Vec<Declaration>,
    schemas: Vec<(Tool, Schema)>,
    base: Url,
}

/// A tool this service runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    GetCalendarSlots,
    BookClinicAppointment,
}

impl Tool {
    pub(crate) const ALL: [Self; 2] = [Self::GetCalendarSlots, Self::BookClinicAppointment];

    /// Its name as the model calls it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::GetCalendarSlots => "getCalendarSlots",
            Self::BookClinicAppointment => "bookClinicAppointment",
        }
    }

    /// Its place in the URL.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::GetCalendarSlots => "get-calendar-slots",
            Self::BookClinicAppointment => "book-clinic-appointment",
        }
    }

    /// The tool a call means, by its name or its place in the URL.
    pub(crate) fn named(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|tool| tool.name() == text || tool.path() == text)
    }
}

impl Toolbox {
    /// Tools that Vapi reaches below `base`.
    pub(crate) fn new(base: Url) -> Self {
        let declarations: Vec<_> = Tool::ALL.into_iter().map(declare::declare).collect();
        let schemas = declarations
            .iter()
            .map(|declaration| (declaration.tool, Schema::of(&declaration.parameters)))
            .collect();
        Self {
            declarations,
            schemas,
            base,
        }
    }

    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.declarations
            .iter()
            .map(|declaration| declaration.tool.name())
            .collect()
    }

    /// What Vapi should have, for calls that prove themselves with `credential_id`.
    pub(crate) fn definitions(&self, credential_id: &str) -> Vec<declare::Definition> {
        self.declarations
            .iter()
            .map(|declaration| declaration.definition(&self.base, credential_id))
            .collect()
    }

    pub(crate) fn schema(&self, tool: Tool) -> &Schema {
        self.schemas
            .iter()
            .find(|(known, _)| *known == tool)
            .map(|(_, schema)| schema)
            .expect("every tool is declared")
    }
}
