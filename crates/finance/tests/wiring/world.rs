//! A community with an operator, a start-up that publishes a model, and one that calls it.

use commons::{
    Commons,
    billing::{self, Charge, Quote, Service, UsageLine},
    effects::{EffectContext, Effects},
    identity::Caller,
    ids,
    jobs::{self, Ending, JobState, Resources, Submission},
    ledger,
    pack::Pack,
    provenance::{self, Artifact, Contribution},
};
use finance::Finance;
use kernel::{Id, Result};
use serde_json::{Value, json};
use std::path::Path;
use testkit::Kit;

/// Micros of one yuan.
pub const YUAN: i64 = 1_000_000;
/// The corpus behind the model.
pub const DATASET: &str = "dataset:acme/notes@00000000000000000000000000000000000000aa";
/// The model that is called.
pub const MODEL: &str = "model:acme/tiny@00000000000000000000000000000000000000bb";

/// The community.
pub struct World {
    pub kit: Kit,
    pub commons: Commons,
    pub finance: Finance,
    pub operator: (Caller, String),
    pub acme: (Caller, String),
    pub user: (Caller, String),
}

/// The pack as it lies in the repository, with one file changed.
pub fn pack_with(path: &str, change: impl Fn(&str) -> String) -> Pack {
    let folder = tempfile::tempdir().unwrap();
    for part in ["policies", "services"] {
        std::fs::create_dir(folder.path().join(part)).unwrap();
        for entry in std::fs::read_dir(shanghai().join(part)).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), folder.path().join(part).join(entry.file_name())).unwrap();
        }
    }
    let text = std::fs::read_to_string(folder.path().join(path)).unwrap();
    std::fs::write(folder.path().join(path), change(&text)).unwrap();
    Pack::read(folder.path()).unwrap()
}

fn shanghai() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/shanghai")
}

impl World {
    pub async fn new(kit: Kit) -> Self {
        Self::with_pack(kit, &Pack::read(&shanghai()).unwrap()).await
    }

    pub async fn with_pack(kit: Kit, pack: &Pack) -> Self {
        let finance = Finance::open(&kit.commons, pack).await.unwrap();
        let commons = kit.commons.clone().with_settlement(finance.settlement());
        let (operator, acme, user) = (kit.operator().await, kit.org("acme").await, kit.org("user").await);
        Self { kit, commons, finance, operator, acme, user }
    }

    /// Funds a programme.
    pub async fn fund(&self, policy: &str, yuan: i64) {
        let done = self.finance.fund_programme("operator".into(), policy, yuan * YUAN, "first").await;
        assert_eq!(done.unwrap().pot_micros, yuan * YUAN);
    }

    /// Grants a voucher as a decided case does.
    pub async fn grant(
        &self,
        caller: &Caller,
        case: &str,
        policy: &str,
        face: &str,
        purpose: &str,
    ) -> Result<Value> {
        let effects = self.finance.add_effects(Effects::default());
        let args = json!({"policy": policy, "face_value": face, "days": 30});
        effects.find("grant_voucher")?.check(&args)?;
        let context = EffectContext {
            case: case.into(),
            form: json!({"purpose": purpose, "related_organisations": "Holding-Co、sister"}),
            org: Some(caller.org),
            actor: "operator".into(),
            args,
        };
        let commons = self.commons.clone();
        self.commons
            .db
            .write(move |tx| {
                Box::pin(async move { effects.find("grant_voucher")?.apply(&commons, tx, &context).await })
            })
            .await
    }

    /// Opens a charge of at most `max_micros` for a call of the model.
    pub async fn open(&self, payer: &Caller, payee: &Caller, key: &str, max_micros: i64) -> Result<Charge> {
        let quote = Quote {
            org: payer.org,
            payee: payee.org,
            service: Service::Model,
            resource: MODEL.into(),
            max_micros,
            idempotency: key.into(),
            expires_seconds: Some(600),
        };
        let commons = self.commons.clone();
        self.commons
            .db
            .write(move |tx| Box::pin(async move { billing::open(&commons, tx, quote).await }))
            .await
    }

    /// Settles a charge at `amount_micros`.
    pub async fn settle(&self, charge: Id<ids::Charge>, amount_micros: i64) -> Result<Charge> {
        let line =
            UsageLine { unit: "output_tokens".into(), quantity: amount_micros, price_micros: 1, per: 1 };
        let commons = self.commons.clone();
        self.commons
            .db
            .write(move |tx| Box::pin(async move { billing::settle(&commons, tx, charge, vec![line]).await }))
            .await
    }

