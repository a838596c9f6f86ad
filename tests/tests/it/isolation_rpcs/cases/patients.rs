//! Who calls, and what becomes of patients.

use voxanne_proto::booking::v1::{
    ErasePatientRequest, ExportPatientRequest, IdentifyPatientRequest, MergePatientsRequest,
};

use super::{Case, Of, Who};

const OF: Of = Of("booking.v1.PatientService", Who::Owner);

pub(super) fn cases() -> Vec<Case> {
    vec![
        // Another clinic has a patient of this name and number too.
        OF.by(Who::Call).nothing(
            "IdentifyPatient",
            IdentifyPatientRequest {
                phone: "+12125550142".into(),
                name: "Zebedee Quillfeather".into(),
                date_of_birth: String::new(),
            },
        ),
        OF.id(
            "ExportPatient",
            |it| &it.patient,
            |_, id| ExportPatientRequest {
                id: id.into(),
                cursor: String::new(),
            },
        ),
        OF.id(
            "MergePatients",
            |it| &it.patient,
            |mine, id| MergePatientsRequest {
                id: mine.double.clone(),
                into_id: id.into(),
            },
        ),
        OF.id(
            "MergePatients",
            |it| &it.double,
            |mine, id| MergePatientsRequest {
                id: id.into(),
                into_id: mine.patient.clone(),
            },
        ),
        OF.id(
            "ErasePatient",
            |it| &it.leaver,
            |_, id| ErasePatientRequest { id: id.into() },
        ),
    ]
}
