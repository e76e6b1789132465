use crate::local::{Folder, TaskFile};
use commons::jobs::{JobKind, Task};
use std::sync::Arc;
pub struct Kinds(Vec<Arc<dyn JobKind>>);
impl Kinds {
    pub fn new(v: Vec<Arc<dyn JobKind>>) -> Self { Self(v) }
    pub fn get(&self, name: &str) -> kernel::Result<&Arc<dyn JobKind>> {
        self.0.iter().find(|k| k.name() == name).ok_or_else(|| kernel::Error::invalid("job_kind_unknown", format!("no kind {name}")))
    }
}
pub fn task(folder: &Folder, file: TaskFile) -> Task {
    Task { dir: folder.path().to_owned(), spec: file.spec, job: file.job, cpus: file.resources.cpus as usize, endpoint: None, token: std::env::var("MOSU_TOKEN").ok() }
}
