//! What is wired to what: the only place that knows every platform.

use crate::config::Config;
use anyhow::{Context, Result, bail};
use commons::{
    Commons, billing,
    effects::{CreateOrganisation, Effects},
    http::Routes,
    jobs::{Kinds, Tasks},
    metrics::Registry,
    pack::Pack,
};
use compute::{Compute, command::Isolation};
use console::Console;
use corpus::Corpus;
use evaluation::Evaluation;
use finance::Finance;
use hub::Hub;
use kernel::SystemClock;
use model::Models;
use serde::Deserialize;
use services::Services;
use std::{path::Path, sync::Arc};
use store::{Blobs, Database};

/// Short name of the organisation that runs the community.
pub const OPERATOR: &str = "operator";

/// Every platform, open.
#[derive(Clone)]
pub struct Platforms {
    /// What they share.
    pub commons: Commons,
    compute: Compute,
    corpus: Corpus,
    evaluation: Evaluation,
    finance: Finance,
    hub: Hub,
    models: Models,
    services: Services,
}

/// `prices.toml` of a pack.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Prices {
    #[serde(rename = "title")]
    _title: commons::pack::Text,
    compute: ComputePrices,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ComputePrices {
    cpu_hour_micros: i64,
}

/// The pack that the settings name.
pub fn pack(settings: &crate::config::Pack) -> kernel::Result<Pack> {
    if settings.folder.is_empty() {
        Pack::embedded(&settings.name)
    } else {
        Pack::read(Path::new(&settings.folder))
    }
}

impl Platforms {
    /// Opens the storage and every platform on it. Jobs will call the server at `endpoint`.
    pub async fn open(config: &Config, endpoint: &str) -> Result<Self> {
        let data = &config.server.data;
        std::fs::create_dir_all(data).map_err(|error| {
            let text =
                format!("the data folder {} can't be made; choose another with --data", data.display());
            kernel::Error::invalid("data_folder", text).with_source(error)
        })?;
        let data = data.canonicalize()?;
        let pack = pack(&config.pack)?;
        let db = Database::open(&config.database_url()).await?;
        let blobs = Blobs::local(&data.join("blobs"))?;
        let commons = Commons::open(db, blobs, Arc::new(SystemClock), data).await?;
        let finance = Finance::open(&commons, &pack).await?;
        let commons = commons.with_settlement(finance.settlement());
        let hub = Hub::open(&commons).await?;
        let corpus = Corpus::open(&commons, &hub);
        let models = Models::open(&commons, &hub, model::Limits::default()).await?;
        let evaluation = Evaluation::open(&commons, &hub).await?;
        let effects = Effects::default().with(CreateOrganisation).with(compute::GrantQuota);
        let services = Services::open(&commons, &pack, finance.add_effects(effects)).await?;
        let compute = compute_config(config, &pack, endpoint)?;
        let command = compute::command::Command::new(&hub, compute.isolation);
        let kinds = Kinds::default().with(corpus.clone()).with(models.clone()).with(evaluation.clone());
        let compute = Compute::open(&commons, kinds.with(command), compute).await?;
        Ok(Self { commons, compute, corpus, evaluation, finance, hub, models, services })
    }

    /// All doors of the platform.
    pub fn routes(&self) -> Routes {
        let commons = &self.commons;
        let console = Console {
            commons: commons.clone(),
            compute: self.compute.clone(),
            corpus: self.corpus.clone(),
            evaluation: self.evaluation.clone(),
            finance: self.finance.clone(),
            hub: self.hub.clone(),
            models: self.models.clone(),
            services: self.services.clone(),
        };
        commons::http::routes(commons)
            .merge(self.hub.routes(commons))
            .merge(self.compute.routes(commons))
            .merge(self.corpus.routes(commons))
            .merge(self.models.routes(commons))
            .merge(self.evaluation.routes(commons))
            .merge(self.finance.routes(commons))
            .merge(self.services.routes(commons))
            .merge(console.routes())
    }

    /// Gives back what ran out of time: reservations of charges, vouchers. Returns how many.
    pub async fn sweep(&self) -> kernel::Result<usize> {
        Ok(billing::sweep_expired(&self.commons).await? + self.finance.sweep_expired().await?)
    }

    /// Adds what platforms measure of this moment.
    pub fn measure(&self, registry: &mut Registry) {
        self.compute.measure(registry);
    }

    /// The loop that starts, watches and ends jobs.
    pub async fn run_jobs(&self) {
        self.compute.clone().run().await;
    }
}

fn compute_config(config: &Config, pack: &Pack, endpoint: &str) -> Result<compute::Config> {
    let prices = pack.parse::<Prices>("prices.toml")?.value;
    let mut settings = compute::Config::this_machine(prices.compute.cpu_hour_micros);
    settings.endpoint = Some(endpoint.to_owned());
    settings.operator = OPERATOR.to_owned();
    if config.compute.cpus > 0 {
        settings.cpus = config.compute.cpus;
    }
    if config.compute.memory_mib > 0 {
        settings.memory_mib = config.compute.memory_mib;
    }
    settings.facility = facility(&config.compute.clusters)?;
    let commands = match config.compute.commands.as_str() {
        "auto" => compute::command::Commands::Auto,
        "off" => compute::command::Commands::Off,
        other => bail!("compute.commands is “auto” or “off”, not “{other}”"),
    };
    settings.isolation = Isolation::check(commands, &settings.program);
    settings.isolation.announce();
    settings.software = config.compute.software.clone();
    settings.cgroup = Some(config.compute.cgroup.clone()).filter(|group| !group.is_empty());
    settings.park_idle_seconds = config.compute.park_idle_minutes.max(0).saturating_mul(60);
    Ok(settings)
}

/// The clusters that a file names; this machine alone without one.
fn facility(file: &str) -> Result<compute::Facility> {
    if file.is_empty() {
        return Ok(compute::Facility::default());
    }
    let text =
        std::fs::read_to_string(file).with_context(|| format!("{file} (compute.clusters) can't be read"))?;
    compute::Facility::parse(&text).map_err(|error| anyhow::anyhow!("{file}: {}", error.text))
}

/// The work of every kind of job, for the process that does it.
pub fn tasks() -> Tasks {
    Tasks::default()
        .with("corpus.build", corpus::jobs::run_task)
        .with("model.train", model::jobs::run_task)
        .with("evaluation.run", evaluation::jobs::run_task)
        .with(compute::command::KIND, compute::command::run_task)
}

/// How many policies and services a pack holds, after reading every file as the server would.
pub fn check_pack(pack: &Pack) -> kernel::Result<(usize, usize)> {
    pack.parse::<Prices>("prices.toml")?;
    Ok((finance::rules::Book::read(pack)?.entries().len(), services::Book::read(pack)?.entries().len()))
}
