//! The few template variables that a tool's static parameters use.

use serde_json::Value;

/// Replaces `{{ customer.number }}` and its like with the value at that path of `scope`.
pub(crate) fn render(template: &str, scope: &Value) -> String {
    let mut rendered = String::new();
    let mut rest = template;
    while let Some((before, tail)) = rest.split_once("{{") {
        rendered.push_str(before);
        let Some((name, after)) = tail.split_once("}}") else {
            rendered.push_str("{{");
            rest = tail;
            continue;
        };
        let value = name
            .trim()
            .split('.')
            .fold(scope, |value, part| &value[part]);
        rendered.push_str(value.as_str().unwrap_or_default());
        rest = after;
    }
    rendered.push_str(rest);
    rendered
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::render;

    #[test]
    fn known_variables_are_filled_and_unknown_ones_are_empty() {
        let scope = json!({"customer": {"number": "+15550001111"}});
        for (template, expected) in [
            ("{{customer.number}}", "+15550001111"),
            ("<{{ customer.number }}>", "<+15550001111>"),
            ("{{call.id}}", ""),
            ("{{open", "{{open"),
            ("plain", "plain"),
        ] {
            assert_eq!(render(template, &scope), expected);
        }
    }
}
