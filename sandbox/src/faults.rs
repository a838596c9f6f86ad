//! Ways in which the stand-ins can be told to misbehave.

pub(crate) mod gate;

use std::{
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use serde::Serialize;
use serde_json::Value;

/// Faults beyond this many are refused: a forgotten script must not grow the list for ever.
const BOUND: usize = 64;
const LONGEST_MS: u64 = 600_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Target {
    Twilio,
    Vapi,
    Google,
    Llm,
    Mail,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    Down,
    Slow,
    Error,
    RateLimited,
    TimeoutAfterAccept,
    DuplicateCallbacks,
    ReorderCallbacks,
    DropCallbacks,
}

const TARGETS: [(&str, Target); 5] = [
    ("twilio", Target::Twilio),
    ("vapi", Target::Vapi),
    ("google", Target::Google),
    ("llm", Target::Llm),
    ("mail", Target::Mail),
];

const MODES: [(&str, Mode); 8] = [
    ("down", Mode::Down),
    ("slow", Mode::Slow),
    ("error", Mode::Error),
    ("rate_limited", Mode::RateLimited),
    ("timeout_after_accept", Mode::TimeoutAfterAccept),
    ("duplicate_callbacks", Mode::DuplicateCallbacks),
    ("reorder_callbacks", Mode::ReorderCallbacks),
    ("drop_callbacks", Mode::DropCallbacks),
];

impl Mode {
    /// Whether the fault strikes what the stand-in sends rather than what it answers.
    fn strikes_callbacks(self) -> bool {
        matches!(
            self,
            Self::DuplicateCallbacks | Self::ReorderCallbacks | Self::DropCallbacks
        )
    }

    fn default_ms(self) -> u64 {
        if self == Self::Slow { 2_000 } else { 30_000 }
    }
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Fault {
    pub(crate) target: Target,
    pub(crate) mode: Mode,
    /// How many more times it strikes; without a count until it is deleted.
    count: Option<u64>,
    ms: u64,
}

impl Fault {
    pub(crate) fn wait(&self) -> Duration {
        Duration::from_millis(self.ms)
    }
}

/// A field of a fault that cannot be used, and why.
pub(crate) struct Unusable {
    pub(crate) field: String,
    pub(crate) error: String,
}

impl Unusable {
    pub(crate) fn new(field: &str, error: impl Into<String>) -> Self {
        Self {
            field: field.to_owned(),
            error: error.into(),
        }
    }
}

impl TryFrom<&Value> for Fault {
    type Error = Unusable;

    fn try_from(body: &Value) -> Result<Self, Unusable> {
        let fields = body
            .as_object()
            .ok_or_else(|| Unusable::new("", "must be an object"))?;
        let known = ["target", "mode", "count", "ms"];
        if let Some(field) = fields.keys().find(|field| !known.contains(&field.as_str())) {
            return Err(Unusable::new(field, "is not a field of a fault"));
        }
        let mode = named(body, "mode", &MODES)?;
        Ok(Self {
            target: named(body, "target", &TARGETS)?,
            mode,
            count: number(body, "count", 1..=u64::MAX)?,
            ms: number(body, "ms", 0..=LONGEST_MS)?.unwrap_or(mode.default_ms()),
        })
    }
}

fn named<T: Copy>(body: &Value, field: &str, names: &[(&str, T)]) -> Result<T, Unusable> {
    let found = names
        .iter()
        .find(|(name, _)| body[field].as_str() == Some(name));
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<_> = names.iter().map(|(name, _)| *name).collect();
        Unusable::new(field, format!("must be one of {}", names.join(", ")))
    })
}

fn number(
    body: &Value,
    field: &str,
    range: std::ops::RangeInclusive<u64>,
) -> Result<Option<u64>, Unusable> {
    if body[field].is_null() {
        return Ok(None);
    }
    let number = body[field].as_u64().filter(|number| range.contains(number));
    let (low, high) = range.into_inner();
    number
        .map(Some)
        .ok_or_else(|| Unusable::new(field, format!("must be a number from {low} to {high}")))
}

/// The faults in force, oldest first.
#[derive(Default)]
pub(crate) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    pub(crate) fn add(&self, fault: Fault) -> Result<(), Unusable> {
        let mut faults = self.lock();
        if faults.len() >= BOUND {
            return Err(Unusable::new(
                "target",
                format!("{BOUND} faults are already in force"),
            ));
        }
        faults.push(fault);
        Ok(())
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    pub(crate) fn all(&self) -> Vec<Fault> {
        self.lock().clone()
    }

    /// The fault that the next request to `target` meets, counted as used.
    pub(crate) fn meet(&self, target: Target, changes_something: bool) -> Option<Fault> {
        self.take(|fault| {
            fault.target == target
                && !fault.mode.strikes_callbacks()
                && (changes_something || fault.mode != Mode::TimeoutAfterAccept)
        })
    }

    /// Whether the next webhooks of `target` are struck by `mode`, counted as used.
    pub(crate) fn strikes(&self, target: Target, mode: Mode) -> bool {
        self.take(|fault| fault.target == target && fault.mode == mode)
            .is_some()
    }

    fn take(&self, wanted: impl Fn(&Fault) -> bool) -> Option<Fault> {
        let mut faults = self.lock();
        let at = faults.iter().position(wanted)?;
        let fault = faults[at].clone();
        match faults[at].count.as_mut() {
            Some(1) => {
                faults.remove(at);
            }
            Some(count) => *count -= 1,
            None => {}
        }
        Some(fault)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.0
            .lock()
            .expect("no code that holds this lock can panic")
    }
}
