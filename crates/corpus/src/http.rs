//! Doors: data sets for whoever may read them.

use crate::{
    Corpus,
    types::{Dataset, DatasetDetail},
};
use axum::{
    Json,
    extract::{Path, Query, State},
};
use commons::{
    Commons,
    http::{Envelope, Fail, Routes, Rule},
    identity::{Caller, Scope},
};
use hub::Viewer;
use kernel::{Page, PageRequest};

impl Corpus {
    /// Routes of this crate.
    pub fn routes(&self, commons: &Commons) -> Routes {
        Routes::new(commons, Envelope::Problem)
            .get("/api/v1/datasets", Rule::Needs(Scope::Read), list_datasets, self.clone())
            .get("/api/v1/datasets/{org}/{name}", Rule::Needs(Scope::Read), get_dataset, self.clone())
    }
}

async fn list_datasets(
    State(corpus): State<Corpus>,
    caller: Caller,
    Query(page): Query<PageRequest>,
) -> Result<Json<Page<Dataset>>, Fail> {
    Ok(Json(corpus.list(Viewer::of(Some(&caller)), &page).await?))
}

async fn get_dataset(
    State(corpus): State<Corpus>,
    caller: Caller,
    Path((org, name)): Path<(String, String)>,
) -> Result<Json<DatasetDetail>, Fail> {
    let viewer = Viewer::of(Some(&caller));
    Ok(Json(corpus.detail(viewer, &format!("{org}/{name}"), "main").await?))
}
