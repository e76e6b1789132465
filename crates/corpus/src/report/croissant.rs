//! The data set described for programs: Croissant 1.1 (MLCommons, JSON-LD over schema.org), with a digest of each file.

use super::{Report, Split};
use kernel::{Error, Result};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{fs::File, io::Read, path::Path};

/// Columns of the data files: name, type, meaning.
const COLUMNS: [(&str, &str, &str); 9] = [
    ("id", "sc:Text", "Stable id of the document"),
    ("text", "sc:Text", "Clean text"),
    ("source", "sc:Text", "Work, site or package that it comes from; empty when unstated"),
    ("author", "sc:Text", "Who wrote it; empty when unstated"),
    ("contributor", "sc:Text", "Who gave it; empty when unstated"),
    ("licence", "sc:Text", "Its licence; empty when unstated"),
    ("url", "sc:Text", "Where it can be looked up; empty when unstated"),
    ("path", "sc:Text", "Its path in the input"),
    ("tokens", "sc:Integer", "Words: runs of letters and digits; each Han character or kana is one"),
];

/// The description of the data set in `folder`, as bytes of JSON.
pub fn describe(folder: &Path, report: &Report) -> Result<Vec<u8>> {
    let mut distribution = Vec::new();
    for split in &report.splits {
        for file in &split.files {
            distribution.push(object(folder, file)?);
        }
        distribution.push(json!({
            "@type": "cr:FileSet", "@id": split.name, "name": split.name, "encodingFormat": format(&split.files[0]),
            "containedIn": split.files.iter().map(|file| json!({"@id": file})).collect::<Vec<_>>(),
            "includes": format!("data/{}-*", split.name),
        }));
    }
    let records: Vec<Value> = report.splits.iter().map(records).collect();
    let described = json!({
        "@context": context(),
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": report.title,
        "description": description(report),
        "license": licences(report),
        "url": "README.md",
        "version": "1.0.0",
        "distribution": distribution,
        "recordSet": records,
    });
    let mut bytes = serde_json::to_vec_pretty(&described).map_err(Error::internal)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn description(report: &Report) -> String {
    let (documents, bytes, tokens) = report.total();
    format!("{} {documents} documents, {bytes} bytes, {tokens} words.", report.recipe.about).trim().to_owned()
}

fn licences(report: &Report) -> Vec<&str> {
    report.licences.iter().take(50).map(|share| share.name.as_str()).collect()
}

fn format(file: &str) -> &'static str {
    if file.ends_with(".parquet") { "application/x-parquet" } else { "application/jsonlines" }
}

fn object(folder: &Path, file: &str) -> Result<Value> {
    let path = folder.join(file);
    let (digest, bytes) = digest(&path).map_err(|error| crate::run::unwritable(&path, error))?;
    Ok(json!({
        "@type": "cr:FileObject", "@id": file, "name": file, "contentUrl": file, "contentSize": format!("{bytes} B"),
        "encodingFormat": format(file), "sha256": digest,
    }))
}

fn digest(path: &Path) -> std::io::Result<(String, u64)> {
    let (mut file, mut hasher, mut bytes) = (File::open(path)?, Sha256::new(), 0);
    let mut room = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut room)?;
        if read == 0 {
            return Ok((hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect(), bytes));
        }
        hasher.update(&room[..read]);
        bytes += read as u64;
    }
}

fn records(split: &Split) -> Value {
    let fields: Vec<Value> = COLUMNS
        .iter()
        .map(|(name, kind, about)| {
            json!({
                "@type": "cr:Field", "@id": format!("{}-records/{name}", split.name), "name": name,
                "description": about, "dataType": kind,
                "source": {"fileSet": {"@id": split.name}, "extract": {"column": name}},
            })
        })
        .collect();
    json!({
        "@type": "cr:RecordSet", "@id": format!("{}-records", split.name), "name": format!("{}-records", split.name),
        "description": format!("{} documents", split.documents), "field": fields,
    })
}

/// The vocabulary of the format, as its specification gives it.
fn context() -> Value {
    json!({
        "@language": "en", "@vocab": "https://schema.org/", "citeAs": "cr:citeAs", "column": "cr:column",
        "conformsTo": "dct:conformsTo", "cr": "http://mlcommons.org/croissant/",
        "rai": "http://mlcommons.org/croissant/RAI/", "data": {"@id": "cr:data", "@type": "@json"},
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"}, "dct": "http://purl.org/dc/terms/",
        "examples": {"@id": "cr:examples", "@type": "@json"}, "extract": "cr:extract", "field": "cr:field",
        "fileProperty": "cr:fileProperty", "fileObject": "cr:fileObject", "fileSet": "cr:fileSet",
        "format": "cr:format", "includes": "cr:includes", "isLiveDataset": "cr:isLiveDataset",
        "jsonPath": "cr:jsonPath", "key": "cr:key", "md5": "cr:md5", "parentField": "cr:parentField",
        "path": "cr:path", "recordSet": "cr:recordSet", "references": "cr:references", "regex": "cr:regex",
        "repeated": "cr:repeated", "replace": "cr:replace", "samplingRate": "cr:samplingRate",
        "sc": "https://schema.org/", "separator": "cr:separator", "source": "cr:source",
        "subField": "cr:subField", "transform": "cr:transform",
    })
}
