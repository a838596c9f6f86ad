//! The contract between the services: messages, clients and servers made from `proto/voxanne`.
//!
//! `cargo xtask gen` writes `src/gen`; nothing here is edited by hand.

macro_rules! packages {
    ($($service:ident),*) => {$(
        pub mod $service {
            pub mod v1 {
                include!(concat!("gen/voxanne.", stringify!($service), ".v1.rs"));
            }
        }
    )*};
}

packages!(identity, booking, notification, voice_tooling, realtime);

/// Every `.proto` file, for reflection and for tests that walk the contract.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!("gen/descriptors.bin");
