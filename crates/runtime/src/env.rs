//! The environment as a value: read once, typed, and every bad variable named at once.

use std::{
    collections::BTreeMap,
    fmt,
    str::FromStr,
    sync::{Mutex, PoisonError},
};

/// The variables a process was started with.
#[derive(Debug)]
pub struct Env {
    values: BTreeMap<String, String>,
    read: Mutex<BTreeMap<&'static str, String>>,
}

impl Env {
    /// The environment of this process. An empty variable counts as absent, as Compose and
    /// Kubernetes write it.
    pub fn from_process() -> Self {
        Self::from_pairs(std::env::vars())
    }

    /// An environment made up by a test.
    pub fn from_pairs<T: Into<String>>(pairs: impl IntoIterator<Item = (T, T)>) -> Self {
        let values = pairs
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()))
            .filter(|(_, value)| !value.is_empty())
            .collect();
        Self {
            values,
            read: Mutex::default(),
        }
    }

    pub fn reader(&self) -> Reader<'_> {
        Reader {
            env: self,
            bad: Vec::new(),
        }
    }

    /// The variables that were asked for so far, a line each.
    pub fn variables(&self) -> String {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.iter()
            .map(|(name, note)| format!("  {name:<30} {note}\n"))
            .collect()
    }

    fn get(&self, name: &'static str, note: String) -> Option<&str> {
        self.read
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name, note);
        self.values.get(name).map(String::as_str)
    }
}

/// Reads variables and gathers what is wrong with them.
///
/// Each read gives `None` after noting a problem, and [`Reader::finish`] turns the notes into one
/// error.
#[derive(Debug)]
pub struct Reader<'a> {
    env: &'a Env,
    bad: Vec<(&'static str, String)>,
}

impl Reader<'_> {
    pub fn required<T>(&mut self, name: &'static str) -> Option<T>
    where
        T: FromStr<Err: fmt::Display>,
    {
        let Some(text) = self.env.get(name, "required".to_owned()) else {
            self.bad.push((name, "is missing".to_owned()));
            return None;
        };
        self.parse(name, text)
    }

    pub fn optional<T>(&mut self, name: &'static str) -> Option<Option<T>>
    where
        T: FromStr<Err: fmt::Display>,
    {
        match self.env.get(name, "optional".to_owned()) {
            None => Some(None),
            Some(text) => self.parse(name, text).map(Some),
        }
    }

    /// A variable with a default; for tuning only, never for secrets or addresses.
    pub fn or<T>(&mut self, name: &'static str, default: T) -> Option<T>
    where
        T: FromStr<Err: fmt::Display> + fmt::Display,
    {
        match self.env.get(name, format!("default: {default}")) {
            None => Some(default),
            Some(text) => self.parse(name, text),
        }
    }

    /// Notes that `name` is bad for a reason its type does not know.
    pub fn refuse(&mut self, name: &'static str, why: impl Into<String>) {
        self.bad.push((name, why.into()));
    }

    /// Builds the configuration from what was read; `build` gives `None` only after a noted
    /// problem.
    pub fn finish<T>(self, build: impl FnOnce() -> Option<T>) -> Result<T, Invalid> {
        if !self.bad.is_empty() {
            return Err(Invalid(self.bad));
        }
        Ok(build().expect("a read without a value has noted a problem"))
    }

    fn parse<T>(&mut self, name: &'static str, text: &str) -> Option<T>
    where
        T: FromStr<Err: fmt::Display>,
    {
        // The text itself may be a secret, so only the reason is kept.
        text.parse()
            .map_err(|error: T::Err| self.bad.push((name, error.to_string())))
            .ok()
    }
}

/// Every bad variable and why.
#[derive(Debug, PartialEq, Eq)]
pub struct Invalid(Vec<(&'static str, String)>);

impl Invalid {
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The names of the bad variables.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|(name, _)| *name)
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, why) in &self.0 {
            writeln!(f, "  {name}: {why}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Invalid {}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;

    #[test]
    fn every_bad_variable_is_named_at_once() {
        let env = Env::from_pairs([("ADDR", "nonsense"), ("SIZE", "-1"), ("EMPTY", "")]);
        let mut read = env.reader();
        let addr = read.required::<SocketAddr>("ADDR");
        let size = read.or::<u32>("SIZE", 10);
        let empty = read.required::<String>("EMPTY");
        let invalid = read.finish(|| Some((addr?, size?, empty?))).unwrap_err();
        assert_eq!(
            invalid.names().collect::<Vec<_>>(),
            ["ADDR", "SIZE", "EMPTY"]
        );
        assert!(
            !invalid.to_string().contains("nonsense"),
            "a value may be a secret"
        );
    }

    #[test]
    fn a_default_stands_in_for_an_absent_variable() {
        let env = Env::from_pairs::<&str>([]);
        let mut read = env.reader();
        let size = read.or::<u32>("SIZE", 10);
        let url = read.optional::<String>("URL");
        assert_eq!(read.finish(|| Some((size?, url?))), Ok((10, None)));
        assert!(env.variables().contains("SIZE"));
    }
}
