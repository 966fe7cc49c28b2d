//! Double entry: every move of money is an [`Entry`] whose postings sum to zero, so that nothing
//! can be made or lost by a bug in a rule (invariant 3). An entry that does not sum to zero cannot
//! be constructed, and every rule that moves money has one builder here, named after it.
//!
//! **Signs.** A positive balance is what the company answers for: money applied to a distributor's
//! orders, held for one, or on its way back to one. Where the money is (with a channel, in the
//! till, with the bank) stands with the opposite sign, so money coming in makes `channel_clearing`
//! more negative. All balances together are zero. What the company answers for can't be less than
//! nothing: those accounts have the floor zero (see [`Account::floor`]).

use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::channel::Channel;
use crate::collection::PaymentMethod;
use crate::id::{DistributorId, IntentId, TerminalId};
use crate::money::{Money, MoneyError};

/// Why an entry was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The postings leave something over.
    #[error("the entry leaves {0} over: its postings must sum to zero")]
    Unbalanced(Money),
    /// There is nothing to post.
    #[error("the entry moves no money: leave it out")]
    Empty,
    /// An amount must be above zero.
    #[error("{0} cannot be moved: the amount must be above zero")]
    NotPositive(Money),
    /// More would be applied or released than came in.
    #[error("{part} cannot be part of {whole}: lower it")]
    MoreThanWhole {
        /// What was to be taken.
        part: Money,
        /// What it was to be taken from.
        whole: Money,
    },
    /// This payment method brings no money from outside by hand.
    #[error("{0:?} is not a method that finance confirms: book it by its own rule")]
    NotOffline(PaymentMethod),
    /// Money leaves through a channel or by hand only.
    #[error("a refund leaves through a channel or by hand: {0:?} is neither")]
    NotAWayOut(Source),
    /// An amount is beyond what [`Money`] holds.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// Where money is, or whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Account {
    /// With a payment channel, not yet paid out to the company's bank account.
    ChannelClearing {
        /// Which channel.
        channel: Channel,
    },
    /// Received by hand and confirmed by finance: till, bank account or cheque folder.
    CashInHand {
        /// `cash`, `bank_transfer` or `cheque`.
        method: PaymentMethod,
    },
    /// What channels have kept for themselves.
    Fees {
        /// Which channel.
        channel: Channel,
    },
    /// Money applied to a distributor's orders.
    Applied {
        /// Whose orders.
        distributor: DistributorId,
    },
    /// A distributor's money that pays no order yet.
    Unapplied {
        /// Whose money.
        distributor: DistributorId,
    },
    /// The part of a deposit that is spendable with the backend.
    DepositAvailable {
        /// Whose deposit.
        distributor: DistributorId,
    },
    /// The part of a deposit reserved for one terminal (rule 7.1).
    DepositAllotted {
        /// Whose deposit.
        distributor: DistributorId,
        /// Which terminal may spend it offline.
        terminal: TerminalId,
    },
    /// Money that came twice and is to go back (rule 6.8).
    Refundable {
        /// Whose money.
        distributor: DistributorId,
    },
    /// Money of an approved refund that the channel has not confirmed yet (rule 5.8).
    Refunding {
        /// Whose money.
        distributor: DistributorId,
    },
    /// Verified money that fits no attempt of ours (rule 6.7).
    Unidentified {
        /// The channel it came through.
        channel: Channel,
    },
    /// Money that came before its operation (rule 6.5).
    HeldTicket {
        /// The ticket's number, which is its intent's id.
        ticket: IntentId,
    },
    /// Money that is gone although what it was to come from is not there: deposit spends that came
    /// after their allotment was revoked (rule 7.4), refunds that succeeded after they had failed.
    /// Negative until finance has cleared it.
    Suspense {
        /// Whose money was spent.
        distributor: DistributorId,
    },
}

impl Account {
    /// The lowest balance the account may have; `None` where it may be negative. A store checks
    /// this on every running total.
    pub const fn floor(&self) -> Option<Money> {
        match self {
            Account::ChannelClearing { .. }
            | Account::CashInHand { .. }
            | Account::Fees { .. }
            | Account::Suspense { .. } => None,
            Account::Applied { .. }
            | Account::Unapplied { .. }
            | Account::DepositAvailable { .. }
            | Account::DepositAllotted { .. }
            | Account::Refundable { .. }
            | Account::Refunding { .. }
            | Account::Unidentified { .. }
            | Account::HeldTicket { .. } => Some(Money::ZERO),
        }
    }

