//! Configuration: defaults < `mosu.toml` < `MOSU_SECTION__KEY` < flags. Unknown keys fail.

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};
use toml::{Table, Value};

/// Name of the file that is read from the working folder when none is named.
pub const FILE: &str = "mosu.toml";

/// All settings.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The server.
    pub server: Server,
    /// Where jobs run.
    pub compute: Compute,
    /// The city's pack.
    pub pack: Pack,
}

/// The server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Address and port to listen on.
    pub listen: String,
    /// The folder that everything local lives in.
    pub data: PathBuf,
    /// A `postgres://` URL; when empty, SQLite in the data folder.
    pub database: String,
    /// What the log shows, as `tracing` filters.
    pub log: String,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:7788".into(),
            data: "mosu-data".into(),
            database: String::new(),
            log: "info,sqlx=warn".into(),
        }
    }
}

/// Where jobs run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Compute {
    /// Cores of this machine that jobs may use; 0 for all that there are.
    pub cpus: i64,
    /// Memory of this machine that jobs may use, in MiB; 0 for four fifths of what there is.
    pub memory_mib: i64,
    /// A file that names accelerators and clusters; when empty, this machine's processors are all there is.
    pub clusters: String,
    /// Whether tenants' own commands run: `auto` where this machine can hold them, or `off`.
    pub commands: String,
    /// Folders of software that tenants' commands may read beside the system's own.
    pub software: Vec<PathBuf>,
    /// A control group of this program's own, below which each run gets one; when empty, runs are held by other means.
    pub cgroup: String,
    /// Minutes after which a job that holds accelerators and does nothing is stopped; 0 for never.
    pub park_idle_minutes: i64,
}

impl Default for Compute {
    fn default() -> Self {
        Self {
            cpus: 0,
            memory_mib: 0,
            clusters: String::new(),
            commands: "auto".into(),
            software: Vec::new(),
            cgroup: String::new(),
            park_idle_minutes: 0,
        }
    }
}

/// The city's pack.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pack {
    /// A pack that ships with the program.
    pub name: String,
    /// A folder with a pack of your own; used instead when it is not empty.
    pub folder: String,
}

impl Default for Pack {
    fn default() -> Self {
        Self { name: "shanghai".into(), folder: String::new() }
    }
}

/// Settings, and where each came from.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The settings.
    pub config: Config,
    /// `section.key` → `default`, the file, the variable or the flag.
    pub origins: BTreeMap<String, String>,
}

/// A setting given on the command line: section, key, value.
pub type Flag = (&'static str, &'static str, String);

/// Reads the settings.
pub fn load(file: Option<&Path>, flags: &[Flag]) -> Result<Loaded> {
    load_from(file, std::env::vars(), flags)
}

fn load_from(
    file: Option<&Path>,
    variables: impl Iterator<Item = (String, String)>,
    flags: &[Flag],
) -> Result<Loaded> {
    let mut table = Table::try_from(Config::default())?;
    let mut origins = BTreeMap::new();
    for (section, keys) in &table {
        for key in keys.as_table().into_iter().flat_map(Table::keys) {
            origins.insert(format!("{section}.{key}"), "default".to_owned());
        }
    }
    if let Some((path, read)) = read_file(file)? {
        for (section, keys) in read {
            let keys =
                keys.as_table().with_context(|| format!("{}: [{section}] is a section", path.display()))?;
            for (key, value) in keys {
                let origin = path.display().to_string();
                put(&mut table, &mut origins, &section, key, value.clone(), origin)?;
            }
        }
    }
    for (name, value) in variables {
        let setting = if name == "MOSU_DATA" {
            Some(("server".to_owned(), "data".to_owned()))
        } else {
            name.strip_prefix("MOSU_").and_then(|rest| {
                rest.split_once("__").map(|(section, key)| (section.to_lowercase(), key.to_lowercase()))
            })
        };
        if let Some((section, key)) = setting {
            put(&mut table, &mut origins, &section, &key, Value::String(value), name)?;
        }
    }
    for (section, key, value) in flags {
        let origin = format!("--{}", key.replace('_', "-"));
        put(&mut table, &mut origins, section, key, Value::String(value.clone()), origin)?;
    }
    Ok(Loaded { config: table.try_into()?, origins })
}

