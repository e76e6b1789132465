//! What a decided case does: named effects that platforms offer and packs use.

use crate::{
    Commons,
    billing::balance_account,
    identity::{self, NewOrg},
    ids::Org,
};
use async_trait::async_trait;
use kernel::{Error, Id, Result};
use serde_json::{Value, json};
use std::sync::Arc;
use store::Tx;

/// What an effect is told.
#[derive(Debug, Clone)]
pub struct EffectContext {
    /// The case that was decided.
    pub case: String,
    /// What the applicant filled in.
    pub form: Value,
    /// The organisation that the case is about; set once it exists.
    pub org: Option<Id<Org>>,
    /// Who decided.
    pub actor: String,
    /// What the pack gives the effect.
    pub args: Value,
}

/// Something that a decided case does, in the transaction of the decision.
#[async_trait]
pub trait Effect: Send + Sync {
    /// Its name in packs.
    fn name(&self) -> &'static str;
    /// Fails when a pack's arguments are wrong, before anything is decided by them.
    fn check(&self, args: &Value) -> Result<()>;
    /// Does it; returns what it made, for the case's record.
    async fn apply(&self, commons: &Commons, tx: &mut Tx, context: &EffectContext) -> Result<Value>;
}

/// The effects that packs may use.
#[derive(Clone, Default)]
pub struct Effects(Vec<Arc<dyn Effect>>);

impl Effects {
    /// Adds an effect.
    #[must_use]
    pub fn with(mut self, effect: impl Effect + 'static) -> Self {
        self.0.push(Arc::new(effect));
        self
    }

    /// The effect with this name.
    pub fn find(&self, name: &str) -> Result<&dyn Effect> {
        self.0.iter().find(|effect| effect.name() == name).map(AsRef::as_ref).ok_or_else(|| {
            let known: Vec<_> = self.0.iter().map(|effect| effect.name()).collect();
            Error::invalid(
                "effect_unknown",
                format!("there is no effect “{name}”; known: {}", known.join(", ")),
            )
        })
    }
}

/// `create_organisation`: makes the applicant's organisation and its first person.
///
/// Reads the form's fields `short_name`, `organisation`, `contact_name` and `contact_email`.
#[derive(Debug, Clone, Copy)]
pub struct CreateOrganisation;

#[async_trait]
impl Effect for CreateOrganisation {
    fn name(&self) -> &'static str {
        "create_organisation"
    }

    fn check(&self, args: &Value) -> Result<()> {
        if args.as_object().is_none_or(|fields| fields.is_empty()) {
            return Ok(());
        }
        Err(Error::invalid("effect_args", "create_organisation takes no arguments"))
    }

    async fn apply(&self, commons: &Commons, tx: &mut Tx, context: &EffectContext) -> Result<Value> {
        let field = |name: &str| {
            context.form.get(name).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| {
                Error::invalid("effect_form", format!("create_organisation needs the form's field “{name}”"))
            })
        };
        let now = commons.now();
        let org = NewOrg {
            slug: field("short_name")?,
            name: field("organisation")?,
            operator: false,
            profile: context.form.clone(),
        };
        let id = identity::create_org(tx, now, &org).await?;
        identity::add_person(tx, now, id, &field("contact_name")?, &field("contact_email")?, "owner").await?;
        balance_account(tx, id).await?;
        Ok(json!({"org": id, "slug": org.slug}))
    }
}
