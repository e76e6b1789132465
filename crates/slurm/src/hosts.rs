//! Slurm's lists of hosts: `gpu[001-003,7],login` names five.

use kernel::{Error, Result};

/// The most hosts that one list may name. Slurm's largest clusters have some ten thousand nodes.
pub const MAX_HOSTS: usize = 65_536;

/// The hosts that a list names, in its order. `(null)`, `None assigned` and an empty text name none.
///
/// # Errors
/// `slurm_answer_invalid` for a list that isn't well formed or names more than [`MAX_HOSTS`].
pub fn expand(list: &str) -> Result<Vec<String>> {
    let list = list.trim();
    if list.is_empty() || list == "(null)" || list == "None assigned" {
        return Ok(Vec::new());
    }
    let mut hosts = Vec::new();
    for part in split_outside_brackets(list)? {
        let mut of_part = vec![String::new()];
        expand_part(part, list, &mut of_part)?;
        if hosts.len() + of_part.len() > MAX_HOSTS {
            return Err(too_many(list));
        }
        hosts.append(&mut of_part);
    }
    Ok(hosts)
}

/// Cuts at commas that stand outside brackets.
fn split_outside_brackets(list: &str) -> Result<Vec<&str>> {
    let (mut parts, mut start, mut inside) = (Vec::new(), 0, false);
    for (at, c) in list.char_indices() {
        match c {
            '[' if !inside => inside = true,
            ']' if inside => inside = false,
            '[' | ']' => return Err(malformed(list)),
            ',' if !inside => {
                parts.push(&list[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    if inside {
        return Err(malformed(list));
    }
    parts.push(&list[start..]);
    if parts.iter().any(|part| part.is_empty()) { Err(malformed(list)) } else { Ok(parts) }
}

/// Expands one name with any number of brackets (`rack[1-2]n[1-4]`) onto what stands in `hosts`.
fn expand_part(mut part: &str, list: &str, hosts: &mut Vec<String>) -> Result<()> {
    while let Some((before, rest)) = part.split_once('[') {
        let (ranges, after) = rest.split_once(']').ok_or_else(|| malformed(list))?;
        let mut next = Vec::new();
        let room = MAX_HOSTS / hosts.len().max(1);
        let numbers = numbers(ranges, list, room)?;
        for host in hosts.iter() {
            next.extend(numbers.iter().map(|number| format!("{host}{before}{number}")));
        }
        *hosts = next;
        part = after;
    }
    for host in hosts.iter_mut() {
        host.push_str(part);
    }
    Ok(())
}

/// The numbers of `001-003,7`, each with the width of its range's start, at most `room` of them.
fn numbers(ranges: &str, list: &str, room: usize) -> Result<Vec<String>> {
    let mut numbers = Vec::new();
    for range in ranges.split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (from, to) = (number(first, list)?, number(last, list)?);
        if to < from {
            return Err(malformed(list));
        }
        if usize::try_from(to - from).map_or(true, |more| more >= room.saturating_sub(numbers.len())) {
            return Err(too_many(list));
        }
        let width = first.len();
        numbers.extend((from..=to).map(|number| format!("{number:0width$}")));
    }
    Ok(numbers)
}

fn number(digits: &str, list: &str) -> Result<u64> {
    let fits = (1..=18).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| fits).ok_or_else(|| malformed(list))
}

fn malformed(list: &str) -> Error {
    let shown: String = list.chars().take(80).collect();
    Error::unavailable(
        "slurm_answer_invalid",
        format!("Slurm names hosts in a way that can't be read: “{shown}”."),
    )
}

fn too_many(list: &str) -> Error {
    let shown: String = list.chars().take(80).collect();
    let text = format!("Slurm names more than {MAX_HOSTS} hosts in one list: “{shown}”.");
    Error::unavailable("slurm_answer_invalid", text)
}

#[cfg(test)]
mod tests;
