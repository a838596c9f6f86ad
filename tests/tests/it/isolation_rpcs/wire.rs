//! Any rpc of the contract, called by its name with bytes for messages.

use std::time::Duration;

use bytes::{Buf as _, BufMut as _, Bytes};
use futures_util::StreamExt as _;
use prost::Message as _;
use prost_types::{DescriptorProto, FileDescriptorSet};
use tonic::{
    Code, Request, Status,
    client::Grpc,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    transport::{Channel, Endpoint},
};
use voxanne_problem::{Problem, Violation};
use voxanne_tests::Fleet;

const PATIENCE: Duration = Duration::from_secs(20);

/// One rpc, as its descriptor says.
#[derive(Clone, Debug)]
pub(crate) struct Rpc {
    /// `voxanne.booking.v1.BookingService/GetBooking`
    pub(crate) name: String,
    /// The process that serves it.
    pub(crate) process: &'static str,
    pub(crate) streams: bool,
    /// `.voxanne.booking.v1.GetBookingRequest`
    pub(crate) input: String,
}

/// Everything the contract holds.
pub(crate) fn contract() -> FileDescriptorSet {
    FileDescriptorSet::decode(voxanne_proto::FILE_DESCRIPTOR_SET).expect("`xtask gen` wrote it")
}

pub(crate) fn rpcs() -> Vec<Rpc> {
    let mut rpcs = Vec::new();
    for file in contract().file {
        let package = file.package().to_owned();
        for service in &file.service {
            for method in &service.method {
                rpcs.push(Rpc {
                    name: format!("{package}.{}/{}", service.name(), method.name()),
                    process: process(&package),
                    streams: method.server_streaming(),
                    input: method.input_type().to_owned(),
                });
            }
        }
    }
    rpcs
}

fn process(package: &str) -> &'static str {
    let name = package
        .split('.')
        .nth(1)
        .unwrap_or_default()
        .replace('_', "-");
    voxanne_tests::SERVICES
        .into_iter()
        .find(|service| *service == name)
        .unwrap_or_else(|| panic!("no process serves {package}"))
}

/// Messages by their full name, nested ones included.
pub(crate) fn messages() -> Vec<(String, DescriptorProto)> {
    let mut found = Vec::new();
    for file in contract().file {
        let package = file.package().to_owned();
        let mut open: Vec<_> = file
            .message_type
            .into_iter()
            .map(|message| (format!(".{package}.{}", message.name()), message))
            .collect();
        while let Some((name, message)) = open.pop() {
            for inner in &message.nested_type {
                open.push((format!("{name}.{}", inner.name()), inner.clone()));
            }
            found.push((name, message));
        }
    }
    found
}

/// What a call came to, in everything that a caller can tell apart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    Answer(Bytes),
    Refusal {
        code: Code,
        reason: String,
        message: String,
        violations: Vec<Violation>,
        extension: Option<String>,
    },
}

impl Outcome {
    pub(crate) const fn refused_as(&self) -> Option<(Code, &String)> {
        match self {
            Self::Answer(_) => None,
            Self::Refusal { code, reason, .. } => Some((*code, reason)),
        }
    }

    /// Whether `text` can be read in it.
    pub(crate) fn shows(&self, text: &str) -> bool {
        match self {
            Self::Answer(bytes) => bytes
                .windows(text.len())
                .any(|window| window == text.as_bytes()),
            Self::Refusal { .. } => format!("{self:?}").contains(text),
        }
    }
}

impl From<Status> for Outcome {
    fn from(status: Status) -> Self {
        let code = status.code();
        let problem = Problem::from(status);
        Self::Refusal {
            code,
            reason: problem.reason.into_owned(),
            message: problem.message,
            violations: problem.violations,
            extension: problem.extension,
        }
    }
}

/// A connection to the process that serves `rpc`.
pub(crate) fn channel(fleet: &Fleet, process: &str) -> Channel {
    Endpoint::from_shared(format!("http://{}", fleet.grpc(process)))
        .expect("an address makes a URI")
        .connect_lazy()
}

/// Calls `rpc`; of a stream the first message counts.
pub(crate) async fn call(fleet: &Fleet, rpc: &Rpc, request: Request<Vec<u8>>) -> Outcome {
    tokio::time::timeout(PATIENCE, answer(fleet, rpc, request))
        .await
        .unwrap_or_else(|_| panic!("{} does not answer", rpc.name))
        .map_or_else(Outcome::from, Outcome::Answer)
}

async fn answer(fleet: &Fleet, rpc: &Rpc, request: Request<Vec<u8>>) -> Result<Bytes, Status> {
    let mut client = Grpc::new(channel(fleet, rpc.process));
    client.ready().await.expect("the process listens");
    let path = format!("/{}", rpc.name)
        .parse()
        .expect("a name makes a path");
    if !rpc.streams {
        return client
            .unary(request, path, Raw)
            .await
            .map(tonic::Response::into_inner);
    }
    let mut stream = client
        .server_streaming(request, path, Raw)
        .await?
        .into_inner();
    stream.next().await.expect("a stream says something")
}

/// Messages as they travel.
#[derive(Clone, Copy, Debug)]
struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, dst: &mut EncodeBuf<'_>) -> Result<(), Status> {
        dst.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, src: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        let length = src.remaining();
        Ok(Some(src.copy_to_bytes(length)))
    }
}
