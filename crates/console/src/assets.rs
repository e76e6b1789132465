//! Style sheet, script and icon: embedded, served under a name that changes with their content.

use sha2::{Digest, Sha256};
use std::sync::LazyLock;

const STYLES: [&str; 5] = [
    include_str!("../assets/css/tokens.css"),
    include_str!("../assets/css/base.css"),
    include_str!("../assets/css/components.css"),
    include_str!("../assets/css/charts.css"),
    include_str!("../assets/css/pages.css"),
];
const SCRIPT: &str = include_str!("../assets/js/live.js");
const ICON: &str = include_str!("../assets/icon.svg");

/// The addresses of the embedded files.
pub struct Assets {
    /// The style sheet.
    pub style: String,
    /// The script.
    pub script: String,
    /// The icon.
    pub icon: String,
    style_text: String,
}

static ASSETS: LazyLock<Assets> = LazyLock::new(|| {
    let style_text = format!("@layer tokens, base, components, pages;\n{}", STYLES.concat());
    Assets {
        style: address("mosu", &style_text, "css"),
        script: address("live", SCRIPT, "js"),
        icon: address("icon", ICON, "svg"),
        style_text,
    }
});

fn address(name: &str, text: &str, ending: &str) -> String {
    let digest = hex::encode(Sha256::digest(text.as_bytes()));
    format!("/assets/{name}-{}.{ending}", &digest[..12])
}

/// The embedded files.
pub fn assets() -> &'static Assets {
    &ASSETS
}

impl Assets {
    /// The media type and text of the file at `address`.
    pub fn get(&self, address: &str) -> Option<(&'static str, &str)> {
        match address {
            a if a == self.style => Some(("text/css; charset=utf-8", &self.style_text)),
            a if a == self.script => Some(("text/javascript; charset=utf-8", SCRIPT)),
            a if a == self.icon => Some(("image/svg+xml", ICON)),
            _ => None,
        }
    }
}
