//! Stories through the whole product.
mod order_to_cash;
