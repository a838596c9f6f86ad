//! What cannot be read is refused as its sender's fault, and read no further.

use bytes::BufMut as _;
use tonic::{
    Code, Request, Status,
    client::Grpc,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
};
use voxanne_testkit::two_orgs;

use crate::serve::{Probe, running, to_realtime};

const MIB: usize = 1024 * 1024;

/// Bytes in the place of a message.
struct Bytes;

impl Codec for Bytes {
    type Encode = Vec<u8>;
    type Decode = ();
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, to: &mut EncodeBuf<'_>) -> Result<(), Status> {
        to.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Bytes {
    type Item = ();
    type Error = Status;

    fn decode(&mut self, _: &mut DecodeBuf<'_>) -> Result<Option<()>, Status> {
        Ok(Some(()))
    }
}

#[tokio::test]
async fn a_message_that_cannot_be_read_is_its_senders_fault() {
    let (running, _) = running(&Probe::default()).await;
    let call = async |bytes: Vec<u8>| {
        let mut client = Grpc::new(running.channel());
        client.ready().await.expect("it listens");
        let request: Request<_> = to_realtime().request(&two_orgs().0, bytes);
        let path = "/voxanne.realtime.v1.RealtimeService/Replay";
        let answer = client.unary(request, path.parse().expect("a path"), Bytes);
        answer.await.expect_err("nothing is read").code()
    };
    for (what, bytes) in [
        ("a length of 3 GB", vec![0x0a, 0x80, 0x80, 0x80, 0x80, 0x0c]),
        ("a text in the place of a number", vec![0x0a, 0x01, b'a']),
        ("a number without an end", vec![0x08, 0xff]),
        (
            "a number of eleven bytes",
            [&[0x08][..], &[0xff; 11]].concat(),
        ),
        ("a kind of field that there is not", vec![0x0f]),
        ("a field without a number", vec![0x00, 0x00]),
        ("a group that goes on", [0x0b; 200].to_vec()),
        ("no message at all", vec![0xff; 64]),
    ] {
        assert_eq!(call(bytes).await, Code::InvalidArgument, "{what}");
    }
    assert_eq!(call(vec![0x12; 4 * MIB + 1]).await, Code::ResourceExhausted);
    // What can be read comes to its handler, and what that says stays as it is.
    assert_eq!(call(vec![0x08, 0x01]).await, Code::Internal);
}
