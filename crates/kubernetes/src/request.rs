//! What is submitted.

use crate::failure::{Class, Failure};
use std::{collections::BTreeMap, time::Duration};

/// The most pods of one job.
const MAX_PODS: u32 = 4096;
/// The most bytes of command, arguments and variables together; far below the largest object that is stored.
const MAX_TEXT: usize = 256 << 10;

/// One job: a gang of pods that start together and are never started again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The submitter's own name for this attempt: 1 to 52 of `a-z 0-9 _ -`, beginning and ending with a letter or
    /// digit. With `-` in place of `_` it is the object's name, so no two attempts may share one.
    pub name: String,
    /// The container image.
    pub image: String,
    /// Program and arguments; no shell reads them.
    pub command: Vec<String>,
    /// How many pods; each learns its index from `JOB_COMPLETION_INDEX`.
    pub pods: u32,
    /// The nodes that pods may go to, one pod each when there is more than one; empty to leave it to Kubernetes.
    pub nodes: Vec<String>,
    /// Labels that a node must have.
    pub selector: BTreeMap<String, String>,
    /// Processors for each pod.
    pub cpus: u32,
    /// Memory for each pod.
    pub memory_mib: u64,
    /// Devices for each pod by their resource's name, such as `nvidia.com/gpu`.
    pub devices: BTreeMap<String, u64>,
    /// How long it may run, from its start; whole seconds, rounded up.
    pub wall: Duration,
    /// Variables of the container.
    pub environment: Vec<(String, String)>,
    /// A folder that all pods see.
    pub folder: Option<Folder>,
    /// Kueue's local queue. Without it Kueue doesn't look at the job, and it starts at once.
    pub queue: Option<String>,
}

/// A folder of a persistent volume claim, and where containers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// The claim.
    pub claim: String,
    /// The folder's path in the claim's volume, relative and without `..`; nothing else of the volume is seen.
    pub inside: String,
    /// Its absolute path in containers.
    pub path: String,
}

impl Folder {
    fn is_good(&self) -> bool {
        let part = |part: &str| !part.is_empty() && part != "." && part != "..";
        let printable = |text: &str| text.len() <= 4096 && !text.chars().any(char::is_control);
        is_host(&self.claim)
            && self.inside.split('/').all(part)
            && self.path.starts_with('/')
            && !self.path.contains(':')
            && printable(&self.inside)
            && printable(&self.path)
    }
}

impl Request {
    /// The object's name.
    pub fn object_name(&self) -> String {
        object_name(&self.name)
    }

    /// Whether it can be sent.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        name(&self.name)?;
        need(
            (1..=512).contains(&self.image.len()) && plain(&self.image),
            "the image's name has odd characters",
        )?;
        need(!self.command.is_empty(), "there is no command")?;
        need((1..=MAX_PODS).contains(&self.pods), "the number of pods is out of bounds")?;
        let fits = self.nodes.is_empty() || self.nodes.len() == self.pods as usize;
        need(fits, "there must be as many nodes as pods, or none")?;
        need(self.cpus > 0 && self.memory_mib > 0, "a pod needs a processor and memory")?;
        need(self.wall.as_secs() < 1 << 31 && !self.wall.is_zero(), "the wall limit is out of bounds")?;
        need(
            self.selector.iter().all(|(key, value)| is_key(key) && is_label(value)),
            "a label has odd characters",
        )?;
        need(self.nodes.iter().all(|node| is_host(node)), "a node's name has odd characters")?;
        let devices = |(name, count): (&String, &u64)| is_key(name) && name.contains('/') && *count > 0;
        need(
            self.devices.iter().all(devices),
            "a device's name has odd characters, or none of it is wanted",
        )?;
        need(self.folder.as_ref().is_none_or(Folder::is_good), "the folder's claim or path is odd")?;
        need(self.queue.as_deref().is_none_or(is_host), "the queue's name has odd characters")?;
        let named = |name: &str| !name.is_empty() && !name.contains('=') && plain(name);
        need(self.environment.iter().all(|(name, _)| named(name)), "a variable's name has odd characters")?;
        let variables = self.environment.iter().map(|(name, value)| name.len() + value.len());
        let size = self.command.iter().map(String::len).chain(variables).sum::<usize>();
        need(size <= MAX_TEXT, "command and variables are larger than 256 KiB together")
    }
}

/// The object's name for a job's: object names have no `_`.
pub(crate) fn object_name(name: &str) -> String {
    name.replace('_', "-")
}

/// Whether a text can be the name of a job of ours.
pub(crate) fn name(name: &str) -> Result<(), Failure> {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let fits = (1..=52).contains(&name.len())
        && name.bytes().all(|byte| letter(byte) || matches!(byte, b'_' | b'-'))
        && name.bytes().next().is_some_and(letter)
        && name.bytes().last().is_some_and(letter);
    need(fits, "a job's name is 1 to 52 of a-z 0-9 _ -, with a letter or digit at both ends")
}

fn is_host(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
    (1..=253).contains(&text.len()) && text.bytes().all(fits)
}

/// The key of a label, or a resource: letters after an optional prefix.
fn is_key(text: &str) -> bool {
    let (prefix, word) = text.split_once('/').map_or((None, text), |(prefix, word)| (Some(prefix), word));
    prefix.is_none_or(is_host) && !word.is_empty() && is_label(word)
}

fn is_label(text: &str) -> bool {
    text.len() <= 63
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

fn plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn need(holds: bool, otherwise: &str) -> Result<(), Failure> {
    if holds { Ok(()) } else { Err(Failure::new(Class::Refused, otherwise)) }
}