    /// Gives a charge back.
    pub async fn void(&self, charge: Id<ids::Charge>) {
        let commons = self.commons.clone();
        let done = self
            .commons
            .db
            .write(move |tx| Box::pin(async move { billing::void(&commons, tx, charge).await }))
            .await;
        done.unwrap();
    }

    /// What an account of the ledger has posted, by owner and code; zero when it isn't there.
    pub async fn posted(&self, owner: Option<&Caller>, code: &str) -> i64 {
        let accounts = ledger::list_accounts(self.commons.db.pool(), None).await.unwrap();
        let mine = accounts.iter().filter(|a| a.owner == owner.map(|o| o.org) && a.code == code);
        mine.map(|account| account.balance.posted_micros).sum()
    }

    /// What all accounts hold back.
    pub async fn held(&self) -> i64 {
        let accounts = ledger::list_accounts(self.commons.db.pool(), None).await.unwrap();
        accounts.iter().map(|account| account.balance.held_micros).sum()
    }

    /// What an organisation's account holds back.
    pub async fn held_of(&self, owner: &Caller, code: &str) -> i64 {
        let accounts = ledger::list_accounts(self.commons.db.pool(), Some(owner.org)).await.unwrap();
        accounts
            .iter()
            .filter(|account| account.code == code)
            .map(|account| account.balance.held_micros)
            .sum()
    }

    /// What is left of an organisation's vouchers.
    pub async fn vouchers_left(&self, caller: &Caller) -> i64 {
        let page = self.finance.list_vouchers(Some(caller.org), &Default::default()).await.unwrap();
        page.items.iter().map(|voucher| voucher.left_micros).sum()
    }

    /// Fails unless every balance follows from the transfers and every commodity sums to zero.
    pub async fn books_hold(&self) {
        let found = ledger::verify(&self.commons.db).await.unwrap();
        assert!(found.holds, "{:?}", found.faults);
        assert!(found.sums.values().all(|sum| *sum == 0), "{:?}", found.sums);
    }

    /// Records that acme built a corpus from three contributors' texts and trained the model on it.
    pub async fn train(&self) {
        let (commons, acme) = (self.commons.clone(), self.acme.0.clone());
        let done = self.commons.db.write(move |tx| {
            Box::pin(async move {
                let given = [("serde authors", 600), ("tokio authors", 300), ("axum authors", 100)];
                let contributions = given.map(|(who, tokens)| Contribution {
                    contributor: who.into(),
                    source: who.replace(" authors", " 1.0.0"),
                    licence: "MIT".into(),
                    documents: 2,
                    bytes: tokens * 4,
                    tokens,
                    example: format!("{who}/README.md"),
                });
                for (reference, kind) in [(DATASET, "dataset"), (MODEL, "model")] {
                    let artifact = Artifact {
                        reference: reference.into(),
                        org: acme.org,
                        kind: kind.into(),
                        title: kind.into(),
                        job: None,
                        meta: json!({}),
                        created_at: commons.now(),
                    };
                    provenance::record(tx, &artifact).await?;
                }
                provenance::contribute(tx, DATASET, &contributions).await?;
                train_job(&commons, tx, &acme).await
            })
        });
        done.await.unwrap();
    }
}

async fn train_job(commons: &Commons, tx: &mut store::Tx, acme: &Caller) -> Result<()> {
    let submission = Submission {
        kind: "model.train".into(),
        name: "tiny".into(),
        spec: json!({}),
        inputs: vec![DATASET.into()],
        priority: 50,
        resources: Resources::new(1, 64, 60),
        scheduling: Default::default(),
        idempotency: None,
    };
    let offer = jobs::Offer::free(vec![DATASET.into()]);
    let mut job = jobs::submit_in(commons, tx, acme, &submission, offer).await?;
    for to in [JobState::Starting, JobState::Running, JobState::Finishing] {
        assert!(jobs::transition(commons, tx, job.id, job.state, to, None).await?);
        job.state = to;
    }
    let ending = Ending {
        state: JobState::Succeeded,
        reason: None,
        outputs: vec![MODEL.into()],
        result: json!({}),
        usage: None,
    };
    assert!(jobs::finish(commons, tx, &job, &ending).await?);
    Ok(())
}
