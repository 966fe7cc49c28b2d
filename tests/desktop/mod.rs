//! The tour: the product run by itself on a stage of its own, driven through the real window and a
//! real browser for the phone, and its books looked at in the end. Everything that a demo shows by
//! hand is shown here by machine, and fails loudly where it is not so.
//!
//! Linux only: the screen, the drivers and the process groups are.

pub(crate) mod books;
pub(crate) mod breaks;
pub(crate) mod choice;
pub(crate) mod proxy;
pub(crate) mod screen;
pub(crate) mod stage;
pub(crate) mod story;
pub(crate) mod tour;

use breaks::Break;
use fieldtill_tests::drive::error::{DriveError, same};
use fieldtill_tests::drive::programs::Troupe;
use stage::{Options, Stage};
use tour::{Progress, Tour, say};

/// One run, from an empty folder to the books.
pub(crate) async fn run(
    options: Options,
    troupe: Troupe,
    what: Option<Break>,
) -> Result<(), DriveError> {
    let progress = Progress::new(options.out.clone());
    let stage = {
        let (options, troupe) = (options.clone(), troupe);
        tokio::task::spawn_blocking(move || Stage::set(&options, troupe))
            .await
            .map_err(|error| DriveError::Wrong(error.to_string()))??
    };
    let mut tour = Tour::begin(stage, &options, progress).await?;
    match what {
        None => {
            let done = story::whole(&mut tour).await;
            finish(tour, done, 0).await?;
            say("tour: ok");
        }
        Some(what) => {
            let done = breaks::run(&mut tour, what).await;
            let number = done.as_ref().cloned().unwrap_or_default();
            let books = finish(tour, done.map(|_| ()), what.unbooked()).await?;
            same(&number, books.payment_state(&number)?, what.payment_state())?;
            let flagged = books.attention()?;
            let kinds: Vec<&str> = flagged.iter().map(|item| item.kind.as_str()).collect();
            let should: &[&str] = if what == Break::WrongAmount {
                &["wrong_amount"]
            } else {
                &[]
            };
            same("what is flagged to finance", kinds, should.to_vec())?;
            say(&format!(
                "tour: ok (break {what:?}: order {number} is {:?})",
                what.payment_state()
            ));
        }
    }
    Ok(())
}

async fn finish(
    tour: Tour,
    done: Result<(), DriveError>,
    unbooked: usize,
) -> Result<books::Books, DriveError> {
    if let Err(error) = done {
        tour.failed(&error).await;
        return Err(error);
    }
    tour.end(unbooked).await
}
