//! One client that speaks SMTP.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use mailin::{
    Action, Handler, Response, SessionBuilder,
    response::{INTERNAL_ERROR, NO_SERVICE, NO_STORAGE, OK},
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

use super::message::Mail;
use crate::{
    Sandbox,
    faults::{Fault, Mode},
};

/// RFC 5321 asks for 1000 bytes; nobody needs much more.
const LONGEST_LINE: u64 = 16 * 1024;
const LARGEST_MAIL: usize = 1024 * 1024;
/// A client that says nothing for so long has left.
const PATIENCE: Duration = Duration::from_secs(30);

/// Answers until the client leaves.
pub(super) async fn converse(
    sandbox: &Sandbox,
    stream: TcpStream,
    peer: SocketAddr,
    fault: Option<&Fault>,
) -> io::Result<()> {
    let mode = fault.map(|fault| fault.mode);
    let mut wire = BufReader::new(stream);
    if mode == Some(Mode::RateLimited) {
        return say(&mut wire, &NO_SERVICE).await;
    }
    let intake = Intake {
        sandbox,
        refuses: mode == Some(Mode::Error),
        from: String::new(),
        to: Vec::new(),
        data: Vec::new(),
    };
    let mut session = SessionBuilder::new("sandbox").build(peer.ip(), intake);
    say(&mut wire, &session.greeting()).await?;
    let mut line = Vec::new();
    loop {
        line.clear();
        let mut limited = (&mut wire).take(LONGEST_LINE);
        let reading = limited.read_until(b'\n', &mut line);
        tokio::time::timeout(PATIENCE, reading).await??;
        if !line.ends_with(b"\n") {
            return Ok(());
        }
        let is_end_of_data = line == b".\r\n";
        let response = session.process(&line);
        if is_end_of_data
            && response.code == 250
            && let Some(fault) = fault.filter(|_| mode == Some(Mode::TimeoutAfterAccept))
        {
            tokio::time::sleep(fault.wait()).await;
            return Ok(());
        }
        match response.action {
            Action::NoReply => {}
            Action::Close => return say(&mut wire, &response).await,
            Action::Reply | Action::UpgradeTls => say(&mut wire, &response).await?,
        }
    }
}

async fn say(wire: &mut BufReader<TcpStream>, response: &Response) -> io::Result<()> {
    wire.get_mut().write_all(&response.buffer()?).await
}

/// The mail that is being handed over.
struct Intake<'a> {
    sandbox: &'a Sandbox,
    refuses: bool,
    from: String,
    to: Vec<String>,
    data: Vec<u8>,
}

impl Handler for Intake<'_> {
    fn mail(&mut self, _ip: IpAddr, _domain: &str, from: &str) -> Response {
        if self.refuses {
            return INTERNAL_ERROR;
        }
        from.clone_into(&mut self.from);
        self.to.clear();
        OK
    }

    fn rcpt(&mut self, to: &str) -> Response {
        self.to.push(to.to_owned());
        OK
    }

    fn data_start(&mut self, _domain: &str, _from: &str, _8bit: bool, _to: &[String]) -> Response {
        self.data.clear();
        OK
    }

    fn data(&mut self, buffer: &[u8]) -> io::Result<()> {
        // What is too much is refused at the end, when an answer is expected.
        if self.data.len() <= LARGEST_MAIL {
            self.data.extend_from_slice(buffer);
        }
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        if self.data.len() > LARGEST_MAIL {
            return NO_STORAGE;
        }
        for to in &self.to {
            let mail = Mail::read(&self.from, to, &self.data);
            self.sandbox.inbox.0.put(&mail.id.clone(), mail);
        }
        OK
    }
}
