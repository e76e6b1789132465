//! Every address of the console with its rule.

use crate::{
    Console, gallery,
    pages::{
        assets, cases, charges, compute, datasets, errors, home, jobs, leaderboard, ledger, models, services,
        session, vouchers,
    },
    web::{Answer, Visit},
};
use axum::http::Method;
use commons::{
    http::{Envelope, Routes, Rule},
    identity::Scope,
};
use std::sync::Arc;

impl Console {
    /// The doors of the console.
    pub fn routes(&self) -> Routes {
        let read = Rule::Needs(Scope::Read);
        let state = || self.clone();
        Routes::new(&self.commons, Envelope::Page(Arc::new(errors::render)))
            .get("/", Rule::SignedIn, home::show_home, state())
            .get("/assets/{file}", Rule::Public, assets::file, ())
            .get("/sign-in", Rule::Public, session::show_sign_in, state())
            .post("/sign-in", Rule::Public, session::sign_in, state())
            .post("/sign-out", Rule::Public, session::sign_out, state())
            .post("/preferences", Rule::Public, session::set_preferences, ())
            .get("/dev/gallery", Rule::SignedIn, show_gallery, state())
            .get("/jobs", read, jobs::list_jobs, state())
            .get("/jobs/{id}", read, jobs::get_job, state())
            .get("/jobs/{id}/live", read, jobs::follow_job, state())
            .route(Method::POST, "/jobs/{id}/cancel", Rule::Needs(Scope::Write), jobs::cancel_job, state())
            .get("/compute", read, compute::show_compute, state())
            .get("/compute/live", read, compute::follow_compute, state())
            .get("/datasets", read, datasets::list_datasets, state())
            .get("/datasets/{org}/{name}", read, datasets::get_dataset, state())
            .get("/models", read, models::list_models, state())
            .get("/models/{org}/{name}", read, models::get_model, state())
            .get("/leaderboard", read, leaderboard::show_leaderboard, state())
            .get("/ledger", read, ledger::show_ledger, state())
            .get("/ledger/{id}", read, ledger::show_account, state())
            .get("/charges/{id}", read, charges::get_charge, state())
            .get("/vouchers", read, vouchers::list_vouchers, state())
            .get("/policies/{id}", read, vouchers::get_policy, state())
            .get("/services", Rule::Public, services::list_services, state())
            .get("/services/{id}", Rule::Public, services::get_service, state())
            .post("/services/{id}", Rule::Public, services::apply, state())
            .get("/cases", read, cases::list_cases, state())
            .get("/cases/{id}", read, cases::get_case, state())
            .post("/cases/{id}", Rule::Needs(Scope::Operate), cases::decide_case, state())
            .get("/cases/{id}/claim", Rule::Public, cases::show_claim, state())
            .post("/cases/{id}/claim", Rule::Public, cases::claim, state())
    }
}

async fn show_gallery(visit: Visit) -> Answer {
    Ok(visit.show(&gallery::page(&visit.shell)))
}
