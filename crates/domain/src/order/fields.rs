//! What conditions may ask of a sales order: the same names for list filters and for buttons. The
//! table in docs/conditions.md says what each means.

use crate::collection::PaymentMethod;
use crate::condition::{FieldType, Fields, Value};
use crate::money::Money;
use crate::order::{OrderState, PaymentState, SalesOrder};

/// The fields, with their types.
pub fn fields() -> Fields {
    Fields::from([
        ("number", FieldType::Text),
        ("distributor_name", FieldType::Text),
        ("remark", FieldType::Text),
        ("staff", FieldType::Choice),
        ("state", FieldType::Choice),
        ("payment_state", FieldType::Choice),
        ("payment_method", FieldType::Choice),
        ("lines", FieldType::Number),
        ("total_fen", FieldType::Money),
        ("paid_fen", FieldType::Money),
        ("owed_fen", FieldType::Money),
        ("waiting_fen", FieldType::Money),
        ("asked_fen", FieldType::Money),
        ("ordered_on", FieldType::Date),
        ("ordered_at", FieldType::Timestamp),
        ("pending", FieldType::Boolean),
        ("to_look_at", FieldType::Boolean),
    ])
}

/// An order with what stands beside it and is never added into what is paid (rule 5.4).
#[derive(Clone, Copy, Debug)]
pub struct OrderFacts<'a> {
    /// The order.
    pub order: &'a SalesOrder,
    /// Recorded and not confirmed yet.
    pub waiting_fen: Money,
    /// Asked for by live intents.
    pub asked_fen: Money,
    /// Operations on it are not answered yet.
    pub pending: bool,
    /// A person has to look at it.
    pub to_look_at: bool,
}

impl OrderFacts<'_> {
    /// The value of one of [`fields`]; `None` for any other name.
    pub fn value(&self, field: &str) -> Option<Value> {
        let order = self.order;
        Some(match field {
            "number" => text(&order.number),
            "distributor_name" => text(&order.content.distributor_name),
            "remark" => text(&order.content.remark),
            "staff" => text(&order.staff.to_string()),
            "state" => text(state_word(order.state)),
            "payment_state" => text(payment_word(order.payment_state())),
            "payment_method" => match order.content.payment_method {
                Some(method) => text(method_word(method)),
                None => Value::Null,
            },
            "lines" => Value::Number(order.content.lines.len().into()),
            "total_fen" => Value::Money(order.total_fen),
            "paid_fen" => Value::Money(order.paid_fen),
            "owed_fen" => Value::Money(order.owed()),
            "waiting_fen" => Value::Money(self.waiting_fen),
            "asked_fen" => Value::Money(self.asked_fen),
            "ordered_on" => Value::Date(order.ordered_at.business_day()),
            "ordered_at" => Value::Timestamp(order.ordered_at),
            "pending" => Value::Boolean(self.pending),
            "to_look_at" => Value::Boolean(self.to_look_at),
            _ => return None,
        })
    }
}

/// The words that these have in JSON; the tests compare them.
fn state_word(state: OrderState) -> &'static str {
    match state {
        OrderState::Submitted => "submitted",
        OrderState::Confirmed => "confirmed",
        OrderState::Closed => "closed",
        OrderState::Cancelled => "cancelled",
    }
}

fn payment_word(state: PaymentState) -> &'static str {
    match state {
        PaymentState::Unpaid => "unpaid",
        PaymentState::PartlyPaid => "partly_paid",
        PaymentState::Paid => "paid",
        PaymentState::Overpaid => "overpaid",
    }
}

fn method_word(method: PaymentMethod) -> &'static str {
    match method {
        PaymentMethod::Online => "online",
        PaymentMethod::QrCode => "qr_code",
        PaymentMethod::Cash => "cash",
        PaymentMethod::BankTransfer => "bank_transfer",
        PaymentMethod::Cheque => "cheque",
        PaymentMethod::Deposit => "deposit",
    }
}

fn text(word: &str) -> Value {
    Value::Text(word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::OrderContent;

    #[test]
    fn every_field_has_a_value_and_nothing_else_does() {
        let order = SalesOrder {
            id: crate::id::OrderId(uuid::Uuid::from_u128(1)),
            number: "T07-261122-0001".into(),
            revision: 1,
            revised_by: crate::id::OpId(uuid::Uuid::from_u128(4)),
            revisions: Vec::new(),
            state: OrderState::Confirmed,
            content: OrderContent {
                distributor: crate::id::DistributorId(uuid::Uuid::from_u128(2)),
                distributor_name: "重庆".into(),
                lines: Vec::new(),
                discount: crate::quantity::LineDiscount::None,
                payment_method: None,
                remark: String::new(),
            },
            total_fen: Money::ZERO,
            paid_fen: Money::ZERO,
            staff: crate::id::StaffId(uuid::Uuid::from_u128(3)),
            terminal: crate::id::TerminalId(7),
            ordered_at: crate::Timestamp(0),
        };
        let facts = OrderFacts {
            order: &order,
            waiting_fen: Money::ZERO,
            asked_fen: Money::ZERO,
            pending: false,
            to_look_at: false,
        };
        for (field, _) in fields() {
            assert!(facts.value(field).is_some(), "{field}");
        }
        assert_eq!(facts.value("colour"), None);
        assert_eq!(facts.value("state"), Some(text("confirmed")));
    }

    #[test]
    fn choices_are_the_words_of_the_wire() {
        use PaymentMethod as M;
        for state in [
            OrderState::Submitted,
            OrderState::Confirmed,
            OrderState::Closed,
            OrderState::Cancelled,
        ] {
            assert_eq!(serde_json::to_value(state).unwrap(), state_word(state));
        }
        for state in [
            PaymentState::Unpaid,
            PaymentState::PartlyPaid,
            PaymentState::Paid,
            PaymentState::Overpaid,
        ] {
            assert_eq!(serde_json::to_value(state).unwrap(), payment_word(state));
        }
        for method in [
            M::Online,
            M::QrCode,
            M::Cash,
            M::BankTransfer,
            M::Cheque,
            M::Deposit,
        ] {
            assert_eq!(serde_json::to_value(method).unwrap(), method_word(method));
        }
    }
}
