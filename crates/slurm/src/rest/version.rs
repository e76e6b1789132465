//! Versions of the API: which ones both sides speak.

use crate::failure::{Class, Failure};
use kernel::{Error, Result};
use serde::{Deserialize, de::IgnoredAny};
use std::{collections::BTreeMap, fmt};

use super::http::Reply;

/// The oldest version that is spoken here.
const OLDEST: u32 = 37;
/// The newest that is known here: that of Slurm 25.11.
const NEWEST: u32 = 44;

/// `v0.0.N`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(u32);

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v0.0.{}", self.0)
    }
}

impl Version {
    /// Whether requests follow the options of `sbatch`, as they did before v0.0.39.
    pub fn has_sbatch_shape(self) -> bool {
        self.0 < 39
    }

    /// Whether the accounting database tells when a job started.
    pub fn has_true_starts(self) -> bool {
        self.0 >= 38
    }

    /// Whether the script is a field of the job, not beside it, and devices are named with a slash.
    pub fn has_script_in_job(self) -> bool {
        self.0 >= 40
    }

    fn read(text: &str) -> Option<Self> {
        let number = text.strip_prefix("v0.0.").or_else(|| text.strip_prefix("0.0."))?;
        number.parse().ok().map(Self)
    }
}

/// The versions that may be spoken: those asked for, or all that are known here.
pub fn allowed(asked: &[String]) -> Result<Vec<Version>> {
    if asked.is_empty() {
        return Ok((OLDEST..=NEWEST).map(Version).collect());
    }
    let known = |text: &String| {
        Version::read(text).filter(|version| (OLDEST..=NEWEST).contains(&version.0)).ok_or_else(|| {
            let text = format!("“{text}” is no version of Slurm's API from v0.0.{OLDEST} to v0.0.{NEWEST}.");
            Error::invalid("slurm_access_invalid", text)
        })
    };
    asked.iter().map(known).collect()
}

/// The paths that the service's own description lists.
pub fn paths(reply: &Reply) -> Result<Vec<String>, Failure> {
    #[derive(Deserialize)]
    struct Description {
        paths: BTreeMap<String, IgnoredAny>,
    }
    super::answer::status(reply)?;
    let description: Description = serde_json::from_slice(&reply.body)
        .map_err(|error| Failure::new(Class::Unreadable, format!("the description of its API: {error}")))?;
    Ok(description.paths.into_keys().collect())
}

/// The newest allowed version of the paths under `room`, `/slurm/` or `/slurmdb/`.
pub fn newest(paths: &[String], room: &str, allowed: &[Version]) -> Option<Version> {
    let version = |path: &String| Version::read(path.strip_prefix(room)?.split('/').next()?);
    paths.iter().filter_map(version).filter(|version| allowed.contains(version)).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(paths: &str) -> Vec<String> {
        let body = format!(r#"{{"openapi":"3.0.3","paths":{paths}}}"#).into_bytes();
        super::paths(&Reply { status: 200, body }).unwrap()
    }

    #[test]
    fn the_newest_version_of_both_sides_is_taken() {
        let paths = described(
            r#"{"/slurm/v0.0.38/jobs":{"get":{}},"/slurm/v0.0.40/jobs/":{},"/slurm/v0.0.99/jobs":{},
                "/slurmdb/v0.0.38/jobs":{},"/openapi/v3":{}}"#,
        );
        let all = allowed(&[]).unwrap();
        assert_eq!(newest(&paths, "/slurm/", &all).unwrap().to_string(), "v0.0.40");
        assert_eq!(newest(&paths, "/slurmdb/", &all), Some(Version(38)));
        assert_eq!(newest(&paths, "/slurm/", &allowed(&["v0.0.38".into()]).unwrap()), Some(Version(38)));
        assert_eq!(newest(&paths, "/slurm/", &allowed(&["v0.0.41".into()]).unwrap()), None);
    }

    #[test]
    fn a_version_that_is_not_spoken_here_is_refused_by_name() {
        for odd in ["v0.0.12", "latest", "v1", ""] {
            assert!(allowed(&[odd.to_owned()]).is_err(), "{odd}");
        }
    }
}
