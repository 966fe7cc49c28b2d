//! Pictures of the terminal's windows as the screen shows them.
//!
//! They are taken from the X server and not by the driver: WebKit's own snapshot waits for the next
//! repaint, and a page at rest never repaints. So these are the pixels that a payer's phone would
//! see, too.

use fieldtill_tests::drive::error::DriveError;
use fieldtill_tests::drive::programs::{Troupe, on_path};
use fieldtill_tests::drive::window::Window;
use std::path::{Path, PathBuf};

/// One of the app's windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pane {
    Staff,
    Customer,
}

/// The screen that the app's windows are on.
#[derive(Debug)]
pub(crate) struct Screen {
    troupe: Troupe,
    lister: PathBuf,
    camera: PathBuf,
}

impl Screen {
    pub(crate) fn new(troupe: &Troupe) -> Result<Screen, DriveError> {
        let lister = on_path(&["xwininfo"])?;
        let camera = on_path(&["import-im6.q16", "import"])?;
        Ok(Screen {
            troupe: troupe.clone(),
            lister,
            camera,
        })
    }

    /// Takes a picture of a window, or of one element in it.
    pub(crate) async fn take(
        &self,
        pane: Pane,
        window: &Window,
        element: Option<&str>,
        file: &Path,
    ) -> Result<(), DriveError> {
        window.painted().await?;
        let mut command = self.troupe.command(&self.camera);
        command.args(["-silent", "-window", &self.id(pane)?]);
        if let Some(css) = element {
            command.args(["-crop", &window.place_of(css).await?, "+repage"]);
        }
        command.arg(format!("png:{}", file.display()));
        let done = command
            .output()
            .map_err(|error| DriveError::file(&self.camera, &error))?;
        if done.status.success() {
            return Ok(());
        }
        Err(DriveError::file(
            file,
            &String::from_utf8_lossy(&done.stderr),
        ))
    }

    fn id(&self, pane: Pane) -> Result<String, DriveError> {
        let list = self
            .troupe
            .command(&self.lister)
            .args(["-root", "-tree"])
            .output();
        let list = list.map_err(|error| DriveError::file(&self.lister, &error))?;
        let text = String::from_utf8_lossy(&list.stdout);
        let found = text.lines().find_map(|line| window_id(line, pane));
        found.ok_or_else(|| DriveError::Wrong(format!("no window {pane:?} on the screen:\n{text}")))
    }
}

/// `0x200003 "Fieldtill": ("fieldtill" "Fieldtill")  1366x768+0+0  +0+0`
fn window_id(line: &str, pane: Pane) -> Option<String> {
    let (id, rest) = line.trim().split_once(' ')?;
    let (title, _) = rest.strip_prefix('"')?.split_once("\": (")?;
    let is = match pane {
        Pane::Staff => title == "Fieldtill",
        Pane::Customer => title.starts_with("Fieldtill ·"),
    };
    is.then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_told_apart_by_their_titles() {
        let staff =
            "     0x200003 \"Fieldtill\": (\"fieldtill\" \"Fieldtill\")  1366x768+0+0  +0+0";
        let customer =
            "     0x200016 \"Fieldtill · 客户屏\": (\"fieldtill\" \"Fieldtill\")  800x720";
        let hidden =
            "     0x200001 \"fieldtill\": (\"fieldtill\" \"Fieldtill\")  10x10+10+10  +10+10";
        assert_eq!(window_id(staff, Pane::Staff).as_deref(), Some("0x200003"));
        assert_eq!(
            window_id(customer, Pane::Customer).as_deref(),
            Some("0x200016")
        );
        for line in [customer, hidden] {
            assert_eq!(window_id(line, Pane::Staff), None);
        }
    }
}
