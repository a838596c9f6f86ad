//! A person's own account on the wire.

use secrecy::SecretString;
use tonic::{Request, Response, Status, async_trait};
use voxanne_problem::{Kind, Problem};
use voxanne_proto::identity::v1::{
    BeginSecondFactorRequest, BeginSecondFactorResponse, ChangePasswordRequest,
    ChangePasswordResponse, ConfirmSecondFactorRequest, ConfirmSecondFactorResponse,
    ForgotPasswordRequest, ForgotPasswordResponse, LoginWithCodeRequest, LoginWithCodeResponse,
    RemoveSecondFactorRequest, RemoveSecondFactorResponse, ResetPasswordRequest,
    ResetPasswordResponse, SendVerificationRequest, SendVerificationResponse, VerifyEmailRequest,
    VerifyEmailResponse, account_service_server::AccountService,
    remove_second_factor_request::Proof as Given,
};
use voxanne_tenant::{System, Tenant};

use crate::{Identity, accounts::wire::new_password, callers, second_factor::remove::Proof};

#[async_trait]
impl AccountService for Identity {
    async fn forgot_password(
        &self,
        request: Request<ForgotPasswordRequest>,
    ) -> Result<Response<ForgotPasswordResponse>, Status> {
        System::of(&request)?;
        let email = request.into_inner().email.parse().ok();
        Self::forgot_password(self, email).await?;
        Ok(Response::new(ForgotPasswordResponse {}))
    }

    async fn reset_password(
        &self,
        request: Request<ResetPasswordRequest>,
    ) -> Result<Response<ResetPasswordResponse>, Status> {
        System::of(&request)?;
        let ResetPasswordRequest { token, password } = request.into_inner();
        let password = new_password("password", &password)?;
        Self::reset_password(self, token.into(), password).await?;
        Ok(Response::new(ResetPasswordResponse {}))
    }

    async fn change_password(
        &self,
        request: Request<ChangePasswordRequest>,
    ) -> Result<Response<ChangePasswordResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let caller = callers::signed_in(&tenant)?;
        let ChangePasswordRequest {
            current_password,
            new_password: new,
        } = request.into_inner();
        let new = new_password("newPassword", &new)?;
        Self::change_password(self, &tenant, caller, current_password.into(), new).await?;
        Ok(Response::new(ChangePasswordResponse {}))
    }

    async fn verify_email(
        &self,
        request: Request<VerifyEmailRequest>,
    ) -> Result<Response<VerifyEmailResponse>, Status> {
        System::of(&request)?;
        let token: SecretString = request.into_inner().token.into();
        Self::verify_email(self, token).await?;
        Ok(Response::new(VerifyEmailResponse {}))
    }

    async fn send_verification(
        &self,
        request: Request<SendVerificationRequest>,
    ) -> Result<Response<SendVerificationResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let caller = callers::signed_in(&tenant)?;
        Self::send_verification(self, &tenant, caller).await?;
        Ok(Response::new(SendVerificationResponse {}))
    }

    async fn begin_second_factor(
        &self,
        request: Request<BeginSecondFactorRequest>,
    ) -> Result<Response<BeginSecondFactorResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let caller = callers::signed_in(&tenant)?;
        let password = request.into_inner().password.into();
        let begun = Self::begin_second_factor(self, &tenant, caller, password).await?;
        Ok(Response::new(BeginSecondFactorResponse {
            secret: begun.secret,
            uri: begun.uri,
        }))
    }

    async fn confirm_second_factor(
        &self,
        request: Request<ConfirmSecondFactorRequest>,
    ) -> Result<Response<ConfirmSecondFactorResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let caller = callers::signed_in(&tenant)?;
        let code = request.into_inner().code;
        let recovery_codes = Self::confirm_second_factor(self, &tenant, caller, &code).await?;
        Ok(Response::new(ConfirmSecondFactorResponse {
            recovery_codes,
        }))
    }

    async fn remove_second_factor(
        &self,
        request: Request<RemoveSecondFactorRequest>,
    ) -> Result<Response<RemoveSecondFactorResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let caller = callers::signed_in(&tenant)?;
        let proof = match request.into_inner().proof {
            Some(Given::Password(password)) => Proof::Password(password.into()),
            Some(Given::Code(code)) => Proof::Code(code),
            None => return Err(no_proof().into()),
        };
        Self::remove_second_factor(self, &tenant, caller, proof).await?;
        Ok(Response::new(RemoveSecondFactorResponse {}))
    }

    async fn login_with_code(
        &self,
        request: Request<LoginWithCodeRequest>,
    ) -> Result<Response<LoginWithCodeResponse>, Status> {
        let system = System::of(&request)?;
        let LoginWithCodeRequest {
            challenge,
            code,
            device,
        } = request.into_inner();
        let device = device.into();
        let challenge = challenge.into();
        let logged_in = Self::login_with_code(self, &system, challenge, &code, &device).await?;
        Ok(Response::new(logged_in.into()))
    }
}

fn no_proof() -> Problem {
    Problem::new(Kind::Invalid, "INVALID", "give the password or a code")
}
