//! The environment of a task: nothing of the server's, what the folder says, and what the machine's own scheduler
//! set for this job.

use crate::local::{Folder, TaskFile};
use std::{collections::BTreeMap, env};

/// Where programs are looked for.
pub const PATH: &str = "/usr/local/bin:/usr/bin:/bin";
/// Variables by which a scheduler tells its jobs what is theirs; kept when this process has them.
const TOLD: [&str; 9] = [
    "CUDA_VISIBLE_DEVICES",
    "CUDA_DEVICE_ORDER",
    "NVIDIA_VISIBLE_DEVICES",
    "ROCR_VISIBLE_DEVICES",
    "HIP_VISIBLE_DEVICES",
    "GPU_DEVICE_ORDINAL",
    "ASCEND_RT_VISIBLE_DEVICES",
    "ASCEND_VISIBLE_DEVICES",
    "SLURMD_NODENAME",
];

/// Variables of this process by which whoever placed the job tells what is its.
pub fn told() -> BTreeMap<String, String> {
    env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| TOLD.contains(&&**name) || name.starts_with("SLURM_"))
        .collect()
}

/// Variables that whoever placed the job has set: those of this process, then the folder's, which go first.
pub fn placed(file: &TaskFile) -> BTreeMap<String, String> {
    let mut all = told();
    all.extend(file.environment.clone());
    all
}

/// The whole environment of the task in `folder`.
pub fn of(folder: &Folder, file: &TaskFile, token: Option<String>) -> BTreeMap<String, String> {
    let mut all = placed(file);
    let threads = file.task.cpus.to_string();
    let ours = [
        ("PATH", PATH.to_owned()),
        ("LANG", "C.UTF-8".to_owned()),
        ("TMPDIR", folder.scratch().display().to_string()),
        ("RAYON_NUM_THREADS", threads.clone()),
        ("OMP_NUM_THREADS", threads),
    ];
    all.extend(ours.map(|(name, value)| (name.to_owned(), value)));
    all.extend(token.map(|token| ("MOSU_TOKEN".to_owned(), token)));
    all.extend(file.endpoint.clone().map(|endpoint| ("MOSU_ENDPOINT".to_owned(), endpoint)));
    all
}
