//! Who may do what: one table for terminal and backend (rule 9.5). A button's condition or a
//! hidden field never replaces it. Administrators configure and never touch money; nobody decides
//! on their own entry, whatever their role.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::code::Code;
use crate::id::StaffId;

/// What a member of staff is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sells: orders, payment asks, records of money handed over.
    Sales,
    /// Confirms money and asks for refunds.
    Finance,
    /// Approves: refunds, blocked orders, money without a home. Also called supervisor.
    FinanceLead,
    /// Configures the company, its staff and its wallets.
    Admin,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 4] = [Role::Sales, Role::Finance, Role::FinanceLead, Role::Admin];

    /// The role's word in JSON and on the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Role::Sales => "sales",
            Role::Finance => "finance",
            Role::FinanceLead => "finance_lead",
            Role::Admin => "admin",
        }
    }
}

/// How far a role's permission reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// Not at all.
    Nothing,
    /// Only what the staff made, or whose distributor they serve.
    Own,
    /// Only what belongs to the shift that is open now.
    OwnShift,
    /// Everything in the company.
    All,
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident)*) => {
        /// One act that a role may or may not do.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum Permission {$(
            $(#[$doc])*
            $name,
        )*}

        impl Permission {
            /// Every permission.
            pub const ALL: &[Permission] = &[$(Permission::$name),*];
        }
    };
}

permissions! {
    /// See orders, collections, intents and balances.
    DocumentRead
    /// Make, edit and confirm a sales order.
    OrderCreate
    /// Cancel an order.
    OrderCancel
    /// Approve an order that a rule stopped: credit, price floor, deposit.
    OrderApprove
    /// Ask for the reversal of a confirmed document.
    ReversalRequest
    /// Reverse a confirmed document.
    DocumentReverse
    /// Ask for money: show a QR, send a link, check a receipt code.
    IntentOpen
    /// Record cash, a transfer or a cheque.
    CollectionRecord
    /// Confirm recorded money.
    CollectionConfirm
    /// Reject recorded money.
    CollectionReject
    /// Pay an order from a deposit, and give a reserve back.
    DepositSpend
    /// Take a terminal's allotment back by force.
    AllotmentRevoke
    /// Make a distributor.
    DistributorCreate
    /// Ask for a refund.
    RefundRequest
    /// Approve a refund.
    RefundApprove
    /// Propose where late or unmatched money belongs, or a write-off.
    MatchMoneyPropose
    /// Approve such a proposal.
    MatchMoneyApprove
    /// Free money that is held under a ticket without its operation.
    HeldMoneyFree
    /// Close an item of the attention list, with a reason.
    AttentionClose
    /// Release or reject work that waits for a review, by name.
    ReviewDecide
    /// Close a day.
    DayLock
    /// Open a closed day again.
    DayReopen
    /// Change settings, layouts, buttons.
    Configure
    /// Add, change and retire staff.
    StaffManage
    /// Enrol and revoke terminals.
    TerminalManage
    /// Bind a merchant account and its keys.
    WalletBind
    /// Change and import products, price books, prices and distributors.
    CatalogueImport
    /// Read who did what.
    AuditRead
}

/// How far a role may go with a permission: the table, whole.
pub const fn reach(role: Role, permission: Permission) -> Reach {
    use Permission as P;
    use Reach::{All, Nothing, Own, OwnShift};
    let [sales, finance, finance_lead, admin] = match permission {
        P::DocumentRead | P::AuditRead => [Own, All, All, All],
        P::OrderCreate
        | P::OrderCancel
        | P::ReversalRequest
        | P::IntentOpen
        | P::CollectionRecord
        | P::DepositSpend => [Own, All, All, Nothing],
        P::DistributorCreate => [All, All, All, Nothing],
        P::DocumentReverse => [Nothing, OwnShift, All, Nothing],
        P::CollectionConfirm
        | P::CollectionReject
        | P::AllotmentRevoke
        | P::AttentionClose
        | P::ReviewDecide
        | P::DayLock => [Nothing, All, All, Nothing],
        P::RefundRequest => [Own, All, Nothing, Nothing],
        P::MatchMoneyPropose => [Nothing, All, Nothing, Nothing],
        P::OrderApprove
        | P::RefundApprove
        | P::MatchMoneyApprove
        | P::HeldMoneyFree
        | P::DayReopen => [Nothing, Nothing, All, Nothing],
        P::Configure | P::StaffManage | P::TerminalManage | P::WalletBind | P::CatalogueImport => {
            [Nothing, Nothing, Nothing, All]
        }
    };
    match role {
        Role::Sales => sales,
        Role::Finance => finance,
        Role::FinanceLead => finance_lead,
        Role::Admin => admin,
    }
}

