//! Landlock: which files a command reaches, and that it signals only its own.

use crate::{Cell, SYSTEM};
use landlock::{
    ABI, Access, AccessFs, CompatLevel, Compatible, RestrictionStatus, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, path_beneath_rules,
};
use std::{io, path::PathBuf};

/// The newest interface whose rights are asked for; older kernels give what they know. Binding and connecting
/// aren't handled, so the network stays open.
const NEWEST: ABI = ABI::V6;

/// What programs need of /etc. Left out on purpose: shadow, private keys, machine-id, the services' own settings.
const SETTINGS: [&str; 40] = [
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "ld.so.preload",
    "ssl/certs",
    "ssl/openssl.cnf",
    "ca-certificates",
    "ca-certificates.conf",
    "pki/tls/certs",
    "pki/tls/openssl.cnf",
    "pki/ca-trust/extracted",
    "crypto-policies",
    "passwd",
    "group",
    "nsswitch.conf",
    "hosts",
    "host.conf",
    "hostname",
    "resolv.conf",
    "gai.conf",
    "services",
    "protocols",
    "localtime",
    "timezone",
    "locale.alias",
    "locale.conf",
    "alternatives",
    "profile",
    "profile.d",
    "bash.bashrc",
    "bashrc",
    "inputrc",
    "terminfo",
    "mime.types",
    "os-release",
    "magic",
    "fonts",
    "OpenCL",
    "python3",
    "ascend_install.info",
];
/// Devices without which few programs run.
const DEVICES: [&str; 6] = ["null", "zero", "full", "random", "urandom", "ptmx"];

/// What this kernel's Landlock speaks; 0 where there is none.
pub fn version() -> u32 {
    let speaks = |abi: ABI| {
        let ruleset = Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
        let ruleset = ruleset.handle_access(AccessFs::from_all(abi));
        let scopes = Scope::from_all(abi);
        let ruleset =
            ruleset.and_then(|known| if scopes.is_empty() { Ok(known) } else { known.scope(scopes) });
        ruleset.and_then(Ruleset::create).is_ok()
    };
    let known = [ABI::V1, ABI::V2, ABI::V3, ABI::V4, ABI::V5, ABI::V6];
    known.into_iter().take_while(|abi| speaks(*abi)).last().map_or(0, |abi| abi as u32)
}

/// Restricts this process and all that it starts, for good; `own` are private folders beside the cell's.
pub fn close(cell: &Cell, own: &[PathBuf]) -> io::Result<()> {
    let status = restrict(cell, own).map_err(io::Error::other)?;
    if status.ruleset == RulesetStatus::NotEnforced || !status.no_new_privs {
        return Err(io::Error::other("the kernel doesn't enforce Landlock"));
    }
    Ok(())
}

fn restrict(cell: &Cell, own: &[PathBuf]) -> Result<RestrictionStatus, RulesetError> {
    let (read, all) = (AccessFs::from_read(NEWEST), AccessFs::from_all(NEWEST));
    let look = AccessFs::ReadFile | AccessFs::ReadDir;
    let device = AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::IoctlDev;
    let settings = SETTINGS.iter().map(|name| PathBuf::from("/etc").join(name));
    let devices = DEVICES.iter().map(|name| PathBuf::from("/dev").join(name));
    Ruleset::default()
        .handle_access(all)?
        .scope(Scope::from_all(NEWEST))?
        .create()?
        .add_rules(path_beneath_rules(SYSTEM, read))?
        .add_rules(path_beneath_rules(settings, read))?
        .add_rules(path_beneath_rules(["/proc", "/sys"], look))?
        .add_rules(path_beneath_rules(devices.chain(cell.devices.iter().cloned()), device))?
        .add_rules(path_beneath_rules(&cell.read, read))?
        .add_rules(path_beneath_rules(cell.write.iter().chain(own), all))?
        .restrict_self()
}
