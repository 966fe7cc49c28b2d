//! P9 stands beside the search itself, as an example of the terminal's crate, because it measures
//! the index behind the search too. It is started here so that one command prints every number.

use crate::failure::BenchError;
use std::process::{Command, Stdio};

/// Starts the search's measurement, if it was built.
///
/// # Errors
/// When it fails.
pub(crate) fn measure() -> Result<(), BenchError> {
    let own = std::env::current_exe()
        .map_err(|error| BenchError::file(std::path::Path::new("bench"), error))?;
    let name = format!("bench_search{}", std::env::consts::EXE_SUFFIX);
    let program = own.with_file_name("examples").join(name);
    if !program.is_file() {
        println!(
            "P9: not measured: {} is not built; cargo xtask bench builds it",
            program.display()
        );
        return Ok(());
    }
    if shared().is_none() {
        println!("P9: not measured: the shared data is not there; set FIELDTILL_SHARED");
        return Ok(());
    }
    let failed = |why: String| BenchError::Part {
        part: "search".to_owned(),
        why,
    };
    let status = Command::new(&program).stdin(Stdio::null()).status();
    let status = status.map_err(|error| failed(error.to_string()))?;
    if status.success() {
        Ok(())
    } else {
        Err(failed(status.to_string()))
    }
}

/// The folder with the real data.
pub(crate) fn shared() -> Option<std::path::PathBuf> {
    let dir = std::path::PathBuf::from(std::env::var_os("FIELDTILL_SHARED")?);
    dir.join("data").is_dir().then_some(dir)
}
