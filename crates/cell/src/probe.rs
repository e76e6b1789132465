//! What this machine offers to hold a command with.

use serde::{Deserialize, Serialize};
use std::process::{Command, Stdio};

/// A sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Words {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

/// The layers that this machine offers to a process like the one asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protection {
    /// Version of Landlock's interface; 0 where there is none. 3 guards truncation, 6 signals.
    pub landlock: u32,
    /// Own namespaces of processes and mounts, through an own user namespace unless root asks.
    pub namespaces: bool,
    /// Commands get a user of their own, since root starts them.
    pub own_user: bool,
}

impl Protection {
    /// Whether commands of tenants can be held.
    ///
    /// Landlock keeps them from reading and writing, but not from changing modes and owners of files. So they also
    /// need a user of their own, or namespaces in which all else is mounted read-only.
    pub fn holds(&self) -> bool {
        self.landlock >= 1 && (self.own_user || self.namespaces)
    }

    /// What protects, or what is missing, for the server's log and for people.
    pub fn words(&self) -> Words {
        let have = [
            (self.landlock > 0, format!("Landlock {}", self.landlock), format!("Landlock {}", self.landlock)),
            (self.namespaces, "own namespaces".into(), "独立命名空间".into()),
            (self.own_user, "a user of their own".into(), "独立用户".into()),
        ];
        let (en, zh): (Vec<_>, Vec<_>) = have
            .into_iter()
            .filter(|(has, ..)| *has)
            .map(|(_, en, zh): (_, String, String)| (en, zh))
            .unzip();
        if self.holds() {
            return Words {
                en: format!("tenants' commands are held by {}", en.join(", ")),
                zh: format!("租户命令由{}隔离", zh.join("、")),
            };
        }
        let (en, zh) = if self.landlock == 0 {
            (
                "the kernel has no Landlock (Linux 5.13 or later, with lsm=landlock)",
                "内核没有 Landlock（需 Linux 5.13 及以上并启用 lsm=landlock）",
            )
        } else {
            (
                "user namespaces are closed to this user, and Landlock alone can't keep modes of files",
                "本用户不能创建用户命名空间，仅靠 Landlock 无法保护文件权限",
            )
        };
        Words {
            en: format!("tenants' commands can't be held: {en}"), zh: format!("无法隔离租户命令：{zh}")
        }
    }
}

/// Asks `program`, a command that ends in [`crate::stage`], what the processes that it starts can be held with.
/// A program that doesn't answer offers nothing.
pub fn probe(mut program: Command) -> Protection {
    let output = program
        .env(crate::stage::STAGE, crate::stage::PROBE)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    let output = output.map(|output| output.stdout).unwrap_or_default();
    let text = String::from_utf8_lossy(&output);
    text.lines().rev().find_map(|line| serde_json::from_str(line).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_holds_without_landlock_or_with_landlock_alone() {
        let all = Protection { landlock: 7, namespaces: true, own_user: true };
        assert!(all.holds() && all.words().en.contains("Landlock 7"));
        assert!(!Protection { landlock: 0, ..all }.holds());
        let alone = Protection { landlock: 7, ..Protection::default() };
        assert!(!alone.holds() && alone.words().zh.contains("用户命名空间"));
        assert!(Protection { namespaces: true, ..alone }.holds());
        assert!(Protection { own_user: true, ..alone }.holds());
        assert_eq!(probe(Command::new("/bin/true")), Protection::default());
    }
}
