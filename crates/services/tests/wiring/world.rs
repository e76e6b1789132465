//! A community whose services make organisations, and one effect that can be made to fail.

use async_trait::async_trait;
use commons::{
    Commons,
    effects::{CreateOrganisation, Effect, EffectContext, Effects},
    identity::Caller,
    pack::Pack,
};
use kernel::{Error, Result};
use serde_json::{Value, json};
use services::{Opened, Ruling, Services, rules::Verdict};
use std::path::Path;
use testkit::Kit;

/// The community.
pub struct World {
    pub kit: Kit,
    pub services: Services,
    pub operator: (Caller, String),
}

/// Stands where another platform's effect would: writes a row, and fails when the form's summary says so.
struct Welcome(&'static str);

#[async_trait]
impl Effect for Welcome {
    fn name(&self) -> &'static str {
        self.0
    }

    fn check(&self, args: &Value) -> Result<()> {
        if args.is_object() { Ok(()) } else { Err(Error::invalid("effect_args", "args is a table")) }
    }

    async fn apply(&self, commons: &Commons, tx: &mut store::Tx, context: &EffectContext) -> Result<Value> {
        let org = context.org.ok_or_else(|| Error::invalid("effect_args", "no organisation"))?;
        commons::identity::add_person(tx, commons.now(), org, self.0, "w@example.org", "member").await?;
        if self.0 == "grant_voucher" && context.form["summary"] == "the pot is empty" {
            return Err(Error::insufficient("pot_insufficient", "the pot is empty"));
        }
        Ok(json!({"welcomed": context.args}))
    }
}

/// The pack as it lies in the repository.
pub fn shanghai() -> Pack {
    Pack::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/shanghai")).unwrap()
}

/// The effects that the pack uses, without other platforms.
pub fn effects() -> Effects {
    let effects = Effects::default().with(CreateOrganisation);
    effects.with(Welcome("grant_quota")).with(Welcome("open_balance")).with(Welcome("grant_voucher"))
}

/// A right form for residency.
pub fn form(short_name: &str, summary: &str) -> services::rules::Form {
    let form = json!({
        "organisation": "阿克米智能", "short_name": short_name, "organisation_type": "startup",
        "contact_name": "李雷", "contact_email": "li@acme.example", "purpose": "vertical-application",
        "summary": summary,
    });
    form.as_object().unwrap().clone()
}

/// What a decider says about residency's one step.
pub fn ruling(verdict: Verdict, note: &str) -> Ruling {
    Ruling { step: "review".into(), verdict, note: note.into() }
}

impl World {
    pub async fn new(kit: Kit) -> Self {
        let services = Services::open(&kit.commons, &shanghai(), effects()).await.unwrap();
        let operator = kit.operator().await;
        Self { kit, services, operator }
    }

    /// A newcomer applies.
    pub async fn apply(&self, short_name: &str, summary: &str) -> Opened {
        self.services.open_case(None, "residency", form(short_name, summary)).await.unwrap()
    }

    /// Short names of all organisations.
    pub async fn slugs(&self) -> Vec<String> {
        let orgs = commons::identity::list_orgs(self.kit.commons.db.pool()).await.unwrap();
        orgs.into_iter().map(|org| org.slug).collect()
    }
}
