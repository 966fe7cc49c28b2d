//! What the numbers were taken on: without it they mean nothing.

use std::path::Path;

/// Prints processor, cores, load, memory, kernel, file system and how this program was built.
pub(crate) fn describe(dir: &Path) {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let after = |text: &str, word: &str| -> String {
        let line = text.lines().find(|line| line.starts_with(word));
        let value = line
            .and_then(|line| line.split_once(':'))
            .map_or("?", |(_, value)| value);
        value.trim().to_owned()
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = read("/proc/loadavg");
    println!(
        "machine: {}, {cores} cores, {} memory, kernel {}, load {} before",
        after(&read("/proc/cpuinfo"), "model name"),
        after(&read("/proc/meminfo"), "MemTotal"),
        read("/proc/sys/kernel/osrelease").trim(),
        load.split(' ').next().unwrap_or("?"),
    );
    println!(
        "built: {} · files in {} ({})",
        if cfg!(debug_assertions) {
            "DEBUG: our code is not optimised, SQLite is"
        } else {
            "release"
        },
        dir.display(),
        file_system(dir, &read("/proc/mounts")),
    );
}

/// The file system that the folder lies on, by the longest mount point above it.
fn file_system(dir: &Path, mounts: &str) -> String {
    let rows = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        Some((words.next()?, words.next()?))
    });
    rows.filter(|(point, _)| dir.starts_with(point))
        .max_by_key(|(point, _)| point.len())
        .map_or_else(
            || "file system not known".to_owned(),
            |(_, kind)| kind.to_owned(),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_mount_point_above_a_folder_counts() {
        let mounts = "/dev/a / ext4 rw 0 0\ntmpfs /tmp tmpfs rw 0 0\ntmpfs /tmpx xfs rw 0 0\n";
        assert_eq!(file_system(Path::new("/tmp/x"), mounts), "tmpfs");
        assert_eq!(file_system(Path::new("/home"), mounts), "ext4");
    }
}
