//! Looking at cases.

use crate::{Services, file::Service, rules::CaseState, sql, types::CaseRecord};
use commons::{
    identity::{Caller, Scope},
    ids::Case,
};
use kernel::{Error, Id, Page, PageRequest, Result};

impl Services {
    /// The cases of the caller's organisation, or everyone's for the operator; newest first.
    pub async fn list_cases(&self, caller: &Caller, page: &PageRequest) -> Result<Page<CaseRecord>> {
        let org = if caller.may(Scope::Operate) { None } else { Some(caller.org) };
        let mut page = sql::list_cases(self.commons.db.pool(), org, page).await?;
        for case in &mut page.items {
            let service = self.service_of(case).await?;
            self.complete(case, &service);
        }
        Ok(page)
    }

    /// A case with all that happened to it, for its organisation or the operator.
    pub async fn get_case(&self, caller: &Caller, id: Id<Case>) -> Result<CaseRecord> {
        let mut case = sql::find_case(self.commons.db.pool(), id).await?;
        let theirs = case.org == Some(caller.org);
        if !theirs && !caller.may(Scope::Operate) {
            return Err(Error::not_found("case_missing", "there is no such case that you may see"));
        }
        let service = self.service_of(&case).await?;
        self.complete(&mut case, &service);
        case.events = sql::events_of(self.commons.db.pool(), id).await?;
        Ok(case)
    }

    /// The version of the service that a case goes by.
    pub async fn service_of(&self, case: &CaseRecord) -> Result<Service> {
        match self.book.get(&case.service) {
            Ok(entry) if entry.version == case.version => Ok(entry.service.clone()),
            _ => sql::version_of(self.commons.db.pool(), &case.service, &case.version).await,
        }
    }

    /// Adds what depends on the service's file and on the present.
    pub(super) fn complete(&self, case: &mut CaseRecord, service: &Service) {
        if case.state == CaseState::Open {
            case.step = service.steps.get(case.step_index).map(|step| step.name.clone());
            case.overdue = self.commons.now() > case.due_at;
        }
    }
}
