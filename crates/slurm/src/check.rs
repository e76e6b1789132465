//! What a request must be like before Slurm is asked at all.

use crate::{
    Request,
    failure::{Class, Failure},
    hosts::MAX_HOSTS,
};
use std::path::Path;

/// The most bytes of a script. Slurm's own default limit.
const MAX_SCRIPT: usize = 4 << 20;
/// The most bytes of all variables together.
const MAX_ENVIRONMENT: usize = 128 << 10;
/// The most bytes of a remark.
const MAX_COMMENT: usize = 1024;
/// The longest wall limit: ten years. Slurm's own numbers for "none" lie far above.
const MAX_MINUTES: u64 = 10 * 366 * 24 * 60;

/// The whole minutes that hold a request's wall limit.
pub(crate) fn minutes(request: &Request) -> u64 {
    request.wall.as_secs().saturating_add(u64::from(request.wall.subsec_nanos() > 0)).div_ceil(60)
}

/// Whether a request can be sent.
pub(crate) fn check(request: &Request) -> Result<(), Failure> {
    name(&request.name)?;
    need(request.script.starts_with("#!"), "the script doesn't begin with #!")?;
    need(request.script.len() <= MAX_SCRIPT && !request.script.contains('\0'), "the script can't be sent")?;
    need((1..=MAX_HOSTS).contains(&request.nodes.len()), "the number of nodes is out of bounds")?;
    need(request.nodes.iter().all(|node| is_word(node)), "a node's name has odd characters")?;
    need(
        request.tasks_per_node > 0 && request.cpus_per_task > 0,
        "a node has no task or a task no processor",
    )?;
    let tasks = (request.nodes.len() as u64).checked_mul(u64::from(request.tasks_per_node));
    need(tasks.is_some_and(|tasks| tasks < 1 << 31), "there are too many tasks")?;
    need((1..=MAX_MINUTES).contains(&minutes(request)), "the wall limit is out of bounds")?;
    for gres in &request.gres {
        let words = is_word(&gres.name) && gres.model.as_deref().is_none_or(is_word);
        need(words && gres.count > 0, "a kind of device has odd characters or none of it is wanted")?;
    }
    for choice in [&request.partition, &request.account, &request.qos] {
        need(choice.as_deref().is_none_or(is_word), "the partition, account or QOS has odd characters")?;
    }
    path(&request.folder)?;
    path(&request.output)?;
    let comment = &request.comment;
    need(comment.len() <= MAX_COMMENT && !comment.contains(char::is_control), "the comment can't be sent")?;
    environment(&request.environment)
}

/// Whether a text can be the name of a job of ours.
pub(crate) fn name(name: &str) -> Result<(), Failure> {
    need(is_word(name) && name.len() <= 128, "a job's name is 1 to 128 of A-Z a-z 0-9 . _ -")
}

fn environment(variables: &[(String, String)]) -> Result<(), Failure> {
    let mut size = 0;
    for (name, value) in variables {
        let letters = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let named = letters && name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
        need(named, "a variable's name has odd characters")?;
        // These would steer Slurm's commands or the linker that starts them, not the job alone.
        let steers = ["SLURM", "SBATCH", "LD_"].iter().any(|prefix| name.starts_with(prefix));
        need(!steers, "a variable begins with SLURM, SBATCH or LD_")?;
        need(!value.contains('\0'), "a variable's value has a NUL")?;
        size += name.len() + value.len() + 2;
    }
    need(size <= MAX_ENVIRONMENT, "the variables are larger than 128 KiB together")
}

/// Slurm replaces `%` in paths and reads `\` as an escape.
fn path(path: &Path) -> Result<(), Failure> {
    let plain =
        path.to_str().is_some_and(|text| !text.contains(['%', '\\']) && !text.contains(char::is_control));
    need(path.is_absolute() && plain, "a path isn't absolute or has odd characters")
}

/// Letters, digits and a few marks, none of which Slurm gives a meaning.
fn is_word(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=255).contains(&text.len()) && text.bytes().all(fits) && !text.starts_with('-')
}

fn need(holds: bool, otherwise: &str) -> Result<(), Failure> {
    if holds { Ok(()) } else { Err(Failure::new(Class::Refused, otherwise)) }
}