    /// The account's kind, as in JSON and in the store.
    pub const fn kind(&self) -> &'static str {
        match self {
            Account::ChannelClearing { .. } => "channel_clearing",
            Account::CashInHand { .. } => "cash_in_hand",
            Account::Fees { .. } => "fees",
            Account::Applied { .. } => "applied",
            Account::Unapplied { .. } => "unapplied",
            Account::DepositAvailable { .. } => "deposit_available",
            Account::DepositAllotted { .. } => "deposit_allotted",
            Account::Refundable { .. } => "refundable",
            Account::Refunding { .. } => "refunding",
            Account::Unidentified { .. } => "unidentified",
            Account::HeldTicket { .. } => "held_ticket",
            Account::Suspense { .. } => "suspense",
        }
    }
}

/// The account's one name, `kind:owner[:terminal]`: a store's key. A new kind needs no new column.
impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind();
        match self {
            Account::ChannelClearing { channel }
            | Account::Fees { channel }
            | Account::Unidentified { channel } => write!(f, "{kind}:{}", channel_word(*channel)),
            Account::CashInHand { method } => write!(f, "{kind}:{}", method_word(*method)),
            Account::Applied { distributor }
            | Account::Unapplied { distributor }
            | Account::DepositAvailable { distributor }
            | Account::Refundable { distributor }
            | Account::Refunding { distributor }
            | Account::Suspense { distributor } => write!(f, "{kind}:{distributor}"),
            Account::DepositAllotted {
                distributor,
                terminal,
            } => {
                write!(f, "{kind}:{distributor}:{terminal}")
            }
            Account::HeldTicket { ticket } => write!(f, "{kind}:{ticket}"),
        }
    }
}

const fn channel_word(channel: Channel) -> &'static str {
    match channel {
        Channel::WechatPay => "wechat_pay",
        Channel::Alipay => "alipay",
    }
}

const fn method_word(method: PaymentMethod) -> &'static str {
    match method {
        PaymentMethod::Online => "online",
        PaymentMethod::QrCode => "qr_code",
        PaymentMethod::Cash => "cash",
        PaymentMethod::BankTransfer => "bank_transfer",
        PaymentMethod::Cheque => "cheque",
        PaymentMethod::Deposit => "deposit",
    }
}

/// One change of one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// Which account.
    pub account: Account,
    /// By how much; see the module for the sign.
    pub amount_fen: Money,
}

/// One move of money: postings to distinct accounts, none of them zero, that sum to zero.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Posting>", into = "Vec<Posting>")]
pub struct Entry(Vec<Posting>);

impl Entry {
    /// An entry of these postings; those to the same account are joined, zeros left out.
    ///
    /// # Errors
    /// `Unbalanced`, `Empty`, or an amount out of range.
    pub fn new(postings: Vec<Posting>) -> Result<Entry, LedgerError> {
        let over = Money::sum(postings.iter().map(|posting| posting.amount_fen))?;
        if !over.is_zero() {
            return Err(LedgerError::Unbalanced(over));
        }
        let mut joined: Vec<Posting> = Vec::with_capacity(postings.len());
        for posting in postings {
            match joined
                .iter_mut()
                .find(|held| held.account == posting.account)
            {
                None => joined.push(posting),
                Some(held) => {
                    held.amount_fen = Money::sum([held.amount_fen, posting.amount_fen])?;
                }
            }
        }
        joined.retain(|posting| !posting.amount_fen.is_zero());
        if joined.is_empty() {
            Err(LedgerError::Empty)
        } else {
            Ok(Entry(joined))
        }
    }

    /// The postings, to distinct accounts.
    pub fn postings(&self) -> &[Posting] {
        &self.0
    }

    /// What the entry does to one account.
    pub fn change_of(&self, account: &Account) -> Money {
        self.0
            .iter()
            .find(|posting| posting.account == *account)
            .map_or(Money::ZERO, |posting| posting.amount_fen)
    }

