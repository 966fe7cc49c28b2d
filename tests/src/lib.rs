//! Stories through the whole product live in this package's test targets.