/// Whether the role may do it at all; [`reach`] says on what.
pub const fn allows(role: Role, permission: Permission) -> bool {
    !matches!(reach(role, permission), Reach::Nothing)
}

/// The same as a refusal.
///
/// # Errors
/// `NotAllowed` with the role that tried.
pub fn require(role: Role, permission: Permission) -> Result<(), Code> {
    if allows(role, permission) {
        Ok(())
    } else {
        Err(Code::NotAllowed { role })
    }
}

/// Separation of duties: recorder and confirmer, requester and approver, first and second
/// administrator of a provider key must be two people. Roles don't matter here.
///
/// # Errors
/// `SamePerson`.
pub fn separate(actor: StaffId, other: StaffId) -> Result<(), Code> {
    if actor == other {
        Err(Code::SamePerson)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// The whole table, written a second time in another shape: `-` nothing, `o` own, `s` own
    /// shift, `A` all; columns sales, finance, finance_lead, admin.
    const TABLE: &[(&str, &str)] = &[
        ("document_read", "oAAA"),
        ("order_create", "oAA-"),
        ("order_cancel", "oAA-"),
        ("order_approve", "--A-"),
        ("reversal_request", "oAA-"),
        ("document_reverse", "-sA-"),
        ("intent_open", "oAA-"),
        ("collection_record", "oAA-"),
        ("collection_confirm", "-AA-"),
        ("collection_reject", "-AA-"),
        ("deposit_spend", "oAA-"),
        ("allotment_revoke", "-AA-"),
        ("distributor_create", "AAA-"),
        ("refund_request", "oA--"),
        ("refund_approve", "--A-"),
        ("match_money_propose", "-A--"),
        ("match_money_approve", "--A-"),
        ("held_money_free", "--A-"),
        ("attention_close", "-AA-"),
        ("review_decide", "-AA-"),
        ("day_lock", "-AA-"),
        ("day_reopen", "--A-"),
        ("configure", "---A"),
        ("staff_manage", "---A"),
        ("terminal_manage", "---A"),
        ("wallet_bind", "---A"),
        ("catalogue_import", "---A"),
        ("audit_read", "oAAA"),
    ];

    #[test]
    fn every_role_has_exactly_the_table_for_every_permission() {
        assert_eq!(TABLE.len(), Permission::ALL.len());
        for (permission, (name, row)) in Permission::ALL.iter().zip(TABLE) {
            assert_eq!(serde_json::to_value(permission).unwrap(), *name);
            for (role, cell) in Role::ALL.into_iter().zip(row.chars()) {
                let expected = match cell {
                    '-' => Reach::Nothing,
                    'o' => Reach::Own,
                    's' => Reach::OwnShift,
                    _ => Reach::All,
                };
                assert_eq!(
                    reach(role, *permission),
                    expected,
                    "{role:?} {permission:?}"
                );
                assert_eq!(
                    allows(role, *permission),
                    cell != '-',
                    "{role:?} {permission:?}"
                );
                assert_eq!(require(role, *permission).is_ok(), cell != '-');
            }
        }
    }

    #[test]
    fn an_administrator_reads_and_configures_but_never_touches_money() {
        let may: BTreeSet<Permission> = Permission::ALL
            .iter()
            .copied()
            .filter(|p| allows(Role::Admin, *p))
            .collect();
        let expected = BTreeSet::from([
            Permission::DocumentRead,
            Permission::AuditRead,
            Permission::Configure,
            Permission::StaffManage,
            Permission::TerminalManage,
            Permission::WalletBind,
            Permission::CatalogueImport,
        ]);
        assert_eq!(may, expected);
    }

    #[test]
    fn nobody_both_proposes_and_approves_by_role() {
        for (ask, decide) in [
            (Permission::RefundRequest, Permission::RefundApprove),
            (Permission::MatchMoneyPropose, Permission::MatchMoneyApprove),
        ] {
            for role in Role::ALL {
                assert!(
                    !(allows(role, ask) && allows(role, decide)),
                    "{role:?} {ask:?}"
                );
            }
        }
    }

    #[test]
    fn two_duties_need_two_people() {
        let staff = |n| StaffId(uuid::Uuid::from_u128(n));
        assert_eq!(separate(staff(1), staff(2)), Ok(()));
        assert_eq!(separate(staff(1), staff(1)), Err(Code::SamePerson));
        let refused = require(Role::Admin, Permission::CollectionConfirm);
        assert_eq!(refused, Err(Code::NotAllowed { role: Role::Admin }));
    }
}
