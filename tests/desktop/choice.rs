//! What the tour types: products and distributors of whichever company is on stage, each with a query
//! of a wanted kind that finds it first. The company is the terminal's own copy, asked through the
//! window.

use fieldtill_tests::drive::error::DriveError;
use fieldtill_tests::drive::window::Window;
use pinyin::ToPinyin as _;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// How something is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Code,
    Barcode,
    Initials,
    Name,
}

/// A product or distributor with a query that finds it.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) by: By,
    pub(crate) query: String,
    pub(crate) code: String,
    pub(crate) name: String,
}

/// Runs one command of the terminal's list from the window; refusals are errors.
pub(crate) async fn rpc(window: &Window, cmd: &str, payload: Value) -> Result<Value, DriveError> {
    let script = "const [cmd, payload, done] = arguments;
        window.__TAURI_INTERNALS__.invoke('rpc', {cmd, payload})
            .then((answer) => done({value: answer.value}), (refused) => done({refused}));";
    let args = vec![cmd.into(), payload];
    let mut answer = window.async_script(script, args).await?;
    if answer.get("value").is_none() {
        return Err(DriveError::Wrong(format!("{cmd} was refused: {answer}")));
    }
    Ok(answer["value"].take())
}

/// Products with a price, one for each way of finding, all different.
pub(crate) async fn products(window: &Window, ways: &[By]) -> Result<Vec<Found>, DriveError> {
    find(window, "product_search", ways).await
}

/// Distributors, one for each way of finding, all different.
pub(crate) async fn distributors(window: &Window, ways: &[By]) -> Result<Vec<Found>, DriveError> {
    find(window, "distributor_search", ways).await
}

async fn search(window: &Window, command: &str, query: &str) -> Result<Vec<Value>, DriveError> {
    let mut input = json!({"query": query, "limit": 12});
    if command == "product_search" {
        input["distributor"] = Value::Null;
    }
    Ok(rpc(window, command, input)
        .await?
        .as_array()
        .cloned()
        .unwrap_or_default())
}

async fn find(window: &Window, command: &str, ways: &[By]) -> Result<Vec<Found>, DriveError> {
    let pool = pool(window, command).await?;
    let mut taken = BTreeSet::new();
    let mut found = Vec::new();
    for by in ways {
        let one = find_one(window, command, *by, &pool, &taken).await?;
        taken.insert(one.code.clone());
        found.push(one);
    }
    Ok(found)
}

async fn find_one(
    window: &Window,
    command: &str,
    by: By,
    pool: &[Value],
    taken: &BTreeSet<String>,
) -> Result<Found, DriveError> {
    for row in pool {
        let (code, name) = (text(row, "code"), text(row, "name"));
        let Some(query) = query(by, row).filter(|_| !taken.contains(&code)) else {
            continue;
        };
        let hits = search(window, command, &query).await?;
        if hits
            .first()
            .is_some_and(|first| text(first, "code") == code)
        {
            return Ok(Found {
                by,
                query,
                code,
                name,
            });
        }
    }
    Err(DriveError::Wrong(format!(
        "{command} finds nothing by {by:?} among {}",
        pool.len()
    )))
}

/// Some rows of the company, those with Chinese names first; products only with a price.
async fn pool(window: &Window, command: &str) -> Result<Vec<Value>, DriveError> {
    let mut rows: Vec<Value> = Vec::new();
    for start in "JDSC123456789ABEFGHKLMNPQRTWXYZ".chars() {
        for row in search(window, command, &start.to_string()).await? {
            let priced = row["unit_price"].as_str().is_none_or(|price| {
                price
                    .bytes()
                    .any(|digit| digit.is_ascii_digit() && digit != b'0')
            });
            if priced && !rows.contains(&row) {
                rows.push(row);
            }
        }
        if rows.len() >= 60 {
            break;
        }
    }
    rows.sort_by_key(|row| chinese(&text(row, "name")).len() < 3);
    Ok(rows)
}

fn query(by: By, row: &Value) -> Option<String> {
    let name = text(row, "name");
    let wanted = match by {
        By::Code => text(row, "code"),
        By::Barcode => text(row, "barcode"),
        By::Initials => initials(&name),
        // From the second character on: the beginning would be found as a prefix.
        By::Name => chinese(&name).into_iter().skip(1).take(4).collect(),
    };
    let least = match by {
        By::Code => 3,
        By::Barcode => 8,
        By::Initials => 3,
        By::Name => 2,
    };
    (wanted.chars().count() >= least && !wanted.contains(' ')).then_some(wanted)
}

fn text(row: &Value, field: &str) -> String {
    row[field].as_str().unwrap_or_default().to_owned()
}

fn chinese(name: &str) -> Vec<char> {
    name.chars()
        .take_while(|c| ('\u{4e00}'..='\u{9fff}').contains(c))
        .collect()
}

/// The first letters of the leading Chinese characters' first readings.
fn initials(name: &str) -> String {
    let plain = chinese(name);
    let letter = |c: &char| {
        c.to_pinyin()
            .and_then(|reading| reading.plain().chars().next())
    };
    plain.iter().take(5).filter_map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_made_as_people_type_them() {
        let row = json!({"code": "JX1011", "name": "纯棉四件套 200", "barcode": "6901234567892"});
        assert_eq!(query(By::Initials, &row).as_deref(), Some("cmsjt"));
        assert_eq!(query(By::Name, &row).as_deref(), Some("棉四件套"));
        assert_eq!(query(By::Code, &row).as_deref(), Some("JX1011"));
        assert_eq!(
            query(By::Initials, &json!({"code": "85123A", "name": "85123A"})),
            None
        );
    }
}
