//! A service as its file in a pack says it.

use commons::pack::Text;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A one-stop service: what is asked, who decides by when, and what follows from approval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, try_from = "Draft")]
pub struct Service {
    /// Name in addresses: lower-case letters, digits and hyphens.
    pub id: String,
    /// Its name.
    pub title: Text,
    /// What it is for and what it gives.
    pub summary: Text,
    /// Who may apply.
    pub applicant: Applicant,
    /// What is asked, in order.
    pub fields: Vec<Field>,
    /// Who decides, in order; a case is approved when the last step is.
    pub steps: Vec<Step>,
}

/// Who may open a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Applicant {
    /// Anyone, without an account: the applicant holds a claim code.
    Anyone,
    /// An organisation of the community.
    Resident,
}

/// One question of the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its key in a form: lower-case letters, digits and underscores.
    pub name: String,
    /// What stands beside it.
    pub label: Text,
    /// What explains it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Text>,
    /// Whether it has to be answered.
    pub required: bool,
    /// What an answer looks like.
    pub input: Input,
}

/// What an answer looks like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Input {
    /// Text of so many characters.
    Text(Bounds),
    /// A whole number within bounds.
    Number(Bounds),
    /// One of these.
    Choice(Vec<Choice>),
    /// A short name for addresses: 2 to 39 lower-case letters, digits and hyphens, a letter first.
    ShortName,
    /// A day as `2026-11-21`.
    Date,
    /// An e-mail address.
    Email,
}

/// The least and the most, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// The least.
    pub min: i64,
    /// The most.
    pub max: i64,
}

/// One answer of a [`Input::Choice`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What the form holds.
    pub value: String,
    /// What people read.
    pub label: Text,
}

/// One decision on the way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its key within the service.
    pub name: String,
    /// Its name.
    pub title: Text,
    /// Who decides it.
    pub decided_by: Decider,
    /// Working days from the day the step begins to the day it should be decided.
    pub working_days: u32,
    /// What approval does, in order, all or nothing.
    #[serde(default)]
    pub on_approval: Vec<EffectCall>,
}

/// Who decides a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decider {
    /// The community's operator.
    Operator,
}

/// One effect with its arguments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EffectCall {
    /// The effect's name, e.g. `create_organisation`.
    pub effect: String,
    /// What it is told.
    #[serde(default = "no_args")]
    pub args: Value,
}

fn no_args() -> Value {
    Value::Object(Default::default())
}

/// [`Service`] before its parts are held against each other.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Draft {
    id: String,
    title: Text,
    summary: Text,
    applicant: Applicant,
    fields: Vec<Field>,
    steps: Vec<Step>,
}

/// The most fields that a form has.
pub const MAX_FIELDS: usize = 60;
/// The most characters that any answer has, whatever a file says.
pub const MAX_ANSWER: i64 = 4000;

impl TryFrom<Draft> for Service {
    type Error = String;

    fn try_from(draft: Draft) -> Result<Self, String> {
        let Draft { id, title, summary, applicant, fields, steps } = draft;
        if !is_name(&id, '-') {
            return Err("key `id`: write 1 to 40 lower-case letters, digits and hyphens".into());
        }
        if fields.len() > MAX_FIELDS {
            return Err(format!("key `fields`: a form has at most {MAX_FIELDS} fields"));
        }
        for (index, field) in fields.iter().enumerate() {
            if !is_name(&field.name, '_') || fields[..index].iter().any(|other| other.name == field.name) {
                return Err(format!(
                    "field `{}`: its name has 1 to 40 lower-case letters, digits and underscores and occurs once",
                    field.name
                ));
            }
            check_input(field)?;
        }
        if steps.is_empty() || steps.len() > 10 {
            return Err("key `steps`: a service has 1 to 10 [[steps]]".into());
        }
        for (index, step) in steps.iter().enumerate() {
            if !is_name(&step.name, '-') || steps[..index].iter().any(|other| other.name == step.name) {
                return Err(format!(
                    "step `{}`: its name is lower-case with hyphens and occurs once",
                    step.name
                ));
            }
            if step.working_days == 0 || step.working_days > 250 {
                return Err(format!("step `{}`: working_days goes from 1 to 250", step.name));
            }
        }
        Ok(Self { id, title, summary, applicant, fields, steps })
    }
}

fn is_name(text: &str, extra: char) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == extra;
    (1..=40).contains(&text.len()) && text.chars().all(plain)
}

fn check_input(field: &Field) -> Result<(), String> {
    let wrong = |why: &str| Err(format!("field `{}`: {why}", field.name));
    match &field.input {
        Input::Text(Bounds { min, max }) if *min < 0 || max < min || *max > MAX_ANSWER => {
            wrong("text needs 0 <= min <= max <= 4000 characters")
        }
        Input::Number(Bounds { min, max }) if max < min => wrong("number needs min <= max"),
        Input::Choice(choices) if choices.is_empty() || choices.len() > 100 => {
            wrong("choice needs 1 to 100 answers")
        }
        _ => Ok(()),
    }
}
