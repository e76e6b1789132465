//! Which accelerators' device files a job may open: those of the indices that it was given, and what the drivers
//! need beside them.

use std::{collections::BTreeMap, path::PathBuf};

/// A maker's variable, the files of its devices, and those that all of its devices share. Indices are those of
/// the drivers' own tools, which number the files alike.
const MAKERS: [(&str, &str, &[&str]); 3] = [
    (
        "CUDA_VISIBLE_DEVICES",
        "nvidia",
        &["nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-modeset", "nvidia-caps"],
    ),
    ("ASCEND_RT_VISIBLE_DEVICES", "davinci", &["davinci_manager", "devmm_svm", "hisi_hdc"]),
    ("ROCR_VISIBLE_DEVICES", "dri/renderD", &["kfd", "dri"]),
];

/// Device files for the accelerators that `environment` names. A variable with anything but indices (ids of
/// devices or of their slices) opens all files of that maker that are among `present`; what can be seen through
/// them is then the variable's matter.
pub(super) fn of(environment: &BTreeMap<String, String>, present: &[String]) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for (variable, stem, shared) in MAKERS {
        let Some(value) =
            environment.get(variable).filter(|value| !value.is_empty() && !value.starts_with('-'))
        else {
            continue;
        };
        let indices: Option<Vec<u32>> = value.split(',').map(|part| part.trim().parse().ok()).collect();
        match indices {
            Some(indices) => files.extend(indices.iter().map(|index| format!("{stem}{index}"))),
            None => files.extend(present.iter().filter(|name| is_one_of(name, stem)).cloned()),
        }
        files.extend(shared.iter().map(|name| (*name).to_owned()));
    }
    files.into_iter().map(|name| PathBuf::from("/dev").join(name)).collect()
}

fn is_one_of(name: &str, stem: &str) -> bool {
    name.strip_prefix(stem)
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_opens_its_own_devices_only() {
        let present: Vec<String> = ["nvidia0", "nvidia1", "nvidiactl", "null"].map(String::from).into();
        let of = |value: &str| of(&BTreeMap::from([("CUDA_VISIBLE_DEVICES".into(), value.into())]), &present);
        let has = |files: &[PathBuf], name: &str| files.contains(&PathBuf::from("/dev").join(name));
        let one = of("1");
        assert!(has(&one, "nvidia1") && has(&one, "nvidiactl") && !has(&one, "nvidia0"));
        assert!(has(&of("MIG-12ab"), "nvidia0") && !has(&of("MIG-12ab"), "null"));
        assert!(of("").is_empty() && of("-1").is_empty());
        assert!(super::of(&BTreeMap::new(), &present).is_empty());
    }
}
