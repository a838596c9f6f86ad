//! `cargo xtask up`: the whole fleet on this machine, from nothing to `ready`.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::checkout::Checkout;
use crate::database::{Sources, migrate};
use crate::demo::{self, Loaded};
use crate::detach;
use crate::dev_json::DevJson;
use crate::fleet::Fleet;
use crate::leftovers::Register;
use crate::lock::{self, Holder, Lock};
use crate::process::run;
use crate::say::{plain, say};
use crate::secrets::Secrets;
use crate::services::{Addresses, Roster, Settings};
use crate::stop;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Build and run optimised binaries
    #[arg(long)]
    pub(crate) release: bool,
    /// The gateway's port
    #[arg(long, default_value_t = 8080)]
    pub(crate) port: u16,
    /// Start with no demo clinics
    #[arg(long)]
    pub(crate) no_demo: bool,
    #[command(flatten)]
    pub(crate) terminal: Terminal,
}

/// How the supervisor relates to the terminal.
#[derive(clap::Args, Default)]
pub(crate) struct Terminal {
    /// Return when everything is ready; `cargo xtask down` ends it
    #[arg(long)]
    pub(crate) detach: bool,
    /// The supervisor behind `--detach`
    #[arg(long, hide = true)]
    pub(crate) detached: bool,
}

/// Starts the fleet and watches it until an end is asked for.
pub(crate) fn up(checkout: &Checkout, options: &Options) -> Result<bool> {
    if options.terminal.detach {
        return detach::start(checkout, options);
    }
    if options.terminal.detached {
        stop::outlive_terminal()?;
    } else {
        stop::listen()?;
    }
    let mut home = start(checkout, options)?;
    home.greet();
    plain(if options.terminal.detached {
        detach::LAST_LINE
    } else {
        "Ctrl-C ends all of it."
    });
    home.watch()?;
    say("down", "ending everything");
    drop(home);
    Ok(true)
}

/// A fleet that is ready.
///
/// Fields are dropped in order: the file goes first, then the processes end,
/// then another `up` may begin.
pub(crate) struct Home {
    dev_json: DevJson,
    fleet: Fleet,
    _lock: Lock,
    addresses: Addresses,
    demo: Vec<Loaded>,
    ready_after: Duration,
}

/// Takes the steps from nothing to a fleet that is ready.
pub(crate) fn start(checkout: &Checkout, options: &Options) -> Result<Home> {
    let lock = sole(checkout)?;
    Register::at(checkout.state_path("pids.json")?).sweep();
    let sources = Sources::find(checkout)?;
    build(checkout, options.release)?;
    launch(checkout, options, sources, lock)
}

fn build(checkout: &Checkout, release: bool) -> Result<()> {
    let args: &[&str] = if release {
        &["build", "--release"]
    } else {
        &["build"]
    };
    say("build", format!("cargo {}", args.join(" ")));
    run(&mut checkout.cargo(args), "cargo build")
}

/// Starts what was found and built, stage by stage.
fn launch(checkout: &Checkout, options: &Options, sources: Sources, lock: Lock) -> Result<Home> {
    let began = Instant::now();
    let binaries = checkout.binaries(options.release)?;
    let mut fleet = Fleet::new(Register::at(checkout.state_path("pids.json")?));
    let mut secrets = Secrets::open(&checkout.state_path("secrets.json")?)?;
    let (database, redis) = sources.start(checkout, &mut fleet, &mut secrets)?;
    let addresses = Addresses::choose(options.port)?;
    let settings = Settings::new(&mut secrets, &addresses, redis.as_deref())?;
    migrate(
        binaries.join("migrate"),
        &database,
        settings.service_password(),
    )?;

    let clinics = demo::clinics(&mut secrets)?;
    let roster = Roster {
        checkout,
        binaries,
        addresses: &addresses,
        settings: &settings,
    };
    say("start", "sandbox, services, gateway");
    fleet.start(vec![roster.sandbox(&clinics)])?;
    fleet.start(roster.services(&database)?)?;
    fleet.start(vec![roster.gateway()])?;

    let path = checkout.state_path("dev.json")?;
    let mut dev_json = DevJson::new(path, &addresses, &settings, &database, redis.as_deref());
    let mut demo = Vec::new();
    for clinic in clinics.iter().filter(|_| !options.no_demo) {
        demo.push(clinic.load(&addresses.gateway_url(), &settings.webhook_secret)?);
    }
    dev_json.set_demo(
        demo.iter()
            .map(|clinic| clinic.description.clone())
            .collect(),
    );
    dev_json.write(&fleet.pids())?;
    Ok(Home {
        dev_json,
        fleet,
        _lock: lock,
        addresses,
        demo,
        ready_after: began.elapsed(),
    })
}

/// Takes the checkout for this supervisor, or says who has it.
fn sole(checkout: &Checkout) -> Result<Lock> {
    match lock::take(&checkout.state_path("up.lock")?)? {
        Holder::Caller(lock) => Ok(lock),
        Holder::Other(pid) => {
            let pid = pid.map_or_else(String::new, |pid| format!(" (pid {pid})"));
            bail!("this checkout's fleet is up already{pid}; `cargo xtask down` ends it")
        }
    }
}

impl Home {
    /// The description of the fleet, for who drives it.
    pub(crate) fn dev_json(&self) -> &Path {
        self.dev_json.path()
    }

    /// The time from built binaries to a fleet that answers.
    pub(crate) fn ready_after(&self) -> Duration {
        self.ready_after
    }

    /// Keeps everything alive until an end is asked for.
    fn watch(&mut self) -> Result<()> {
        while !stop::requested() {
            if self.fleet.tend()? {
                self.dev_json.write(&self.fleet.pids())?;
            }
            stop::tick();
        }
        Ok(())
    }

    /// Says where everything is and what to try.
    fn greet(&self) {
        let gateway = self.addresses.gateway_url();
        say(
            "up",
            format!("answered after {:.1} s", self.ready_after.as_secs_f32()),
        );
        plain(format!("\nready: {gateway}\n"));
        plain(format!("  API reference  {gateway}/docs"));
        for clinic in &self.demo {
            plain(format!(
                "  login          {}  {}",
                clinic.email, clinic.password
            ));
        }
        if let Some(clinic) = self.demo.first() {
            plain(format!(
                "\n{}\n",
                try_this(&gateway, &self.addresses.sandbox_url(), clinic)
            ));
        }
    }
}

/// Three commands that show the main job: log in, a call that books, its text.
fn try_this(gateway: &str, sandbox: &str, clinic: &Loaded) -> String {
    let Loaded {
        email,
        password,
        assistant_id,
        ..
    } = clinic;
    let json = "-H 'content-type: application/json'";
    [
        format!(
            "curl -s {gateway}/api/auth/login {json} \
             -d '{{\"email\":\"{email}\",\"password\":\"{password}\"}}'"
        ),
        format!(
            "curl -s {sandbox}/_sandbox/vapi/calls {json} \
             -d '{{\"assistantId\":\"{assistant_id}\",\"from\":\"+12025550178\",\"turns\":[\
             {{\"tool\":\"getCalendarSlots\",\"arguments\":{{}}}},\
             {{\"tool\":\"bookClinicAppointment\",\"arguments\":\
             {{\"slotId\":\"$slot:0\",\"patientName\":\"Ada Example\"}}}}]}}'"
        ),
        format!("curl -s '{sandbox}/_sandbox/twilio/messages'"),
    ]
    .join("\n\n")
}
