//! Sales orders: content, totals, states, and the one function that applies an operation to an
//! order. Terminal and backend both fold with it, so a pending order on the screen is what the
//! backend will compute from the same operation (rules 4.1, 5.1, 5.3, 5.4).

use crate::code::Code;
use crate::collection::PaymentMethod;
use crate::id::{DistributorId, OpId, OrderId, PriceBookId, ProductId, StaffId, TerminalId};
use crate::money::Money;
use crate::operation::{Basis, OrderCancel, OrderDecide, OrderEdit, OrderSubmit, Origin};
use crate::quantity::{LineDiscount, Quantity, UnitPrice, line_amount};
use crate::role::separate;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub mod fields;

/// Most lines an order may have. The largest real invoice seen has 675.
pub const MAX_LINES: usize = 2_000;

/// Most changes that an order names. Each stands in every copy that goes to terminals.
pub const MAX_REVISIONS: usize = 100;

/// One change of an order after its submit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Revision {
    /// The operation that made it.
    pub op: OpId,
    /// Who.
    pub staff: StaffId,
    /// On which terminal.
    pub terminal: TerminalId,
    /// When, by that terminal's clock.
    pub at: Timestamp,
    /// What it did.
    pub kind: RevisionKind,
    /// The total from then on.
    pub total_fen: Money,
}

/// What a change of an order did, by its operation's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RevisionKind {
    /// Replaced the content.
    OrderEdit,
    /// Cancelled it.
    OrderCancel,
    /// Confirmed what waited for approval.
    OrderApprove,
    /// Cancelled what waited for approval.
    OrderReject,
}

/// One line: its own copy of what the catalogue said when it was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OrderLine {
    /// The product.
    pub product: ProductId,
    /// Its code at that time.
    pub code: String,
    /// Its name at that time.
    pub name: String,
    /// Its unit at that time.
    pub unit: String,
    /// How many.
    pub quantity: Quantity,
    /// Yuan per unit.
    pub unit_price: UnitPrice,
    /// Discount on this line.
    pub discount: LineDiscount,
    /// The price book the price came from; `None` for the list price or a price typed by hand.
    pub price_book: Option<PriceBookId>,
    /// When the price was last heard from the backend.
    pub price_as_of: Timestamp,
    /// Quantity × price less the line's discount, rounded to the fen.
    pub amount_fen: Money,
}

/// What a person decides about an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OrderContent {
    /// Who buys.
    pub distributor: DistributorId,
    /// The buyer's name at that time.
    pub distributor_name: String,
    /// The lines, in the order shown.
    pub lines: Vec<OrderLine>,
    /// Discount on the whole order, split over the lines by largest remainder.
    pub discount: LineDiscount,
    /// How the buyer means to pay; `None` when not said.
    pub payment_method: Option<PaymentMethod>,
    /// Free text.
    pub remark: String,
}

/// The sums of an order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OrderTotals {
    /// Sum of the lines' amounts.
    pub lines_fen: Money,
    /// What the order's own discount takes off, as a positive amount.
    pub discount_fen: Money,
    /// What is to be paid.
    pub total_fen: Money,
    /// The total's share of each line; they sum to the total exactly.
    pub shares_fen: Vec<Money>,
}

impl OrderContent {
    /// Computes the totals. Every line's stored amount must be the one its figures give; an
    /// `ArithmeticDiffers` names the first line that isn't.
    ///
    /// # Errors
    /// `EmptyOrder`, `TooManyLines`, `ArithmeticDiffers`, `AmountTooLarge`, `DiscountTooLarge`.
    pub fn totals(&self) -> Result<OrderTotals, Code> {
        if self.lines.len() > MAX_LINES {
            return Err(Code::TooManyLines {
                max: MAX_LINES as u32,
            });
        }
        let mut lines_fen = Money::ZERO;
        for (index, line) in self.lines.iter().enumerate() {
            let row = index as u32 + 1;
            let amount = line_amount(line.quantity, line.unit_price, &line.discount)
                .map_err(|_| Code::AmountTooLarge { row })?;
            if amount != line.amount_fen {
                return Err(Code::ArithmeticDiffers { row });
            }
            lines_fen = lines_fen
                .checked_add(amount)
                .ok_or(Code::AmountTooLarge { row })?;
        }
        let total_fen = self
            .discount
            .take_from(lines_fen)
            .ok_or(Code::DiscountTooLarge)?;
        let discount_fen = lines_fen
            .checked_sub(total_fen)
            .ok_or(Code::DiscountTooLarge)?;
        let weights: Vec<Money> = self.lines.iter().map(|line| line.amount_fen).collect();
        let taken = discount_fen.split(&weights);
        let shares_fen = weights
            .iter()
            .zip(&taken)
            .map(|(amount, part)| amount.checked_sub(*part))
            .collect::<Option<Vec<Money>>>()
            .ok_or(Code::DiscountTooLarge)?;
        Ok(OrderTotals {
            lines_fen,
            discount_fen,
            total_fen,
            shares_fen,
        })
    }

