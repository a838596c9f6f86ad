#![doc = include_str!("../README.md")]

mod accounts;
mod api_keys;
mod audit;
mod callers;
mod config;
mod credentials;
mod data_keys;
mod error;
mod grpc;
mod housekeeping;
mod invitations;
mod links;
mod mail;
mod members;
mod orgs;
mod page;
mod refusals;
mod revocations;
pub mod rotation;
mod sealing;
mod second_factor;
mod sessions;
mod signing;
mod single_use;

use anyhow::Context as _;
use tonic::service::Routes;
use voxanne_clock::Clock;
use voxanne_events::{Bell, Doorbell, Log, Redis};
use voxanne_pg::Pool;
use voxanne_proto::identity::v1::{
    account_service_server::AccountServiceServer, api_key_service_server::ApiKeyServiceServer,
    audit_service_server::AuditServiceServer, credential_service_server::CredentialServiceServer,
    identity_service_server::IdentityServiceServer,
    invitation_service_server::InvitationServiceServer, member_service_server::MemberServiceServer,
    refusal_service_server::RefusalServiceServer, session_service_server::SessionServiceServer,
};
use voxanne_runtime::{Need, Process, serve_grpc};
use voxanne_tenant::Keys;

pub use accounts::passwords::Cost;
pub use config::Config;
pub use mail::{Smtp, SmtpUrl};
pub use signing::{Audience, InvalidSigningKeys, SigningKeys};

use accounts::passwords::Passwords;
use data_keys::DataKeys;
use error::Error;
use mail::{Mails, sender::Sender};
use refusals::{Refusals, write::Writer};
use sealing::Sealing;
use voxanne_vault::Vault;

/// The service.
#[derive(Clone)]
struct Identity {
    pool: Pool,
    log: Log,
    /// Rung when a session or a key has ended.
    bell: Bell,
    clock: Clock,
    passwords: Passwords,
    signing: SigningKeys,
    audience: Audience,
    data_keys: DataKeys,
    /// For what belongs to a person.
    sealing: Sealing,
    mails: Mails,
    refusals: Refusals,
    /// Mark refresh tokens as made here.
    keys: Keys,
}

/// Serves until the process stops.
pub async fn serve(config: Config, process: Process) -> anyhow::Result<()> {
    let pool = Pool::connect_lazy(
        &config.database_url,
        process.service,
        config.database_pool_size,
    )
    .context("DATABASE_URL")?;
    let (doorbell, bell) = bells(&config, &process)?;
    let vault = Vault::from(config.vault_keys);
    let data_keys = DataKeys {
        pool: pool.clone(),
        vault: vault.clone(),
        clock: process.clock.clone(),
    };
    watch_postgres(&process, pool.clone());
    data_keys.require(&process.shutdown).await?;
    let sealing = Sealing::new(vault);
    let mails = Mails::new(sealing.clone());
    let sender = Sender::new(
        pool.clone(),
        process.clock.clone(),
        mails.clone(),
        config.public_url,
        config.smtp.as_ref(),
    )?;
    let (writer, refusals) = Writer::new(pool.clone());
    let identity = Identity {
        pool: pool.clone(),
        log: Log::new(doorbell),
        bell,
        clock: process.clock.clone(),
        passwords: Passwords::new(config.password_cost, config.context_keys.clone())?,
        signing: config.signing_keys,
        audience: config.audience,
        data_keys,
        sealing,
        mails,
        refusals,
        keys: config.context_keys.clone(),
    };
    if let Err(error) = identity.learn_costs().await {
        tracing::warn!(%error, "what stored passwords cost is not known yet");
    }
    process.spawn(
        "housekeeping",
        identity.clone().keep_house(process.shutdown.clone()),
    );
    process.spawn("mail", sender.run(process.shutdown.clone()));
    process.spawn("refusals", writer.run(process.shutdown.clone()));
    let listener = process.bind("grpc", config.grpc_addr).await?;
    serve_grpc(&process, listener, config.context_keys, routes(identity)).await?;
    pool.close().await;
    Ok(())
}

fn routes(identity: Identity) -> Routes {
    Routes::new(IdentityServiceServer::new(identity.clone()))
        .add_service(AuditServiceServer::new(identity.clone()))
        .add_service(CredentialServiceServer::new(identity.clone()))
        .add_service(InvitationServiceServer::new(identity.clone()))
        .add_service(MemberServiceServer::new(identity.clone()))
        .add_service(RefusalServiceServer::new(identity.clone()))
        .add_service(SessionServiceServer::new(identity.clone()))
        .add_service(AccountServiceServer::new(identity.clone()))
        .add_service(ApiKeyServiceServer::new(identity))
}

/// What tells the others of new events and of revocations, through one connection.
fn bells(config: &Config, process: &Process) -> anyhow::Result<(Doorbell, Bell)> {
    let Some(url) = &config.redis_url else {
        return Ok((Doorbell::silent(), Bell::silent()));
    };
    let redis = Redis::connect_lazy(url).context("REDIS_URL")?;
    let (tasks, shutdown) = (&process.tasks, &process.shutdown);
    Ok((
        Doorbell::new(redis.connection(), tasks, shutdown.clone()),
        Bell::new(&redis, revocations::BELL, tasks, shutdown.clone()),
    ))
}

fn watch_postgres(process: &Process, pool: Pool) {
    let is_up = move || {
        let pool = pool.clone();
        async move { pool.is_up().await }
    };
    let watching = process.readiness.clone().watch(
        "postgres",
        Need::Required,
        is_up,
        process.shutdown.clone(),
    );
    process.spawn("readiness", watching);
}
