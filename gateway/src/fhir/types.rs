//! The parts that resources are made of.

use serde::Serialize;
use utoipa::ToSchema;
use voxanne_privacy::Private;
use voxanne_proto::booking::v1 as proto;

use super::id;
use crate::routes::moment;

/// The system of a service's code.
pub(super) const SERVICES: &str = "urn:voxanne:service";

/// A code and the system that defines it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = FhirCoding)]
pub(crate) struct Coding {
    pub(super) system: String,
    pub(super) code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) display: Option<String>,
}

/// A concept by code or in words.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = FhirCodeableConcept)]
pub(crate) struct CodeableConcept {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub(super) coding: Vec<Coding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub(super) text: Option<Private<String>>,
}

impl CodeableConcept {
    /// The service as a type of what is done. Without a name it is not shown.
    pub(super) fn service(service_id: &str, name: &str) -> Self {
        Self {
            coding: vec![Coding {
                system: SERVICES.to_owned(),
                code: id::written(service_id),
                display: (!name.is_empty()).then(|| name.to_owned()),
            }],
            text: None,
        }
    }

    pub(super) const fn text(text: Private<String>) -> Self {
        Self {
            coding: Vec::new(),
            text: Some(text),
        }
    }
}

/// Another resource, relative to the base, or one that is contained (`#…`).
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = FhirReference)]
pub(crate) struct Reference {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub(super) display: Option<Private<String>>,
}

impl Reference {
    /// To the resource of this type that has this id of ours, if there is one.
    pub(super) fn to(kind: &str, ours: &str, display: impl Into<Private<String>>) -> Self {
        let display = display.into();
        Self {
            reference: (!ours.is_empty()).then(|| format!("{kind}/{}", id::written(ours))),
            display: (!display.is_empty()).then_some(display),
        }
    }

    /// To what has this id of FHIR.
    pub(super) const fn at(reference: String) -> Self {
        Self {
            reference: Some(reference),
            display: None,
        }
    }
}

/// A stretch of time.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = FhirPeriod)]
pub(crate) struct Period {
    pub(super) start: String,
    pub(super) end: String,
}

impl Period {
    pub(super) fn of(
        from: Option<prost_types::Timestamp>,
        to: Option<prost_types::Timestamp>,
    ) -> Self {
        Self {
            start: moment::written(from),
            end: moment::written(to),
        }
    }
}

/// What R4 has no element for.
#[derive(Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FhirExtension)]
pub(crate) struct Extension {
    pub(super) url: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) value_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) value_instant: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) value_string: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) value_reference: Option<Reference>,
}

impl Extension {
    pub(super) const NONE: Self = Self {
        url: "",
        value_code: None,
        value_instant: None,
        value_string: None,
        value_reference: None,
    };

    pub(super) fn code(url: &'static str, code: impl Into<String>) -> Self {
        Self {
            url,
            value_code: Some(code.into()),
            ..Self::NONE
        }
    }
}

/// How old what is shown is.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FhirMeta)]
pub(crate) struct Meta {
    pub(super) version_id: String,
}

/// A person's name, in one text as we keep it.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = FhirHumanName)]
pub(crate) struct HumanName {
    #[schema(value_type = String)]
    pub(super) text: Private<String>,
}

/// A number or an address.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = FhirContactPoint)]
pub(crate) struct ContactPoint {
    pub(super) system: &'static str,
    #[schema(value_type = String)]
    pub(super) value: Private<String>,
}

/// A service that a slot or a booking is for.
pub(super) fn service_type(slot: &proto::Slot) -> CodeableConcept {
    CodeableConcept::service(&slot.service_id, &slot.service_name)
}