    /// The totals of an order that somebody wants to submit: it has lines, and its sum is not
    /// negative.
    ///
    /// # Errors
    /// Those of [`OrderContent::totals`], `EmptyOrder` and `NegativeTotal`.
    pub fn submittable(&self) -> Result<OrderTotals, Code> {
        if self.lines.is_empty() {
            return Err(Code::EmptyOrder);
        }
        let totals = self.totals()?;
        if totals.total_fen < Money::ZERO {
            return Err(Code::NegativeTotal);
        }
        Ok(totals)
    }
}

/// Where an order stands (rule 5.3). A draft is no order yet: it lives on its terminal only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// Handed in, waiting for approval.
    Submitted,
    /// Valid and payable.
    Confirmed,
    /// Done; nothing more is expected.
    Closed,
    /// Reversed.
    Cancelled,
}

/// How far an order is paid, computed and never stored (rule 5.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// Nothing confirmed.
    Unpaid,
    /// Something, less than the total.
    PartlyPaid,
    /// The total exactly.
    Paid,
    /// More than the total.
    Overpaid,
}

impl PaymentState {
    /// The state of an order of `total` with `paid` allocated by confirmed collections. An order
    /// that asks for nothing, or gives back (an imported credit note), is settled as it stands.
    pub fn of(total: Money, paid: Money) -> PaymentState {
        if paid == total || (paid == Money::ZERO && total < Money::ZERO) {
            PaymentState::Paid
        } else if paid > total {
            PaymentState::Overpaid
        } else if paid > Money::ZERO {
            PaymentState::PartlyPaid
        } else {
            PaymentState::Unpaid
        }
    }
}

/// A sales order as the backend knows it, or as a terminal folds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SalesOrder {
    /// Identity.
    pub id: OrderId,
    /// `<terminal code>-<yymmdd>-<seq>`, given when the draft was first saved (rule 5.2).
    pub number: String,
    /// Counts the submit and every edit since, from 1.
    pub revision: u32,
    /// The operation that made this revision.
    pub revised_by: OpId,
    /// Who changed it since its submit, the oldest first; of very many, the last
    /// [`MAX_REVISIONS`].
    #[serde(default)]
    pub revisions: Vec<Revision>,
    /// Where it stands.
    pub state: OrderState,
    /// What was decided.
    pub content: OrderContent,
    /// What is to be paid.
    pub total_fen: Money,
    /// What confirmed collections have paid (invariant 4). Only the backend raises it.
    pub paid_fen: Money,
    /// Who made it.
    pub staff: StaffId,
    /// On which terminal.
    pub terminal: TerminalId,
    /// When, by that terminal's clock.
    pub ordered_at: Timestamp,
}

impl SalesOrder {
    /// How far it is paid.
    pub fn payment_state(&self) -> PaymentState {
        PaymentState::of(self.total_fen, self.paid_fen)
    }

    /// What is still owed: never negative, and nothing for a cancelled order.
    pub fn owed(&self) -> Money {
        if self.state == OrderState::Cancelled || self.paid_fen >= self.total_fen {
            return Money::ZERO;
        }
        self.total_fen
            .checked_sub(self.paid_fen)
            .unwrap_or(Money::ZERO)
    }

    /// Makes an order from its first operation.
    ///
    /// # Errors
    /// Those of [`OrderContent::submittable`].
    pub fn submit(body: &OrderSubmit, origin: &Origin) -> Result<SalesOrder, Code> {
        let totals = body.content.submittable()?;
        Ok(SalesOrder {
            id: body.order,
            number: body.number.clone(),
            revision: 1,
            revised_by: origin.op_id,
            revisions: Vec::new(),
            state: if body.confirm {
                OrderState::Confirmed
            } else {
                OrderState::Submitted
            },
            content: body.content.clone(),
            total_fen: totals.total_fen,
            paid_fen: Money::ZERO,
            staff: origin.staff,
            terminal: origin.terminal,
            ordered_at: origin.at,
        })
    }

