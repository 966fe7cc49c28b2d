//! What people do at a counter, as the window does it: through THE LIST of commands.

use domain::collection::CollectionState;
use domain::id::{CollectionId, DistributorId, IntentId, OrderId};
use domain::{Code, Money};
use serde_json::{Value, json};
use terminal::api::collections::{CollectionKey, DepositDetail};
use terminal::api::distributors::DistributorRow;
use terminal::api::orders::{DraftView, OrderDetail, ProductRow};
use terminal::api::payments::PayView;
use terminal::ledger::views::CollectionView;
use testkit::World;

/// The counter: seller Li Lei at terminal 0, Han Meimei at 1, the head of finance at 2.
pub(crate) struct Desk {
    pub(crate) world: World,
}

impl Desk {
    pub(crate) fn open() -> Desk {
        Desk {
            world: World::demo(),
        }
    }

    pub(crate) fn call<T: serde::de::DeserializeOwned>(
        &mut self,
        at: usize,
        command: &str,
        input: Value,
    ) -> T {
        let done = self.world.call(at, command, input);
        done.unwrap_or_else(|code| panic!("{command} is refused: {code:?}"))
    }

    pub(crate) fn refused(&mut self, at: usize, command: &str, input: Value) -> Code {
        let done: Result<Value, Code> = self.world.call(at, command, input);
        done.expect_err("it is refused")
    }

    /// Types into the distributor's box and takes the first hit.
    pub(crate) fn distributor(&mut self, at: usize, typed: &str) -> DistributorId {
        let input = json!({ "query": typed, "limit": 5 });
        let hits: Vec<DistributorRow> = self.call(at, "distributor_search", input);
        hits.first()
            .unwrap_or_else(|| panic!("nobody is found by {typed}"))
            .id
    }

    /// Begins a draft and types one line after the other.
    pub(crate) fn draft(
        &mut self,
        at: usize,
        distributor: DistributorId,
        lines: &[(&str, u32)],
    ) -> DraftView {
        let input = json!({ "order": null, "fresh": true });
        let draft: DraftView = self.call(at, "draft_open", input);
        self.edit(
            at,
            draft.order,
            json!({ "edit": "set_distributor", "distributor": distributor }),
        );
        for (typed, quantity) in lines {
            self.line(at, draft.order, distributor, typed, *quantity);
        }
        self.call(
            at,
            "draft_open",
            json!({ "order": draft.order, "fresh": false }),
        )
    }

    pub(crate) fn line(
        &mut self,
        at: usize,
        order: OrderId,
        distributor: DistributorId,
        typed: &str,
        quantity: u32,
    ) -> DraftView {
        let input = json!({ "query": typed, "distributor": distributor, "limit": 5 });
        let hits: Vec<ProductRow> = self.call(at, "product_search", input);
        let hit = hits
            .first()
            .unwrap_or_else(|| panic!("nothing is found by {typed}"));
        let line =
            json!({ "edit": "add_line", "product": hit.id, "quantity": quantity.to_string() });
        self.edit(at, order, line)
    }

    pub(crate) fn edit(&mut self, at: usize, order: OrderId, mut edit: Value) -> DraftView {
        edit["order"] = json!(order);
        self.call(at, "draft_edit", edit)
    }

    pub(crate) fn f12(&mut self, at: usize, order: OrderId) -> OrderDetail {
        self.call(at, "order_confirm", json!({ "order": order }))
    }

    pub(crate) fn f9(&mut self, at: usize, order: OrderId) -> PayView {
        self.call(
            at,
            "pay_orders",
            json!({ "orders": [order], "amount_fen": null }),
        )
    }

    pub(crate) fn sheet(&mut self, at: usize, intent: IntentId) -> PayView {
        self.call(at, "pay_view", json!({ "intent": intent }))
    }

    pub(crate) fn order(&mut self, at: usize, order: OrderId) -> OrderDetail {
        self.call(at, "order_detail", json!({ "order": order }))
    }

    pub(crate) fn deposit(&mut self, at: usize, distributor: DistributorId) -> DepositDetail {
        self.call(at, "deposit_get", json!({ "distributor": distributor }))
    }

    pub(crate) fn takes_cash(&mut self, at: usize, order: &OrderDetail) -> CollectionId {
        let (id, owed) = (order.order.order.id, order.order.owed_fen);
        let key: CollectionKey = self.call(
            at,
            "collection_record",
            json!({
                "distributor": order.order.order.content.distributor,
                "purpose": "order_payment", "method": "cash", "amount_fen": owed, "note": "",
                "allocations": [{ "order": id, "amount_fen": owed }],
            }),
        );
        key.collection
    }

    pub(crate) fn under_review(&mut self, at: usize) -> Vec<CollectionView> {
        let input =
            json!({ "under_review_only": true, "distributor": null, "before": null, "limit": 20 });
        self.call(at, "collection_list", input)
    }

    pub(crate) fn sync(&mut self) {
        self.world.sync().expect("everything is told and heard");
    }

    /// The day is over: everything at rest, and nothing contradicts an invariant.
    pub(crate) fn closes(mut self) {
        self.world.rest().expect("the world comes to rest");
        assert_eq!(self.world.contradictions(), Vec::<String>::new());
    }
}

/// Paid, by money that the backend has seen and nobody typed.
pub(crate) fn assert_paid_by_channel(order: &OrderDetail) {
    assert_eq!(order.order.owed_fen, Money::ZERO);
    assert_eq!(order.order.order.paid_fen, order.order.order.total_fen);
    let [collection] = order.collections.as_slice() else {
        panic!("{:?}", order.collections)
    };
    assert_eq!(collection.collection.state, CollectionState::Confirmed);
    assert_eq!(collection.collection.recorded_by, None, "nobody typed it");
    let [record] = order.transaction_records.as_slice() else {
        panic!("{:?}", order.transaction_records)
    };
    assert_eq!(collection.collection.transaction_record, Some(record.id));
    assert_eq!(record.gross_fen, order.order.order.total_fen);
}
