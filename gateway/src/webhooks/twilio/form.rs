//! A form as it was sent: every name and value, in order, repetitions included.

/// Pairs of names and values.
#[derive(Clone, Debug, Default)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads `name=value&…`. Any bytes are some form; one that was not meant has no valid signature.
    pub(super) fn read(bytes: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(bytes).into_owned().collect())
    }

    pub(super) fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// The first value of `name`; empty when there is none.
    pub(super) fn first(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    /// The value of `name`, or of its older name.
    pub(super) fn either(&self, name: &str, older: &str) -> &str {
        match self.first(name) {
            "" => self.first(older),
            value => value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_decoded_and_nothing_is_trimmed_or_lost() {
        let form = Form::read(b"Body=+Hola%2C+se%C3%B1or+&a=1&a=2&empty=&From=%2B1555");
        assert_eq!(form.first("Body"), " Hola, señor ");
        assert_eq!(form.first("From"), "+1555");
        assert_eq!(form.pairs().len(), 5);
        assert_eq!(form.first("none"), "");
        assert_eq!(form.either("none", "a"), "1");
    }
}
