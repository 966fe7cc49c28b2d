//! Distributors made on a terminal get their number here: the short number that offline links
//! carry can be given by one place only (rule 6.2).

use super::code_name;
use crate::books::{Books, Stop};
use crate::facts::Write;
use domain::code::Code;
use domain::distributor::Distributor;
use domain::history::CatalogueItem;
use domain::operation::DistributorCreate;
use wire::verdict::VerdictKind;

pub(super) fn create(books: &mut Books<'_>, body: &DistributorCreate) -> Result<VerdictKind, Stop> {
    let asked = &body.distributor;
    if books.facts.distributors.contains_key(&asked.id) {
        return Err(Code::AlreadyExists {
            what: "distributor".into(),
        }
        .into());
    }
    if asked.name.trim().is_empty() {
        return Err(Code::BadField {
            field: "name".into(),
        }
        .into());
    }
    if !asked.code.is_empty() && books.facts.taken.contains(&code_name(&asked.code)) {
        return Err(Code::AlreadyExists {
            what: "distributor_code".into(),
        }
        .into());
    }
    let number = books.facts.next_distributor;
    let made = Distributor {
        number,
        code: if asked.code.is_empty() {
            format!("N{number}")
        } else {
            asked.code.clone()
        },
        // A limit is finance's to grant, not the maker's.
        credit_limit_fen: None,
        active: true,
        ..asked.clone()
    };
    books.facts.next_distributor = number.saturating_add(1);
    books.note(Write::NextDistributor(books.facts.next_distributor));
    books.note(Write::Item(CatalogueItem::Distributor(made.clone())));
    books.facts.distributors.insert(made.id, made);
    Ok(VerdictKind::Applied)
}
