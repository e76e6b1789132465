//! Whether tenants' commands run here, and what holds them.

use crate::types::Program;
use cell::{Protection, Words};
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use std::process;

/// The operator's choice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Commands {
    /// They run where the machine can hold them.
    #[default]
    Auto,
    /// They never run.
    Off,
}

/// The operator's choice and what the machine offers, as found when the server starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Isolation {
    /// What the operator wants.
    pub commands: Commands,
    /// What jobs' processes can be held with.
    pub protection: Protection,
}

/// What an isolation means, for the API and its readers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// Whether tenants' commands run.
    pub commands: bool,
    /// What jobs' processes can be held with.
    pub protection: Protection,
    /// In words.
    pub text: Words,
}

impl Isolation {
    /// Looks at what the processes of `program`, the one that jobs run, can be held with. Starts it once, briefly;
    /// the server should log the words of [`Isolation::standing`].
    pub fn check(commands: Commands, program: &Program) -> Self {
        let mut asked = process::Command::new(&program.path);
        // The folder isn't looked at: a probe ends before that.
        asked.args(&program.arguments).arg("probe");
        Self { commands, protection: cell::probe(asked) }
    }

    /// No commands of tenants run, whatever the machine offers.
    pub fn off() -> Self {
        Self { commands: Commands::Off, protection: Protection::default() }
    }

    /// Whether tenants' commands run.
    pub fn allows(&self) -> bool {
        self.commands == Commands::Auto && self.protection.holds()
    }

    /// The whole of it, with words in both languages.
    pub fn standing(&self) -> Standing {
        let text = match self.commands {
            Commands::Auto => self.protection.words(),
            Commands::Off => Words {
                en: "tenants' commands are switched off by the operator".into(),
                zh: "运营方已关闭租户命令".into(),
            },
        };
        Standing { commands: self.allows(), protection: self.protection, text }
    }

    /// Fails with `commands_off`, and why, where no command runs.
    pub fn require(&self) -> Result<()> {
        if self.allows() {
            return Ok(());
        }
        let why = self.standing().text.en;
        Err(Error::denied("commands_off", format!("this server runs no commands of tenants: {why}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_run_only_where_they_are_wanted_and_held() {
        let held = Protection { landlock: 6, namespaces: true, own_user: false };
        let auto = Isolation { commands: Commands::Auto, protection: held };
        assert!(auto.allows() && auto.require().is_ok());
        let off = Isolation { commands: Commands::Off, ..auto };
        assert_eq!(off.require().unwrap_err().code, "commands_off");
        let open = Isolation { protection: Protection { landlock: 0, ..held }, ..auto };
        assert!(open.require().unwrap_err().text.contains("no Landlock"));
        let program = Program { path: "/bin/true".into(), arguments: Vec::new() };
        assert!(!Isolation::check(Commands::Auto, &program).allows(), "a program that doesn't answer");
    }
}