    /// The reversal: the same accounts, every amount the other way round.
    #[must_use]
    pub fn mirror(&self) -> Entry {
        let turn = |p: &Posting| Posting {
            account: p.account,
            amount_fen: p.amount_fen.neg(),
        };
        Entry(self.0.iter().map(turn).collect())
    }
}

impl TryFrom<Vec<Posting>> for Entry {
    type Error = LedgerError;

    fn try_from(postings: Vec<Posting>) -> Result<Entry, LedgerError> {
        Entry::new(postings)
    }
}

impl From<Entry> for Vec<Posting> {
    fn from(entry: Entry) -> Vec<Posting> {
        entry.0
    }
}

/// Where money comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Verified evidence of a channel.
    Channel(Channel),
    /// Finance's confirmation of cash, a transfer or a cheque.
    Offline(PaymentMethod),
    /// Money held under a ticket, whose operation has come or which finance has freed (rule 6.5).
    Held(IntentId),
    /// Unidentified money that finance has matched.
    Unidentified(Channel),
}

impl Source {
    fn account(self) -> Result<Account, LedgerError> {
        match self {
            Source::Channel(channel) => Ok(Account::ChannelClearing { channel }),
            Source::Offline(method) if method.recorded_by_hand() => {
                Ok(Account::CashInHand { method })
            }
            Source::Offline(method) => Err(LedgerError::NotOffline(method)),
            Source::Held(ticket) => Ok(Account::HeldTicket { ticket }),
            Source::Unidentified(channel) => Ok(Account::Unidentified { channel }),
        }
    }
}

/// What a deposit spend draws on (rule 7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reserve {
    /// The backend's own part, while online.
    Available,
    /// The allotment of one terminal.
    Allotted(TerminalId),
    /// Nothing any more: the allotment was revoked before the spend arrived (rule 7.4).
    Revoked,
}

impl Reserve {
    const fn account(self, distributor: DistributorId) -> Account {
        match self {
            Reserve::Available => Account::DepositAvailable { distributor },
            Reserve::Allotted(terminal) => Account::DepositAllotted {
                distributor,
                terminal,
            },
            Reserve::Revoked => Account::Suspense { distributor },
        }
    }
}

/// What a refund takes from, and where a failed one goes back to (rule 5.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RefundFrom {
    /// The collection's unapplied rest.
    Unapplied,
    /// Named allocations, which the orders lose.
    Allocations,
    /// A top-up, out of what is available; allotted money is never refunded.
    Deposit,
    /// Money that came twice.
    Refundable,
}

/// Money for orders came in: from a channel (rule 6.7), by hand (rule 5.6), or out of a hold
/// (rule 6.5). What [`crate::allocation::apply`] could not apply stays unapplied; late money and
/// purpose `other` pass `applied` zero.
///
/// # Errors
/// `gross` not positive, or `applied` negative or above it.
pub fn money_in(
    source: Source,
    distributor: DistributorId,
    gross: Money,
    applied: Money,
) -> Result<Entry, LedgerError> {
    let rest = rest_of(gross, applied)?;
    entry(&[
        (source.account()?, gross.neg()),
        (Account::Applied { distributor }, applied),
        (Account::Unapplied { distributor }, rest),
    ])
}

/// A deposit was topped up, from any source.
///
/// # Errors
/// The amount is not positive, or the method is none that finance confirms.
pub fn top_up(
    source: Source,
    distributor: DistributorId,
    amount: Money,
) -> Result<Entry, LedgerError> {
    transfer(
        source.account()?,
        Account::DepositAvailable { distributor },
        amount,
    )
}

/// A second success for the same intent: refundable, whatever the orders owe (rule 6.8).
///
/// # Errors
/// The amount is not positive.
pub fn duplicate_success(
    channel: Channel,
    distributor: DistributorId,
    amount: Money,
) -> Result<Entry, LedgerError> {
    transfer(
        Account::ChannelClearing { channel },
        Account::Refundable { distributor },
        amount,
    )
}

/// Verified money that fits no attempt (rule 6.7).
///
/// # Errors
/// The amount is not positive.
pub fn unidentified_money(channel: Channel, amount: Money) -> Result<Entry, LedgerError> {
    transfer(
        Account::ChannelClearing { channel },
        Account::Unidentified { channel },
        amount,
    )
}

