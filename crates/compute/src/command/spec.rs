//! What a submission of `command.run` says.

use crate::task::warning;
use hub::Visibility;
use kernel::{Error, Result};
use serde::Deserialize;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    path::{Component, Path},
};

/// The most arguments, and the most files.
const MAX_PARTS: usize = 256;

/// A script or a command, and what becomes of its output.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Spec {
    /// Text of a script; its first line names the interpreter: `#!/bin/bash`.
    #[serde(default)]
    pub script: Option<String>,
    /// Arguments of the script.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// Instead of a script: program and arguments.
    #[serde(default)]
    pub command: Vec<String>,
    /// Small text files that are put into the working folder before each attempt.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// The repository, `org/name` of the own organisation, that the output becomes a version of.
    #[serde(default)]
    pub publish: Option<String>,
    /// `public` or `private`; counts when the repository is made.
    #[serde(default = "private")]
    pub visibility: String,
    /// The signal that tells that the time is nearly up, as `USR1` or, seconds before, `USR1@600`.
    #[serde(default)]
    pub warn_signal: Option<String>,
}

fn private() -> String {
    "private".into()
}

fn invalid(why: impl std::fmt::Display) -> Error {
    let shape = "a spec is {\"script\": \"#!/bin/bash\\n..\"} or {\"command\": [\"python3\", \"train.py\"]}, with \
                 \"arguments\", \"files\", \"publish\" and \"warn_signal\" where they are wanted";
    Error::invalid("command_spec_invalid", format!("{why}; {shape}"))
}

impl Spec {
    /// Reads and checks a spec. Fails with `command_spec_invalid`, saying which key is wrong.
    pub fn of(spec: &Value) -> Result<Self> {
        let spec = Self::deserialize(spec).map_err(invalid)?;
        if spec.script.is_some() != spec.command.is_empty() {
            return Err(invalid("one of `script` and `command` is given"));
        }
        if spec.script.is_some() {
            spec.interpreter()?;
        } else if !spec.arguments.is_empty() {
            return Err(invalid("`arguments` go with a script; those of a command stand in `command`"));
        }
        if spec.command.len().max(spec.arguments.len()).max(spec.files.len()) > MAX_PARTS {
            return Err(invalid(format!("there are at most {MAX_PARTS} arguments and {MAX_PARTS} files")));
        }
        if spec.command.iter().chain(&spec.arguments).any(|part| part.contains('\0')) {
            return Err(invalid("arguments hold no NUL"));
        }
        if spec.command.first().is_some_and(String::is_empty) {
            return Err(invalid("`command` names a program"));
        }
        if let Some(name) = spec.files.keys().find(|name| !is_inside(name)) {
            return Err(invalid(format!("`files`: “{name}” is no relative path without ..")));
        }
        if let Some(text) = spec.warn_signal.as_deref().filter(|text| warning::parse(text).is_none()) {
            return Err(invalid(format!(
                "`warn_signal`: “{text}” is none of USR1, USR2, HUP, INT, TERM, with @SECONDS"
            )));
        }
        spec.publish.as_deref().map_or(Ok(()), hub::rules::names::check_full_name)?;
        spec.visibility.parse::<Visibility>()?;
        Ok(spec)
    }

    /// Interpreter of the script, and its argument where the first line has one.
    fn interpreter(&self) -> Result<Vec<String>> {
        let line = self.script.as_deref().and_then(|script| script.lines().next()).unwrap_or_default();
        let wrong =
            || invalid("the first line of `script` names its interpreter by its whole path: #!/bin/bash");
        let words = line.strip_prefix("#!").ok_or_else(wrong)?.trim();
        let (program, argument) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
        if !program.starts_with('/') || line.contains('\0') {
            return Err(wrong());
        }
        // As the kernel does it: all that follows is one argument.
        Ok([program, argument.trim()]
            .iter()
            .filter(|word| !word.is_empty())
            .map(|word| (*word).to_owned())
            .collect())
    }

    /// Program and arguments to start, with the script at `script`.
    pub fn line(&self, script: &Path) -> Result<Vec<String>> {
        if self.script.is_none() {
            return Ok(self.command.clone());
        }
        let mut line = self.interpreter()?;
        line.push(script.display().to_string());
        line.extend(self.arguments.iter().cloned());
        Ok(line)
    }
}

fn is_inside(name: &str) -> bool {
    let parts = || Path::new(name).components();
    !name.contains('\0')
        && parts().next().is_some()
        && parts().all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn reads_what_works_and_says_what_does_not() {
        let script =
            Spec::of(&json!({"script": "#!/usr/bin/env -S bash -e\necho", "arguments": ["x"]})).unwrap();
        let line = script.line(Path::new("/s")).unwrap();
        assert_eq!(line, ["/usr/bin/env", "-S bash -e", "/s", "x"]);
        let plain = Spec::of(
            &json!({"command": ["python3", "a.py"], "files": {"lib/a.py": ""}, "warn_signal": "USR1@9"}),
        );
        assert_eq!(plain.unwrap().line(Path::new("/s")).unwrap(), ["python3", "a.py"]);
        for wrong in [
            json!({}),
            json!({"script": "#!/bin/sh\n", "command": ["x"]}),
            json!({"script": "echo hello"}),
            json!({"script": "#!bash\n"}),
            json!({"command": [""]}),
            json!({"command": ["x"], "arguments": ["y"]}),
            json!({"command": ["x\u{0}"]}),
            json!({"command": ["x"], "files": {"../x": ""}}),
            json!({"command": ["x"], "files": {"/x": ""}}),
            json!({"command": ["x"], "files": {"": ""}}),
            json!({"command": ["x"], "warn_signal": "KILL"}),
            json!({"command": ["x"], "shell": true}),
        ] {
            assert_eq!(Spec::of(&wrong).unwrap_err().code, "command_spec_invalid", "{wrong}");
        }
    }
}
