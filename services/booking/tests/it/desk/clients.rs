//! A client for each gRPC service of booking.

use tonic::transport::Channel;
use voxanne_proto::booking::v1::{
    booking_service_client::BookingServiceClient, calendar_service_client::CalendarServiceClient,
    clinic_service_client::ClinicServiceClient, day_service_client::DayServiceClient,
    hold_service_client::HoldServiceClient, patient_service_client::PatientServiceClient,
    series_service_client::SeriesServiceClient, task_service_client::TaskServiceClient,
    waitlist_service_client::WaitlistServiceClient,
};

use super::Desk;

impl Desk {
    pub(crate) fn bookings(&self) -> BookingServiceClient<Channel> {
        BookingServiceClient::new(self.channel.clone())
    }

    pub(crate) fn clinics(&self) -> ClinicServiceClient<Channel> {
        ClinicServiceClient::new(self.channel.clone())
    }

    pub(crate) fn holds(&self) -> HoldServiceClient<Channel> {
        HoldServiceClient::new(self.channel.clone())
    }

    pub(crate) fn days(&self) -> DayServiceClient<Channel> {
        DayServiceClient::new(self.channel.clone())
    }

    pub(crate) fn calendars(&self) -> CalendarServiceClient<Channel> {
        CalendarServiceClient::new(self.channel.clone())
    }

    pub(crate) fn patients(&self) -> PatientServiceClient<Channel> {
        PatientServiceClient::new(self.channel.clone())
    }

    pub(crate) fn tasks(&self) -> TaskServiceClient<Channel> {
        TaskServiceClient::new(self.channel.clone())
    }

    pub(crate) fn series(&self) -> SeriesServiceClient<Channel> {
        SeriesServiceClient::new(self.channel.clone())
    }

    pub(crate) fn waitlist(&self) -> WaitlistServiceClient<Channel> {
        WaitlistServiceClient::new(self.channel.clone())
    }
}