/// Money that came before its operation (rule 6.5).
///
/// # Errors
/// The amount is not positive.
pub fn held_money(channel: Channel, ticket: IntentId, amount: Money) -> Result<Entry, LedgerError> {
    transfer(
        Account::ChannelClearing { channel },
        Account::HeldTicket { ticket },
        amount,
    )
}

/// Unapplied money is put to orders (rule 5.7).
///
/// # Errors
/// The amount is not positive.
pub fn unapplied_allocated(
    distributor: DistributorId,
    amount: Money,
) -> Result<Entry, LedgerError> {
    transfer(
        Account::Unapplied { distributor },
        Account::Applied { distributor },
        amount,
    )
}

/// Unapplied money is put to the deposit.
///
/// # Errors
/// The amount is not positive.
pub fn unapplied_deposited(
    distributor: DistributorId,
    amount: Money,
) -> Result<Entry, LedgerError> {
    transfer(
        Account::Unapplied { distributor },
        Account::DepositAvailable { distributor },
        amount,
    )
}

/// A terminal is given a reserve to spend offline (rule 7.1).
///
/// # Errors
/// The amount is not positive.
pub fn allotment_granted(
    distributor: DistributorId,
    terminal: TerminalId,
    amount: Money,
) -> Result<Entry, LedgerError> {
    let reserve = Account::DepositAllotted {
        distributor,
        terminal,
    };
    transfer(Account::DepositAvailable { distributor }, reserve, amount)
}

/// A reserve comes back: released by the terminal, or revoked by finance (rule 7.4).
///
/// # Errors
/// The amount is not positive.
pub fn allotment_released(
    distributor: DistributorId,
    terminal: TerminalId,
    amount: Money,
) -> Result<Entry, LedgerError> {
    allotment_granted(distributor, terminal, amount).map(|granted| granted.mirror())
}

/// A deposit pays orders (rules 5.6, 7.1, 7.4). Undoing it is [`order_excess_released`]: a
/// reversed spend returns to available, never to an allotment.
///
/// # Errors
/// `amount` not positive, `applied` negative or above it, or `Empty` when nothing would move. What
/// an order no longer takes goes from an allotment to available.
pub fn deposit_spent(
    reserve: Reserve,
    distributor: DistributorId,
    amount: Money,
    applied: Money,
) -> Result<Entry, LedgerError> {
    let rest = rest_of(amount, applied)?;
    let rest_to = match reserve {
        Reserve::Available | Reserve::Allotted(_) => Reserve::Available.account(distributor),
        Reserve::Revoked => reserve.account(distributor),
    };
    entry(&[
        (reserve.account(distributor), amount.neg()),
        (Account::Applied { distributor }, applied),
        (rest_to, rest),
    ])
}

/// Finance covers a spend that stands in suspense out of the deposit (rule 7.4).
///
/// # Errors
/// The amount is not positive.
pub fn suspense_covered(distributor: DistributorId, amount: Money) -> Result<Entry, LedgerError> {
    transfer(
        Account::DepositAvailable { distributor },
        Account::Suspense { distributor },
        amount,
    )
}

/// Finance covers what stands in suspense out of unapplied money.
///
/// # Errors
/// The amount is not positive.
pub fn suspense_covered_by_unapplied(
    distributor: DistributorId,
    amount: Money,
) -> Result<Entry, LedgerError> {
    transfer(
        Account::Unapplied { distributor },
        Account::Suspense { distributor },
        amount,
    )
}

/// An order was cancelled or lowered: what it was paid too much is released to where it came from
/// (rule 5.8).
///
/// # Errors
/// A part is negative, or both are zero.
pub fn order_excess_released(
    distributor: DistributorId,
    to_unapplied: Money,
    to_deposit: Money,
) -> Result<Entry, LedgerError> {
    if let Some(part) = [to_unapplied, to_deposit]
        .into_iter()
        .find(|part| part.is_negative())
    {
        return Err(LedgerError::NotPositive(part));
    }
    entry(&[
        (
            Account::Applied { distributor },
            Money::sum([to_unapplied, to_deposit])?.neg(),
        ),
        (Account::Unapplied { distributor }, to_unapplied),
        (Account::DepositAvailable { distributor }, to_deposit),
    ])
}

