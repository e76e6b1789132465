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

#[cfg(test)]
mod tests {
    use super::*;

    /// The colours of a token in light and dark, as red, green and blue from 0 to 1.
    fn token(name: &str) -> [[f64; 3]; 2] {
        let line = STYLES[0].lines().find_map(|line| line.trim().strip_prefix(&format!("--{name}: ")));
        let value = line.unwrap_or_else(|| panic!("no token {name}")).trim_end_matches(';');
        if let Some(other) = value.strip_prefix("var(--") {
            return token(other.trim_end_matches(')'));
        }
        let pair = value.strip_prefix("light-dark(").unwrap().trim_end_matches(')').replace('#', "");
        let (light, dark) = pair.split_once(", ").unwrap();
        [light, dark].map(|hex| {
            [0, 2, 4].map(|at| f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0)
        })
    }

    fn luminance(colour: [f64; 3]) -> f64 {
        let line = colour.map(|c| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) });
        0.2126 * line[0] + 0.7152 * line[1] + 0.0722 * line[2]
    }

    /// WCAG 2.2, 1.4.3: at least 4.5 to 1 for every text on every ground that it stands on, in both themes.
    #[test]
    fn every_text_can_be_read_on_its_ground() {
        let texts = ["ink", "quiet", "accent", "good", "wait", "bad"];
        let mut pairs: Vec<(&str, &str)> =
            texts.iter().flat_map(|&text| [(text, "paper"), (text, "raised")]).collect();
        pairs.extend([
            ("on-accent", "accent"),
            ("on-accent", "good"),
            ("on-accent", "wait"),
            ("on-accent", "bad"),
        ]);
        pairs.extend([
            ("on-soft", "soft"),
            ("on-pale", "pale"),
            ("on-neutral", "neutral"),
            ("accent", "pale"),
            ("quiet", "pale"),
        ]);
        for (text, ground) in pairs {
            for theme in [0, 1] {
                let (a, b) = (luminance(token(text)[theme]), luminance(token(ground)[theme]));
                let ratio = (a.max(b) + 0.05) / (a.min(b) + 0.05);
                assert!(ratio >= 4.5, "{text} on {ground} in theme {theme}: {ratio:.2}");
            }
        }
    }

    #[test]
    fn files_are_found_by_their_present_names_only() {
        assert!(assets().get(&assets().style).is_some_and(|(media, _)| media.starts_with("text/css")));
        assert!(assets().get("/assets/mosu.css").is_none());
    }
}