    /// Replaces the content. Money already allocated stays; what exceeds the new total is released
    /// by the backend (rule 5.8).
    ///
    /// # Errors
    /// `Conflict` when made on another revision (rule 4.3), `OrderNotOpen`, `DistributorChanged`
    /// (it would move money between accounts), and those of [`OrderContent::submittable`].
    pub fn edit(&self, body: &OrderEdit, origin: &Origin) -> Result<SalesOrder, Code> {
        self.based_on(&body.on)?;
        self.open()?;
        if body.content.distributor != self.content.distributor {
            return Err(Code::DistributorChanged);
        }
        let totals = body.content.submittable()?;
        Ok(SalesOrder {
            revision: self.revision + 1,
            revised_by: origin.op_id,
            revisions: self.revised(origin, RevisionKind::OrderEdit, totals.total_fen),
            state: if body.hold {
                OrderState::Submitted
            } else {
                OrderState::Confirmed
            },
            content: body.content.clone(),
            total_fen: totals.total_fen,
            ..self.clone()
        })
    }

    /// Cancels by reversal: the document stays and owes nothing more.
    ///
    /// # Errors
    /// `Conflict` and `OrderNotOpen`.
    pub fn cancel(&self, body: &OrderCancel, origin: &Origin) -> Result<SalesOrder, Code> {
        self.based_on(&body.on)?;
        self.open()?;
        Ok(SalesOrder {
            revision: self.revision + 1,
            revised_by: origin.op_id,
            revisions: self.revised(origin, RevisionKind::OrderCancel, self.total_fen),
            state: OrderState::Cancelled,
            ..self.clone()
        })
    }

    fn revised(&self, origin: &Origin, kind: RevisionKind, total_fen: Money) -> Vec<Revision> {
        let now = Revision {
            op: origin.op_id,
            staff: origin.staff,
            terminal: origin.terminal,
            at: origin.at,
            kind,
            total_fen,
        };
        let older = self.revisions.len().saturating_sub(MAX_REVISIONS - 1);
        let kept = self.revisions.iter().skip(older).cloned();
        kept.chain([now]).collect()
    }

    /// Confirms an order that waits for approval, or cancels it. Whoever made it never decides.
    ///
    /// # Errors
    /// `Conflict`, `AlreadyDecided` for one that does not wait, `SamePerson`.
    pub fn decide(
        &self,
        body: &OrderDecide,
        approve: bool,
        origin: &Origin,
    ) -> Result<SalesOrder, Code> {
        self.based_on(&body.on)?;
        if self.state != OrderState::Submitted {
            return Err(Code::AlreadyDecided);
        }
        separate(origin.staff, self.staff)?;
        Ok(SalesOrder {
            revision: self.revision + 1,
            revised_by: origin.op_id,
            revisions: self.revised(
                origin,
                if approve {
                    RevisionKind::OrderApprove
                } else {
                    RevisionKind::OrderReject
                },
                self.total_fen,
            ),
            state: if approve {
                OrderState::Confirmed
            } else {
                OrderState::Cancelled
            },
            ..self.clone()
        })
    }

    /// Whether money may be asked for it or spent on it.
    ///
    /// # Errors
    /// `ApprovalNeeded` while it waits, `OrderNotOpen` for one that is over.
    pub fn payable(&self) -> Result<(), Code> {
        match self.state {
            OrderState::Confirmed => Ok(()),
            OrderState::Submitted => Err(Code::ApprovalNeeded { why: None }),
            OrderState::Closed | OrderState::Cancelled => Err(Code::OrderNotOpen),
        }
    }

    /// Whether something made on `on` is made on what stands here (rule 4.3).
    ///
    /// # Errors
    /// `Conflict` with the revision that is held.
    pub fn based_on(&self, on: &Basis) -> Result<(), Code> {
        let fits = match on {
            Basis::Revision(revision) => *revision == self.revision,
            Basis::Operation(op) => *op == self.revised_by,
        };
        if fits {
            Ok(())
        } else {
            Err(Code::Conflict {
                held: self.revision,
            })
        }
    }

    /// Whether it can still be changed.
    ///
    /// # Errors
    /// `OrderNotOpen`.
    pub fn open(&self) -> Result<(), Code> {
        match self.state {
            OrderState::Submitted | OrderState::Confirmed => Ok(()),
            OrderState::Closed | OrderState::Cancelled => Err(Code::OrderNotOpen),
        }
    }
}
