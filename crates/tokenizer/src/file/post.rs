//! Post-processors: what stands before and behind the ids of a text.

use kernel::Result;
use serde_json::Value;

use crate::error::{invalid, unsupported};

/// Ids before and behind the text.
pub(super) fn read(components: &[&Value]) -> Result<(Vec<u32>, Vec<u32>)> {
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for component in components {
        let (left, right) = match component["type"].as_str() {
            // It moves offsets, not ids.
            Some("ByteLevel") => continue,
            Some("TemplateProcessing") => template(component)?,
            Some("BertProcessing" | "RobertaProcessing") => {
                (vec![id(&component["cls"][1])?], vec![id(&component["sep"][1])?])
            }
            other => {
                let name = format!("The post-processor {}", other.unwrap_or("without a type"));
                let known =
                    "ByteLevel, TemplateProcessing, BertProcessing, RobertaProcessing and Sequence do.";
                return Err(unsupported(&name, known));
            }
        };
        before.splice(0..0, left);
        after.extend(right);
    }
    Ok((before, after))
}

fn id(value: &Value) -> Result<u32> {
    let id = value.as_u64().and_then(|id| u32::try_from(id).ok());
    id.ok_or_else(|| invalid("the post-processor names a token without an id."))
}

fn template(component: &Value) -> Result<(Vec<u32>, Vec<u32>)> {
    let pieces = component["single"].as_array();
    let pieces = pieces.ok_or_else(|| invalid("TemplateProcessing has no template `single`."))?;
    let (mut before, mut after, mut texts) = (Vec::new(), Vec::new(), 0);
    for piece in pieces {
        let Some(name) = piece["SpecialToken"]["id"].as_str() else {
            texts += usize::from(piece["Sequence"]["id"] == "A");
            continue;
        };
        let ids = component["special_tokens"][name]["ids"].as_array();
        let ids = ids.ok_or_else(|| invalid(format!("TemplateProcessing does not say what {name:?} is.")))?;
        let side = if texts == 0 { &mut before } else { &mut after };
        for one in ids {
            side.push(id(one)?);
        }
    }
    if texts != 1 {
        let mend = "its template `single` must hold the text `A` exactly once.";
        return Err(unsupported("This TemplateProcessing", mend));
    }
    Ok((before, after))
}
