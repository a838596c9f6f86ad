//! What was refused elsewhere, on the wire.

use tonic::{Request, Response, Status, async_trait};
use voxanne_proto::identity::v1::{
    NoteRefusalRequest, NoteRefusalResponse, refusal_service_server::RefusalService,
};
use voxanne_tenant::Tenant;

use crate::{Error, Identity};

#[async_trait]
impl RefusalService for Identity {
    async fn note_refusal(
        &self,
        request: Request<NoteRefusalRequest>,
    ) -> Result<Response<NoteRefusalResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let named = request.into_inner().named.parse();
        let named = named.map_err(|_unknown| Error::NoOrg)?;
        self.refusals.other_org(&tenant, named);
        Ok(Response::new(NoteRefusalResponse {}))
    }
}
