//! What the platform shows of a data set.

use crate::{report::Contribution, report::Report};
use commons::provenance::Lineage;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A data set in a list.
#[derive(Debug, Clone, Serialize)]
pub struct Dataset {
    /// `org/name`.
    pub name: String,
    /// Its latest version: `dataset:org/name@<commit>`.
    pub reference: String,
    /// `private` or `public`.
    pub visibility: &'static str,
    /// When its latest version was made, RFC 3339.
    pub updated_at: String,
    /// Title, documents, bytes, tokens and licences, as recorded when it was built; null when it was not built
    /// by this toolchain.
    pub facts: Value,
}

/// All about one version of a data set.
#[derive(Debug, Clone, Serialize)]
pub struct DatasetDetail {
    /// What the list says.
    #[serde(flatten)]
    pub dataset: Dataset,
    /// Waterfall, licences, sources; none when it was not built by this toolchain.
    pub report: Option<Report>,
    /// Who gave what, most tokens first.
    pub contributions: Vec<Contribution>,
    /// What it came from and what came from it, as far as the viewer may see.
    pub lineage: Lineage,
    /// The first documents.
    pub samples: Vec<Sample>,
}

/// The beginning of a document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Sample {
    /// Its id.
    pub id: String,
    /// The beginning of its text.
    pub text: String,
    /// Where it comes from.
    #[serde(default)]
    pub source: String,
    /// Who wrote it.
    #[serde(default)]
    pub author: String,
    /// Its licence.
    #[serde(default)]
    pub licence: String,
    /// Its path in the input.
    #[serde(default)]
    pub path: String,
}
