//! `Debug` of the messages: ids, states and numbers are shown, every other text is not.
//!
//! Messages carry names, numbers and what patients said. Whatever formats one, now or later, must
//! not bring that into a log, so a text is hidden unless its field is known to hold nothing of it.

use std::fmt::Write as _;

use prost_types::{
    DescriptorProto, FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet,
    OneofDescriptorProto,
    field_descriptor_proto::{Label, Type},
};

/// Fields whose texts say nothing about a person and open nothing.
const SHOWN: &[&str] = &[
    "id",
    "status",
    "state",
    "kind",
    "source",
    "role",
    "provider",
    "time_zone",
    "date",
    "type",
    "action",
];

/// Words of Rust that a field might be called.
const RESERVED: &[&str] = &["type", "match", "ref", "use", "where", "in", "for", "move"];

/// What a field shows instead of its text.
const HIDDEN: &str = "&::core::format_args!(\"[private]\")";

/// Every message and every choice of the contract, whose `Debug` [`implementations`] writes.
pub(crate) fn names(contract: &FileDescriptorSet) -> Vec<String> {
    let mut names = Vec::new();
    for file in ours(contract) {
        for message in &file.message_type {
            let name = format!(".{}.{}", file.package(), message.name());
            names.extend(oneofs(message).map(|(_, oneof)| format!("{name}.{}", oneof.name())));
            names.push(name);
        }
    }
    names
}

/// The code for one package.
pub(crate) fn implementations(contract: &FileDescriptorSet, package: &str) -> String {
    let mut code = String::new();
    for file in ours(contract).filter(|file| file.package() == package) {
        for message in &file.message_type {
            assert!(
                message.nested_type.iter().all(is_map_entry) && message.enum_type.is_empty(),
                "{}: declare messages and enums at the top level",
                message.name()
            );
            of_message(&mut code, message);
            for (index, oneof) in oneofs(message) {
                of_oneof(&mut code, message, index, oneof);
            }
        }
    }
    code
}

fn ours(contract: &FileDescriptorSet) -> impl Iterator<Item = &FileDescriptorProto> {
    contract
        .file
        .iter()
        .filter(|file| file.package().starts_with("voxanne."))
}

fn of_message(code: &mut String, message: &DescriptorProto) {
    let name = message.name();
    let mut shown = String::new();
    for field in &message.field {
        if field.oneof_index.is_none() || field.proto3_optional() {
            let value = value(message, field, &format!("self.{}", word(field.name())));
            line(&mut shown, field.name(), &value);
        }
    }
    for (_, oneof) in oneofs(message) {
        let value = format!("&self.{}", oneof.name());
        line(&mut shown, oneof.name(), &value);
    }
    implement(
        code,
        name,
        &format!("f.debug_struct(\"{name}\"){shown}\n            .finish()"),
    );
}

fn of_oneof(
    code: &mut String,
    message: &DescriptorProto,
    index: usize,
    oneof: &OneofDescriptorProto,
) {
    let mut arms = String::new();
    let index = i32::try_from(index).expect("a message has few fields");
    let choices = message
        .field
        .iter()
        .filter(|field| field.oneof_index == Some(index));
    for field in choices {
        let variant = camel_case(field.name());
        let (bound, value) = if is_shown(message, field) {
            ("value", "value")
        } else {
            ("_", HIDDEN)
        };
        write!(
            arms,
            "\n            Self::{variant}({bound}) => f.debug_tuple(\"{variant}\").field({value}).finish(),"
        )
        .expect("a text takes everything");
    }
    let name = format!(
        "{}::{}",
        snake_case(message.name()),
        camel_case(oneof.name())
    );
    implement(code, &name, &format!("match self {{{arms}\n        }}"));
}

fn implement(code: &mut String, name: &str, body: &str) {
    write!(
        code,
        "impl ::core::fmt::Debug for {name} {{
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {{
        {body}
    }}
}}
"
    )
    .expect("a text takes everything");
}

fn line(shown: &mut String, name: &str, value: &str) {
    write!(shown, "\n            .field(\"{name}\", {value})").expect("a text takes everything");
}

fn value(message: &DescriptorProto, field: &FieldDescriptorProto, place: &str) -> String {
    if is_shown(message, field) {
        format!("&{place}")
    } else if field.proto3_optional() {
        // Whether a change touches a field is worth knowing, and says nothing.
        format!("&{place}.as_ref().map(|_| ::core::format_args!(\"[private]\"))")
    } else {
        HIDDEN.to_owned()
    }
}

/// The name of a field as Rust writes it.
fn word(name: &str) -> String {
    if RESERVED.contains(&name) {
        format!("r#{name}")
    } else {
        name.to_owned()
    }
}

fn is_shown(message: &DescriptorProto, field: &FieldDescriptorProto) -> bool {
    match field.r#type() {
        Type::String | Type::Bytes => {
            let name = field.name();
            let id = name.ends_with("_id") || name.ends_with("_ids");
            id || SHOWN.contains(&name)
        }
        // A map's entries are messages without a type of their own.
        Type::Message => {
            let repeated = field.label() == Label::Repeated;
            !(repeated
                && message.nested_type.iter().any(|inner| {
                    is_map_entry(inner)
                        && field.type_name().ends_with(&format!(
                            ".{}.{}",
                            message.name(),
                            inner.name()
                        ))
                }))
        }
        _ => true,
    }
}

fn is_map_entry(message: &DescriptorProto) -> bool {
    message
        .options
        .as_ref()
        .is_some_and(prost_types::MessageOptions::map_entry)
}

/// The choices of a message; prost makes none of the ones behind `optional`.
fn oneofs(message: &DescriptorProto) -> impl Iterator<Item = (usize, &OneofDescriptorProto)> {
    message.oneof_decl.iter().enumerate().filter(|(index, _)| {
        !message.field.iter().any(|field| {
            field.proto3_optional()
                && field.oneof_index.and_then(|at| usize::try_from(at).ok()) == Some(*index)
        })
    })
}

fn camel_case(name: &str) -> String {
    name.split('_')
        .map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            first.into_iter().chain(letters).collect::<String>()
        })
        .collect()
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for (index, letter) in name.char_indices() {
        if letter.is_ascii_uppercase() && index > 0 {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
