//! The fields of a sales order that conditions may name, with their values.

use crate::collection::PaymentMethod;
use crate::condition::{FieldType, Fields, Value};
use crate::order::{OrderState, PaymentState, SalesOrder};
use rust_decimal::Decimal;

/// The fields of a sales order.
pub fn order_fields() -> Fields {
    Fields::from([
        ("number", FieldType::Text),
        ("distributor_name", FieldType::Text),
        ("remark", FieldType::Text),
        ("state", FieldType::Choice),
        ("payment_state", FieldType::Choice),
        ("payment_method", FieldType::Choice),
        ("line_count", FieldType::Number),
        ("total_fen", FieldType::Money),
        ("paid_fen", FieldType::Money),
        ("owed_fen", FieldType::Money),
        ("ordered_on", FieldType::Date),
        ("ordered_at", FieldType::Timestamp),
    ])
}

/// The value of such a field; `None` for any other name.
pub fn order_value(order: &SalesOrder, field: &str) -> Option<Value> {
    Some(match field {
        "number" => Value::Text(order.number.clone()),
        "distributor_name" => Value::Text(order.content.distributor_name.clone()),
        "remark" => Value::Text(order.content.remark.clone()),
        "state" => text(state_word(order.state)),
        "payment_state" => text(payment_word(order.payment_state())),
        "payment_method" => order
            .content
            .payment_method
            .map_or(Value::Null, |method| text(method_word(method))),
        "line_count" => Value::Number(Decimal::from(order.content.lines.len())),
        "total_fen" => Value::Money(order.total_fen),
        "paid_fen" => Value::Money(order.paid_fen),
        "owed_fen" => Value::Money(order.owed()),
        "ordered_on" => Value::Date(order.ordered_at.business_day()),
        "ordered_at" => Value::Timestamp(order.ordered_at),
        _ => return None,
    })
}

fn text(word: &str) -> Value {
    Value::Text(word.to_owned())
}

// The words are those of the JSON; the test below holds them to it.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_choices_are_those_of_the_json() {
        use OrderState as S;
        use PaymentMethod as M;
        use PaymentState as P;
        for state in [S::Submitted, S::Confirmed, S::Closed, S::Cancelled] {
            assert_eq!(serde_json::to_value(state).unwrap(), state_word(state));
        }
        for state in [P::Unpaid, P::PartlyPaid, P::Paid, P::Overpaid] {
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
