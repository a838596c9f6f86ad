//! What each rpc takes, so that a test can ask it for somebody else's.

mod api_keys;
mod booking;
mod calendars;
mod clinic;
mod days;
mod identity;
mod invitations;
mod notification;
mod patients;
mod realtime;
mod tasks;
mod voice_tooling;
mod waitlist;

use prost::Message;
use voxanne_ids::{SessionId, UserId};
use voxanne_tenant::{Caller, Role};

use crate::belongings::Belongings;

/// Picks the id of a thing.
pub(crate) type Thing = fn(&Belongings) -> &str;
/// The message of a member, about the thing with an id.
pub(crate) type About = Box<dyn Fn(&Belongings, &str) -> Vec<u8> + Send + Sync>;

/// Who calls.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Who {
    Owner,
    /// A patient's call.
    Call,
    Webhook,
    Job,
}

/// What an rpc takes.
pub(crate) enum Takes {
    /// Called before any organisation is known.
    System,
    /// The id of something: somebody else's reads as one that does not exist.
    Id(Thing, About),
    /// An id that a clinic may be told before it knows of it: to each clinic its own.
    AnyId(Thing, About),
    /// The caller's session.
    Session(Vec<u8>),
    /// Nothing that names anything: the answer is about the caller's own.
    Nothing(Vec<u8>),
}

/// One way to call one rpc.
pub(crate) struct Case {
    /// `voxanne.booking.v1.BookingService/GetBooking`
    pub(crate) rpc: String,
    pub(crate) who: Who,
    pub(crate) takes: Takes,
}

impl Case {
    /// Shows something and changes nothing. Reading the audit log is an entry of it.
    pub(crate) fn reads(&self) -> bool {
        let method = self.rpc.rsplit('/').next().unwrap_or_default();
        matches!(self.takes, Takes::Nothing(_))
            && !self.rpc.contains(".AuditService/")
            && ["Get", "List"].iter().any(|verb| method.starts_with(verb))
    }
}

impl Who {
    /// The caller; `session` and `user` matter to a member only.
    pub(crate) fn caller(self, user: UserId, session: SessionId) -> Caller {
        match self {
            Self::Owner => Caller::User {
                id: user,
                role: Role::Owner,
                session,
            },
            Self::Call => Caller::Call("a-call".to_owned()),
            Self::Webhook => Caller::Webhook("twilio".to_owned()),
            Self::Job => Caller::Job("isolation".to_owned()),
        }
    }
}

/// Every case there is.
pub(crate) fn all() -> Vec<Case> {
    [
        booking::cases(),
        calendars::cases(),
        clinic::cases(),
        days::cases(),
        patients::cases(),
        tasks::cases(),
        invitations::cases(),
        identity::cases(),
        api_keys::cases(),
        notification::cases(),
        realtime::cases(),
        voice_tooling::cases(),
        waitlist::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Writes the cases of one gRPC service.
#[derive(Clone, Copy)]
struct Of(&'static str, Who);

impl Of {
    const fn by(self, who: Who) -> Self {
        Self(self.0, who)
    }

    fn case(self, method: &str, takes: Takes) -> Case {
        Case {
            rpc: format!("voxanne.{}/{method}", self.0),
            who: self.1,
            takes,
        }
    }

    fn system(self, method: &str) -> Case {
        self.case(method, Takes::System)
    }

    fn nothing(self, method: &str, message: impl Message) -> Case {
        self.case(method, Takes::Nothing(message.encode_to_vec()))
    }

    fn session(self, method: &str, message: impl Message) -> Case {
        self.case(method, Takes::Session(message.encode_to_vec()))
    }

    fn id<M: Message>(
        self,
        method: &str,
        thing: Thing,
        about: impl Fn(&Belongings, &str) -> M + Send + Sync + 'static,
    ) -> Case {
        let about: About = Box::new(move |mine, id| about(mine, id).encode_to_vec());
        self.case(method, Takes::Id(thing, about))
    }

    fn any_id<M: Message>(
        self,
        method: &str,
        thing: Thing,
        about: impl Fn(&Belongings, &str) -> M + Send + Sync + 'static,
    ) -> Case {
        let about: About = Box::new(move |mine, id| about(mine, id).encode_to_vec());
        self.case(method, Takes::AnyId(thing, about))
    }
}
