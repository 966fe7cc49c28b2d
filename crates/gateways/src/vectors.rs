//! Published test vectors, made by nobody of this project. They are read from outside the
//! repository and never become part of it; the vectors in `tests/data` are our own, made with
//! openssl, so that the tests mean something anywhere.

use serde_json::Value;
use std::path::PathBuf;

/// The text of a shared file, or `None` where the shared files are not present. With `CI=true`
/// they must be.
pub(crate) fn shared(path: &str) -> Option<String> {
    shared_bytes(path).map(|bytes| String::from_utf8(bytes).unwrap())
}

/// The bytes of a shared file; see [`shared`].
pub(crate) fn shared_bytes(path: &str) -> Option<Vec<u8>> {
    let root = match std::env::var_os("FIELDTILL_SHARED") {
        Some(root) => PathBuf::from(root),
        None => PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
    };
    match std::fs::read(root.join(path)) {
        Ok(bytes) => Some(bytes),
        Err(error) if std::env::var("CI").is_ok_and(|ci| ci == "true") => {
            panic!("{path}: {error}; with CI=true the vectors must be present")
        }
        Err(_) => {
            println!("not run: vectors not present ({path})");
            None
        }
    }
}

/// Runs `check` over a shared JSON file; it answers how many cases it ran.
pub(crate) fn vectors(file: &str, check: impl FnOnce(&Value) -> usize) {
    let Some(text) = shared(&format!("vectors/{file}")) else {
        return;
    };
    let cases = check(&serde_json::from_str(&text).unwrap());
    assert!(cases > 0, "{file}: no case ran");
    println!("vectors: {file}: {cases} cases");
}

/// A text of a vector.
pub(crate) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name]
        .as_str()
        .unwrap_or_else(|| panic!("the vector has no text {name}"))
}
