//! The page of the consent, as plain as it can be.

use std::fmt::Write as _;

/// A page with a headline; nothing in it comes from outside but through [`escape`].
pub(super) fn page(headline: &str, content: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Sandbox Google</title>\
         <h1>Sandbox Google</h1><p>{}</p>{content}</html>",
        escape(headline)
    )
}

pub(super) fn form(request: &str, scopes: &[String]) -> String {
    let mut boxes = String::new();
    for scope in scopes {
        let scope = escape(scope);
        write!(
            boxes,
            "<p><label><input type=\"checkbox\" name=\"scope\" value=\"{scope}\" checked> {scope}\
             </label></p>"
        )
        .expect("a string takes any text");
    }
    format!(
        "<form method=\"post\" action=\"/o/oauth2/v2/auth/decision\">\
         <input type=\"hidden\" name=\"request\" value=\"{}\">\
         <p><label>Account <input name=\"account\" value=\"doctor@sandbox.example\"></label></p>\
         {boxes}\
         <button name=\"decision\" value=\"allow\">Allow</button> \
         <button name=\"decision\" value=\"deny\">Deny</button></form>",
        escape(request)
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
