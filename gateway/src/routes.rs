//! Every route; a route's file translates between JSON and a service and decides nothing.

pub(crate) mod account;
pub(crate) mod agents;
pub(crate) mod api_keys;
pub(crate) mod audit;
pub(crate) mod blocks;
pub(crate) mod bookings;
pub(crate) mod calendars;
pub(crate) mod calls;
pub(crate) mod credentials;
pub(crate) mod exceptions;
pub(crate) mod holds;
pub(crate) mod id;
pub(crate) mod invitations;
pub(crate) mod list;
pub(crate) mod locations;
pub(crate) mod members;
pub(crate) mod messages;
pub(crate) mod moment;
pub(crate) mod part;
pub(crate) mod patients;
pub(crate) mod providers;
pub(crate) mod rooms;
pub(crate) mod schedules;
pub(crate) mod services;
pub(crate) mod sessions;
pub(crate) mod slots;
pub(crate) mod tasks;
pub(crate) mod waitlist;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{App, fhir, operations};

/// Below `/api/org/{orgId}`.
pub(crate) fn of_org() -> OpenApiRouter<App> {
    of_clinic()
        .merge(of_people())
        .routes(routes!(slots::find))
        .routes(routes!(bookings::list::list, bookings::create::create))
        .routes(routes!(bookings::show::show))
        .routes(routes!(bookings::confirm::confirm))
        .routes(routes!(bookings::cancel::cancel))
        .routes(routes!(bookings::reschedule::reschedule))
        .routes(routes!(bookings::mark::approve))
        .routes(routes!(bookings::mark::decline))
        .routes(routes!(bookings::mark::arrive))
        .routes(routes!(bookings::mark::complete))
        .routes(routes!(bookings::mark::no_show))
        .routes(routes!(holds::create))
        .routes(routes!(holds::release))
        .routes(routes!(bookings::series::create_series))
        .routes(routes!(bookings::series::cancel_series))
        .routes(routes!(waitlist::list::list_waitlist, waitlist::join::join))
        .routes(routes!(waitlist::settle::leave))
        .routes(routes!(waitlist::settle::accept))
        .routes(routes!(waitlist::settle::decline))
        .routes(routes!(
            credentials::show_twilio,
            credentials::put_twilio,
            credentials::delete_twilio
        ))
        .routes(routes!(
            credentials::show_google,
            credentials::put_google,
            credentials::delete_google
        ))
        .routes(routes!(calendars::list))
        .routes(routes!(calendars::update, calendars::disconnect))
        .routes(routes!(calendars::test))
        .routes(routes!(calendars::make_feed_key))
        .routes(routes!(api_keys::list, api_keys::create))
        .routes(routes!(api_keys::revoke))
        .routes(routes!(credentials::test::twilio))
        .routes(routes!(credentials::test::google))
        .routes(routes!(invitations::list, invitations::invite))
        .routes(routes!(invitations::revoke))
        .routes(routes!(members::list))
        .routes(routes!(members::update, members::remove))
        .routes(routes!(messages::list, messages::send))
        .routes(routes!(messages::retry))
        .routes(routes!(agents::show::show))
        .routes(routes!(agents::show::versions))
        .routes(routes!(agents::sync::show, agents::sync::start))
        .routes(routes!(agents::switch::on))
        .routes(routes!(agents::switch::off))
        .routes(routes!(calls::list))
        .routes(routes!(calls::show))
        .routes(routes!(audit::list::list_audit))
        .routes(routes!(audit::export::export_audit))
        .merge(fhir::routes())
}

/// What a clinic is made of, and its days.
fn of_clinic() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(locations::list, locations::create))
        .routes(routes!(
            locations::get,
            locations::update,
            locations::delete
        ))
        .routes(routes!(providers::list, providers::create))
        .routes(routes!(
            providers::get,
            providers::update,
            providers::delete
        ))
        .routes(routes!(services::list, services::create))
        .routes(routes!(services::get, services::update, services::delete))
        .routes(routes!(schedules::list, schedules::put))
        .routes(routes!(schedules::delete))
        .routes(routes!(rooms::list, rooms::create))
        .routes(routes!(rooms::get, rooms::update, rooms::delete))
        .routes(routes!(exceptions::list, exceptions::create))
        .routes(routes!(exceptions::delete))
        .routes(routes!(blocks::list, blocks::create))
        .routes(routes!(blocks::delete))
}

/// Below `/api/org/{orgId}` too: who is seen, and what needs attention.
fn of_people() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(patients::list, patients::create))
        .routes(routes!(
            patients::get,
            patients::update,
            patients::erase::erase
        ))
        .routes(routes!(patients::merge::merge))
        .routes(routes!(patients::export::export_patient))
        .routes(routes!(tasks::list::list_tasks, tasks::create::create))
        .routes(routes!(tasks::show::show))
        .routes(routes!(tasks::assign::assign))
        .routes(routes!(tasks::resolve::resolve))
}

/// Of the organisation that the token names.
pub(crate) fn of_token() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(bookings::confirm::confirm_named))
        .routes(routes!(agents::save::save))
        .routes(routes!(calendars::connect::start))
}

/// Of a session itself.
pub(crate) fn of_session() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(sessions::show::show))
        .routes(routes!(sessions::logout::logout))
        .routes(routes!(account::password::change))
        .routes(routes!(account::email::send))
        .routes(routes!(
            account::second_factor::begin,
            account::second_factor::remove
        ))
        .routes(routes!(account::second_factor::confirm))
        .routes(routes!(sessions::list::list, sessions::end::end_all))
        .routes(routes!(sessions::end::end))
        .routes(routes!(sessions::switch::switch))
}

/// Without an access token.
pub(crate) fn open() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(sessions::signup::signup))
        .routes(routes!(sessions::login::login))
        .routes(routes!(sessions::login_code::login_code))
        .routes(routes!(sessions::refresh::refresh))
        .routes(routes!(account::password::forgot))
        .routes(routes!(account::password::reset))
        .routes(routes!(account::email::verify))
        .routes(routes!(invitations::accept))
        .routes(routes!(calendars::connect::callback))
        .routes(routes!(calendars::feed::read))
        .routes(routes!(sessions::jwks::jwks))
        .routes(routes!(operations::healthz))
        .routes(routes!(operations::readyz))
        .routes(routes!(operations::config))
        .routes(routes!(operations::auth_cache_stats))
}
