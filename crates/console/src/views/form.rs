//! Forms.

/// A form that is sent with POST.
#[derive(Default)]
pub struct Form {
    /// Where it goes.
    pub action: String,
    /// Its heading; empty for none.
    pub title: String,
    /// What it does and what happens next.
    pub note: String,
    /// Its fields.
    pub fields: Vec<Field>,
    /// The words on its buttons, each with the name and value that it sends.
    pub buttons: Vec<Choice>,
}

/// A field of a form.
pub struct Field {
    /// The name that it is sent under.
    pub name: String,
    /// What it asks.
    pub label: String,
    /// How to answer.
    pub help: String,
    /// What it takes.
    pub input: Input,
    /// What it holds.
    pub value: String,
    /// Whether it must be filled.
    pub required: bool,
    /// What is wrong with the value; empty when nothing is.
    pub error: String,
}

/// What a field takes.
pub enum Input {
    /// One line; the `type` of the HTML input, e.g. `text`, `password`, `date`, `number`, `email`, `hidden`.
    Line(&'static str),
    /// Several lines.
    Lines,
    /// One of these.
    One(Vec<Choice>),
}

/// A button, or an option of a field.
pub struct Choice {
    /// The name sent; empty for an option.
    pub name: String,
    /// The value sent.
    pub value: String,
    /// What it says.
    pub text: String,
    /// Whether it destroys or refuses something.
    pub danger: bool,
}

impl Choice {
    /// An option of a field.
    pub fn option(value: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: String::new(), value: value.into(), text: text.into(), danger: false }
    }

    /// A button that sends `name=value`.
    pub fn button(name: &str, value: &str, text: String) -> Self {
        Self { name: name.into(), value: value.into(), text, danger: false }
    }

    /// The same, marked as one that destroys or refuses.
    #[must_use]
    pub fn danger(self) -> Self {
        Self { danger: true, ..self }
    }
}

impl Field {
    /// A field of one line that must be filled.
    pub fn line(name: &str, label: String, kind: &'static str) -> Self {
        Self {
            name: name.into(),
            label,
            help: String::new(),
            input: Input::Line(kind),
            value: String::new(),
            required: true,
            error: String::new(),
        }
    }

    /// Whether nobody sees it.
    pub fn hidden(&self) -> bool {
        matches!(self.input, Input::Line("hidden"))
    }

    /// The same with help under it.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: help.into(), ..self }
    }
}