fn read_file(file: Option<&Path>) -> Result<Option<(PathBuf, Table)>> {
    let path = file.unwrap_or(Path::new(FILE));
    if file.is_none() && !path.exists() {
        return Ok(None);
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("{} can't be read", path.display()))?;
    let table = text.parse::<Table>().with_context(|| format!("{} is not valid TOML", path.display()))?;
    Ok(Some((path.to_owned(), table)))
}

/// Puts a value where a default stands: what has no default is no setting.
fn put(
    table: &mut Table,
    origins: &mut BTreeMap<String, String>,
    section: &str,
    key: &str,
    value: Value,
    origin: String,
) -> Result<()> {
    let name = format!("{section}.{key}");
    let known = table.get_mut(section).and_then(Value::as_table_mut).and_then(|keys| keys.get_mut(key));
    let Some(slot) = known else {
        let keys: Vec<_> = origins.keys().map(String::as_str).collect();
        bail!("{origin}: there is no setting “{name}”; the settings are {}", keys.join(", "));
    };
    *slot = match (&*slot, value) {
        (Value::Integer(_), Value::String(text)) => Value::Integer(
            text.parse().with_context(|| format!("{origin}: {name} is a whole number, not “{text}”"))?,
        ),
        (before, value) if before.same_type(&value) => value,
        (before, value) => bail!("{origin}: {name} is a {}, not a {}", before.type_str(), value.type_str()),
    };
    origins.insert(name, origin);
    Ok(())
}

impl Loaded {
    /// `(setting, value, origin)` of each setting, with passwords hidden.
    pub fn rows(&self) -> Result<Vec<(String, String, String)>> {
        let table = Table::try_from(&self.config)?;
        let value_of = |name: &str| {
            let (section, key) = name.split_once('.')?;
            table.get(section)?.get(key).map(|value| value.as_str().map_or(value.to_string(), hide_password))
        };
        Ok(self
            .origins
            .iter()
            .map(|(name, origin)| (name.clone(), value_of(name).unwrap_or_default(), origin.clone()))
            .collect())
    }
}

/// `postgres://user:password@host` → `postgres://user:…@host`.
fn hide_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let Some((user, host)) = rest.rsplit_once('@') else { return text.to_owned() };
    let user = user.split_once(':').map_or(user.to_owned(), |(name, _)| format!("{name}:…"));
    format!("{scheme}://{user}@{host}")
}

impl Config {
    /// The database's URL.
    pub fn database_url(&self) -> String {
        if self.server.database.is_empty() {
            format!("sqlite://{}", self.server.data.join("mosu.sqlite").display())
        } else {
            self.server.database.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vars(pairs: &[(&str, &str)]) -> std::vec::IntoIter<(String, String)> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect::<Vec<_>>().into_iter()
    }

    #[test]
    fn later_sources_win_and_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mosu.toml");
        std::fs::write(&file, "[server]\nlisten = \"127.0.0.1:1\"\n[compute]\ncpus = 3\n").unwrap();
        let variables =
            vars(&[("MOSU_SERVER__LISTEN", "127.0.0.1:2"), ("MOSU_DATA", "/d"), ("MOSU_TOKEN", "x")]);
        let flags = [("server", "listen", "127.0.0.1:3".to_owned())];
        let loaded = load_from(Some(&file), variables, &flags).unwrap();
        assert_eq!(loaded.config.server.listen, "127.0.0.1:3");
        assert_eq!((loaded.config.compute.cpus, loaded.config.server.data), (3, "/d".into()));
        assert_eq!(loaded.origins["server.listen"], "--listen");
        assert_eq!(loaded.origins["server.data"], "MOSU_DATA");
        assert_eq!(loaded.origins["pack.name"], "default");
    }

    #[test]
    fn unknown_keys_and_wrong_types_fail() {
        let unknown = load_from(None, vars(&[("MOSU_SERVER__LISTNE", "x")]), &[]).unwrap_err().to_string();
        assert!(unknown.contains("server.listne") && unknown.contains("server.listen"), "{unknown}");
        assert!(load_from(None, vars(&[("MOSU_COMPUTE__CPUS", "two")]), &[]).is_err());
    }

    #[test]
    fn passwords_are_hidden() {
        assert_eq!(hide_password("postgres://mosu:secret@db/x"), "postgres://mosu:…@db/x");
        assert_eq!(hide_password("127.0.0.1:1"), "127.0.0.1:1");
    }
}
