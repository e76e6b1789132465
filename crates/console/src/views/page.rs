//! A whole page and the shell around it.

use super::{Block, State};
use crate::{
    assets::{Assets, assets},
    lang::Lang,
};
use askama::Template;
use kernel::Timestamp;

/// What is the same on every page of one request.
#[derive(Clone)]
pub struct Shell {
    /// The reader's language.
    pub lang: Lang,
    /// `auto`, `light` or `dark`.
    pub theme: &'static str,
    /// The path and query asked for: where a change of theme leads back to.
    pub path: String,
    /// The organisation signed in.
    pub user: Option<String>,
    /// Whether that organisation operates the community.
    pub operator: bool,
    /// The present.
    pub now: Timestamp,
    /// The addresses of style sheet, script and icon.
    pub assets: &'static Assets,
}

impl Shell {
    /// A shell for `path`.
    pub fn new(lang: Lang, theme: &'static str, path: String, user: Option<String>, now: Timestamp) -> Self {
        Self { lang, theme, path, user, operator: false, now, assets: assets() }
    }

    /// The places of the top bar: address and name.
    fn places(&self) -> Vec<(&'static str, String)> {
        let t = |key| self.lang.t(key);
        vec![
            ("/", t("nav-home")),
            ("/jobs", t("nav-jobs")),
            ("/compute", t("nav-compute")),
            ("/datasets", t("nav-datasets")),
            ("/models", t("nav-models")),
            ("/leaderboard", t("nav-leaderboard")),
            ("/ledger", t("nav-ledger")),
            ("/vouchers", t("nav-vouchers")),
            ("/services", t("nav-services")),
            ("/cases", t("nav-cases")),
        ]
    }

    fn is_at(&self, place: &str) -> bool {
        let path = self.path.split('?').next().unwrap_or("/");
        let below =
            |root: &str| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        match place {
            "/" => path == "/",
            "/ledger" => below("/ledger") || below("/charges"),
            "/vouchers" => below("/vouchers") || below("/policies"),
            other => below(other),
        }
    }

    fn other_language(&self) -> String {
        let path = self.path.split('?').next().unwrap_or("/");
        format!("{path}?lang={}", self.lang.other().code())
    }

    fn next_theme(&self) -> &'static str {
        match self.theme {
            "light" => "dark",
            "dark" => "auto",
            _ => "light",
        }
    }

    fn theme_word(&self) -> String {
        self.lang.t(match self.theme {
            "light" => "theme-light",
            "dark" => "theme-dark",
            _ => "theme-auto",
        })
    }
}

/// A whole page.
#[derive(Template)]
#[template(path = "page.html")]
pub struct Page {
    /// What is around it.
    pub shell: Shell,
    /// The title of the browser's tab.
    pub title: String,
    /// The heading.
    pub heading: String,
    /// The page's question, answered in a sentence.
    pub lead: String,
    /// How the thing stands that the page is about.
    pub state: Option<State>,
    /// The way here: names and addresses.
    pub crumbs: Vec<(String, String)>,
    /// Its blocks.
    pub blocks: Vec<Block>,
    /// The command that does the same; empty for none.
    pub command: String,
}

impl Page {
    /// A page with a heading, a lead and blocks.
    pub fn new(shell: &Shell, heading: String, lead: String, blocks: Vec<Block>) -> Self {
        let title = heading.clone();
        let (crumbs, command) = (Vec::new(), String::new());
        Self { shell: shell.clone(), title, heading, lead, state: None, crumbs, blocks, command }
    }

    /// The same under a place of the top bar.
    #[must_use]
    pub fn under(mut self, name: String, href: &str) -> Self {
        self.title = format!("{} · {name}", self.heading);
        self.crumbs.push((name, href.to_owned()));
        self
    }

    /// The same with a state beside its heading.
    #[must_use]
    pub fn state(self, state: State) -> Self {
        Self { state: Some(state), ..self }
    }

    /// The same with the command that shows it on a terminal.
    #[must_use]
    pub fn command(self, command: impl Into<String>) -> Self {
        Self { command: command.into(), ..self }
    }
}
