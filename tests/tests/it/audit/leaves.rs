//! What each rpc leaves in the audit log.

/// What one successful call leaves.
#[derive(Clone, Copy, Debug)]
pub(super) enum Leaves {
    /// One entry with one of these actions.
    Entry(&'static [&'static str]),
    /// One entry with this action, which names no record: there is none with an id.
    Bare(&'static str),
    /// Called before any organisation is known, or after another call had the same effect; this
    /// action is in the log all the same.
    After(&'static str),
    /// The service's own tests say what it leaves.
    Elsewhere,
    /// No entry, for a reason.
    Nothing(&'static str),
}

use Leaves::{After, Bare, Elsewhere, Entry, Nothing};

const SET_UP: &str = "shows how the clinic is set up and nobody's data";
const EVENTS: &str = "events hold ids, states and times; reading what they point to is noted there";
const OWN: &str = "shows the caller what its own token says";

/// Every rpc, by its service and name.
pub(super) const ALL: &[(&str, Leaves)] = &[
    ("booking.v1.BookingService/FindSlots", Nothing(SET_UP)),
    (
        "booking.v1.BookingService/CreateBooking",
        Entry(&["booking.created"]),
    ),
    (
        "booking.v1.BookingService/GetBooking",
        Entry(&["booking.read"]),
    ),
    (
        "booking.v1.BookingService/ListBookings",
        Entry(&["booking.listed"]),
    ),
    (
        "booking.v1.BookingService/ConfirmBooking",
        Entry(&["booking.confirmed"]),
    ),
    (
        "booking.v1.BookingService/CancelBooking",
        Entry(&["booking.cancelled"]),
    ),
    (
        "booking.v1.BookingService/RescheduleBooking",
        Entry(&["booking.rescheduled"]),
    ),
    (
        "booking.v1.BookingService/MarkBooking",
        Entry(&["booking.read"]),
    ),
    (
        "booking.v1.HoldService/CreateHold",
        Entry(&["hold.created"]),
    ),
    (
        "booking.v1.HoldService/ReleaseHold",
        Entry(&["hold.released"]),
    ),
    (
        "booking.v1.WaitlistService/ListWaitlist",
        Entry(&["waitlist.listed"]),
    ),
    (
        "booking.v1.WaitlistService/JoinWaitlist",
        Entry(&["waitlist.joined"]),
    ),
    ("booking.v1.WaitlistService/AcceptOffer", Elsewhere),
    ("booking.v1.WaitlistService/DeclineOffer", Elsewhere),
    (
        "booking.v1.WaitlistService/LeaveWaitlist",
        Entry(&["waitlist.left"]),
    ),
    (
        "booking.v1.SeriesService/CreateSeries",
        Entry(&["booking.created"]),
    ),
    ("booking.v1.SeriesService/CancelSeries", Elsewhere),
    (
        "booking.v1.ClinicService/SetUpClinic",
        Nothing(
            "a clinic that is set up stays as it is; the first time is noted by the job that does it",
        ),
    ),
    ("booking.v1.ClinicService/ListLocations", Nothing(SET_UP)),
    (
        "booking.v1.ClinicService/CreateLocation",
        Entry(&["location.created"]),
    ),
    ("booking.v1.ClinicService/GetLocation", Nothing(SET_UP)),
    (
        "booking.v1.ClinicService/UpdateLocation",
        Entry(&["location.changed"]),
    ),
    ("booking.v1.ClinicService/ListProviders", Nothing(SET_UP)),
    (
        "booking.v1.ClinicService/CreateProvider",
        Entry(&["provider.created"]),
    ),
    ("booking.v1.ClinicService/GetProvider", Nothing(SET_UP)),
    (
        "booking.v1.ClinicService/UpdateProvider",
        Entry(&["provider.changed"]),
    ),
    ("booking.v1.ClinicService/ListServices", Nothing(SET_UP)),
    (
        "booking.v1.ClinicService/CreateService",
        Entry(&["service.created"]),
    ),
    ("booking.v1.ClinicService/GetService", Nothing(SET_UP)),
    (
        "booking.v1.ClinicService/UpdateService",
        Entry(&["service.changed"]),
    ),
    ("booking.v1.ClinicService/ListSchedules", Nothing(SET_UP)),
    (
        "booking.v1.ClinicService/PutSchedule",
        Entry(&["schedule.changed"]),
    ),
    ("booking.v1.ClinicService/DeleteLocation", Elsewhere),
    ("booking.v1.ClinicService/DeleteProvider", Elsewhere),
    ("booking.v1.ClinicService/DeleteService", Elsewhere),
    ("booking.v1.ClinicService/DeleteSchedule", Elsewhere),
    ("booking.v1.DayService/ListRooms", Nothing(SET_UP)),
    ("booking.v1.DayService/CreateRoom", Entry(&["room.created"])),
    ("booking.v1.DayService/GetRoom", Nothing(SET_UP)),
    ("booking.v1.DayService/UpdateRoom", Entry(&["room.changed"])),
    ("booking.v1.DayService/DeleteRoom", Entry(&["room.deleted"])),
    ("booking.v1.DayService/ListExceptions", Nothing(SET_UP)),
    (
        "booking.v1.DayService/CreateException",
        Entry(&["exception.created"]),
    ),
    (
        "booking.v1.DayService/DeleteException",
        Entry(&["exception.deleted"]),
    ),
    ("booking.v1.DayService/ListBlocks", Nothing(SET_UP)),
    (
        "booking.v1.DayService/CreateBlock",
        Entry(&["block.created"]),
    ),
    (
        "booking.v1.DayService/DeleteBlock",
        Entry(&["block.deleted"]),
    ),
    (
        "booking.v1.ClinicService/ListPatients",
        Entry(&["patient.listed"]),
    ),
    (
        "booking.v1.ClinicService/CreatePatient",
        Entry(&["patient.added"]),
    ),
    (
        "booking.v1.ClinicService/GetPatient",
        Entry(&["patient.read"]),
    ),
    (
        "booking.v1.ClinicService/UpdatePatient",
        Entry(&["patient.changed"]),
    ),
    (
        "booking.v1.CalendarService/ListCalendars",
        Nothing("shows which calendars are connected and nothing in them"),
    ),
    (
        "booking.v1.CalendarService/StartConnect",
        Entry(&["calendar.consent_asked"]),
    ),
    ("booking.v1.CalendarService/FinishConnect", Elsewhere),
    ("booking.v1.CalendarService/UpdateCalendar", Elsewhere),
    ("booking.v1.CalendarService/Disconnect", Elsewhere),
    ("booking.v1.CalendarService/TestCalendar", Elsewhere),
    (
        "booking.v1.CalendarService/MakeFeedKey",
        Entry(&["calendar.feed_key_made"]),
    ),
    ("booking.v1.CalendarService/ReadFeed", Elsewhere),
    (
        "booking.v1.CalendarService/Ring",
        Nothing("says that something changed, and nothing of it"),
    ),
    ("identity.v1.AuditService/ListEntries", Bare("audit.read")),
    (
        "identity.v1.AuditService/ExportEntries",
        Bare("audit.exported"),
    ),
    (
        "identity.v1.CredentialService/RecordTest",
        Bare("credential.tested"),
    ),
    (
        "identity.v1.MemberService/ListMembers",
        Nothing("shows who works here and no patient"),
    ),
    ("identity.v1.RefusalService/NoteRefusal", Elsewhere),
    ("identity.v1.MemberService/ChangeRole", Elsewhere),
    ("identity.v1.MemberService/RemoveMember", Elsewhere),
    ("identity.v1.IdentityService/SignUp", After("session.begun")),
    ("identity.v1.IdentityService/Login", After("session.begun")),
    (
        "identity.v1.IdentityService/Refresh",
        Nothing("the session goes on; one that ends for a stolen token is noted"),
    ),
    ("identity.v1.IdentityService/Logout", After("session.ended")),
    ("identity.v1.IdentityService/GetSession", Nothing(OWN)),
    (
        "identity.v1.IdentityService/GetJwks",
        Nothing("keys that are public"),
    ),
    ("identity.v1.IdentityService/GetOrg", Nothing(SET_UP)),
    (
        "identity.v1.IdentityService/PutCredential",
        Bare("credential.stored"),
    ),
    (
        "identity.v1.IdentityService/GetCredential",
        Nothing("shows that an account is connected and no secret"),
    ),
    (
        "identity.v1.IdentityService/DeleteCredential",
        Bare("credential.deleted"),
    ),
    (
        "identity.v1.IdentityService/OpenCredential",
        Nothing("a service's own work, each minute anew; what it does with them is noted"),
    ),
    (
        "identity.v1.IdentityService/FindWebhookSecrets",
        Nothing("asked before it is known whose webhook it is"),
    ),
    (
        "booking.v1.PatientService/IdentifyPatient",
        Entry(&["patient.identified"]),
    ),
    (
        "booking.v1.PatientService/MergePatients",
        Entry(&["patient.merged"]),
    ),
    (
        "booking.v1.PatientService/ExportPatient",
        Entry(&["patient.exported"]),
    ),
    (
        "booking.v1.PatientService/ErasePatient",
        Entry(&["patient.erased"]),
    ),
    ("booking.v1.TaskService/ListTasks", Entry(&["task.listed"])),
    ("booking.v1.TaskService/GetTask", Entry(&["task.read"])),
    ("booking.v1.TaskService/CreateTask", Entry(&["task.opened"])),
    (
        "booking.v1.TaskService/AssignTask",
        Entry(&["task.assigned"]),
    ),
    (
        "booking.v1.TaskService/ResolveTask",
        Entry(&["task.resolved"]),
    ),
    (
        "notification.v1.CredentialTestService/TestCredential",
        Elsewhere,
    ),
    (
        "notification.v1.NotificationService/SendMessage",
        Entry(&["message.queued"]),
    ),
    (
        "notification.v1.NotificationService/ListMessages",
        Entry(&["message.listed"]),
    ),
    (
        "notification.v1.NotificationService/RetryMessage",
        Entry(&["message.retried"]),
    ),
    (
        "notification.v1.NotificationService/RecordStatus",
        Entry(&["message.delivered"]),
    ),
    ("realtime.v1.RealtimeService/GetHead", Nothing(EVENTS)),
    ("realtime.v1.RealtimeService/Subscribe", Nothing(EVENTS)),
    ("realtime.v1.RealtimeService/Replay", Nothing(EVENTS)),
    (
        "voice_tooling.v1.VoiceToolingService/SaveAgent",
        Entry(&["agent.saved"]),
    ),
    (
        "voice_tooling.v1.VoiceToolingService/GetAgent",
        Nothing(SET_UP),
    ),
    (
        "voice_tooling.v1.VoiceToolingService/ListAgentVersions",
        Nothing(SET_UP),
    ),
    (
        "voice_tooling.v1.VoiceToolingService/GetSync",
        Nothing(SET_UP),
    ),
    (
        "voice_tooling.v1.VoiceToolingService/StartSync",
        Entry(&["agent.sync_started"]),
    ),
    (
        "voice_tooling.v1.VoiceToolingService/SetEnabled",
        Entry(&["agent.switched_on"]),
    ),
    (
        "voice_tooling.v1.VoiceToolingService/FindAssistant",
        Nothing("asked before it is known whose call it is"),
    ),
    (
        "voice_tooling.v1.VoiceToolingService/RunTool",
        Entry(&["call.tool_run", "call.tool_repeated"]),
    ),
    (
        "voice_tooling.v1.VoiceToolingService/RecordCall",
        Entry(&["call.recorded"]),
    ),
    (
        "voice_tooling.v1.VoiceToolingService/ListCalls",
        Entry(&["call.listed"]),
    ),
    (
        "voice_tooling.v1.VoiceToolingService/GetCall",
        Entry(&["call.read"]),
    ),
    (
        "identity.v1.SessionService/ListRevocations",
        Nothing("ids of sessions, for gateways"),
    ),
    ("identity.v1.SessionService/CheckSession", Nothing(OWN)),
    (
        "identity.v1.SessionService/ListSessions",
        Nothing("shows the caller its own sessions"),
    ),
    (
        "identity.v1.SessionService/EndSession",
        After("session.ended"),
    ),
    (
        "identity.v1.SessionService/EndAllSessions",
        After("session.ended"),
    ),
    ("identity.v1.SessionService/Switch", After("session.begun")),
    ("identity.v1.AccountService/ForgotPassword", Elsewhere),
    ("identity.v1.AccountService/ResetPassword", Elsewhere),
    ("identity.v1.AccountService/ChangePassword", Elsewhere),
    ("identity.v1.AccountService/VerifyEmail", Elsewhere),
    ("identity.v1.AccountService/SendVerification", Elsewhere),
    ("identity.v1.AccountService/BeginSecondFactor", Elsewhere),
    ("identity.v1.AccountService/ConfirmSecondFactor", Elsewhere),
    ("identity.v1.AccountService/RemoveSecondFactor", Elsewhere),
    ("identity.v1.AccountService/LoginWithCode", Elsewhere),
    ("identity.v1.InvitationService/Invite", Elsewhere),
    (
        "identity.v1.InvitationService/ListInvitations",
        Nothing("shows who is asked to join and no patient"),
    ),
    ("identity.v1.InvitationService/RevokeInvitation", Elsewhere),
    ("identity.v1.InvitationService/AcceptInvitation", Elsewhere),
    ("identity.v1.InvitationService/Join", Elsewhere),
    ("identity.v1.ApiKeyService/CreateApiKey", Elsewhere),
    ("identity.v1.ApiKeyService/ListApiKeys", Elsewhere),
    ("identity.v1.ApiKeyService/RevokeApiKey", Elsewhere),
    ("identity.v1.ApiKeyService/FindApiKey", Elsewhere),
];