/// A refund was approved: its money can't be used for anything else from here (rule 5.8).
///
/// # Errors
/// The amount is not positive.
pub fn refund_approved(
    from: RefundFrom,
    distributor: DistributorId,
    amount: Money,
) -> Result<Entry, LedgerError> {
    let account = match from {
        RefundFrom::Unapplied => Account::Unapplied { distributor },
        RefundFrom::Allocations => Account::Applied { distributor },
        RefundFrom::Deposit => Account::DepositAvailable { distributor },
        RefundFrom::Refundable => Account::Refundable { distributor },
    };
    transfer(account, Account::Refunding { distributor }, amount)
}

/// The channel has paid a refund out, or finance has handed it back by hand.
///
/// # Errors
/// The amount is not positive, or the source is a hold or no method that finance confirms.
pub fn refund_succeeded(
    source: Source,
    distributor: DistributorId,
    amount: Money,
) -> Result<Entry, LedgerError> {
    if matches!(source, Source::Held(_) | Source::Unidentified(_)) {
        return Err(LedgerError::NotAWayOut(source));
    }
    transfer(
        Account::Refunding { distributor },
        source.account()?,
        amount,
    )
}

/// A refund failed for good: back to unapplied, for a top-up to the deposit, for money that came
/// twice to refundable. Released allocations don't come back by themselves (rule 5.8).
///
/// # Errors
/// The amount is not positive.
pub fn refund_failed(
    from: RefundFrom,
    distributor: DistributorId,
    amount: Money,
) -> Result<Entry, LedgerError> {
    transfer(
        Account::Refunding { distributor },
        given_back_to(from, distributor),
        amount,
    )
}

/// A refund that had failed for good has succeeded after all: what it gave back is taken again as
/// far as it is `still_there`; the rest is open until finance clears it.
///
/// # Errors
/// The amount is not positive, or `still_there` negative or above it.
pub fn refund_succeeded_late(
    channel: Channel,
    from: RefundFrom,
    distributor: DistributorId,
    amount: Money,
    still_there: Money,
) -> Result<Entry, LedgerError> {
    let gone = rest_of(amount, still_there)?;
    entry(&[
        (given_back_to(from, distributor), still_there.neg()),
        (Account::Suspense { distributor }, gone.neg()),
        (Account::ChannelClearing { channel }, amount),
    ])
}

/// Where a failed refund's money goes.
pub fn given_back_to(from: RefundFrom, distributor: DistributorId) -> Account {
    match from {
        RefundFrom::Unapplied | RefundFrom::Allocations => Account::Unapplied { distributor },
        RefundFrom::Deposit => Account::DepositAvailable { distributor },
        RefundFrom::Refundable => Account::Refundable { distributor },
    }
}

/// A bill says what the channel kept. Orders and deposits count gross, so only the whereabouts of
/// the money changes.
///
/// # Errors
/// The amount is not positive.
pub fn channel_fee(channel: Channel, fee: Money) -> Result<Entry, LedgerError> {
    transfer(
        Account::Fees { channel },
        Account::ChannelClearing { channel },
        fee,
    )
}

fn rest_of(whole: Money, part: Money) -> Result<Money, LedgerError> {
    if !whole.is_positive() {
        return Err(LedgerError::NotPositive(whole));
    }
    match whole.checked_sub(part) {
        Some(rest) if !part.is_negative() && !rest.is_negative() => Ok(rest),
        _ => Err(LedgerError::MoreThanWhole { part, whole }),
    }
}

fn transfer(from: Account, to: Account, amount: Money) -> Result<Entry, LedgerError> {
    if !amount.is_positive() {
        return Err(LedgerError::NotPositive(amount));
    }
    entry(&[(from, amount.neg()), (to, amount)])
}

fn entry(postings: &[(Account, Money)]) -> Result<Entry, LedgerError> {
    let posting = |(account, amount_fen): &(Account, Money)| Posting {
        account: *account,
        amount_fen: *amount_fen,
    };
    Entry::new(postings.iter().map(posting).collect())
}

#[cfg(test)]
mod tests;
