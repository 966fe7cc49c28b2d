//! Administrative regions: a name and the whole path to it, 省市县.

use super::table::{self, Column};
use super::{ImportError, Limits, Source, Watch};
use std::collections::HashMap;

const REGION: &[Column] = &[
    Column {
        field: "id",
        names: &["id"],
        required: true,
    },
    Column {
        field: "parent",
        names: &["parent_id"],
        required: true,
    },
    Column {
        field: "name",
        names: &["name", "名称"],
        required: true,
    },
    Column {
        field: "level",
        names: &["level"],
        required: true,
    },
];

/// Reads regions of the second and third level: name and whole path.
///
/// # Errors
/// See [`ImportError`].
pub fn read_regions(
    from: &Source,
    limits: &Limits,
    watch: &mut Watch<'_>,
) -> Result<Vec<(String, String)>, ImportError> {
    let mut rows: Vec<(String, String, String, bool)> = Vec::new();
    table::read(from, REGION, limits, watch, |table, row| {
        let (id, parent) = (table.needed(row, "id"), table.needed(row, "parent"));
        let (name, level) = (table.needed(row, "name"), table.needed(row, "level"));
        if let (Some(id), Some(parent), Some(name), Some(level)) = (id, parent, name, level) {
            rows.push((
                id.to_owned(),
                parent.to_owned(),
                name.to_owned(),
                level != "1",
            ));
        }
    })?;
    let by_id: HashMap<&str, (&str, &str)> = rows
        .iter()
        .map(|(id, parent, name, _)| (id.as_str(), (parent.as_str(), name.as_str())))
        .collect();
    let whole = |id: &str| {
        let mut parts = Vec::new();
        let mut at = id;
        // A file whose rows name each other in a circle must not hold us.
        while let Some((parent, name)) = by_id.get(at).filter(|_| parts.len() < 6) {
            parts.push(*name);
            at = parent;
        }
        parts.reverse();
        parts.concat()
    };
    let kept = rows.iter().filter(|(_, _, _, below)| *below);
    Ok(kept
        .map(|(id, _, name, _)| (name.clone(), whole(id)))
        .collect())
}
