//! The pay sheet: an intent with its ticket and its QR. The same act works online and offline; only
//! the text of the link differs (rules 6.1, 6.2). Nothing here can make an intent paid.

use crate::api::payments::*;
use crate::api::{Context, Nothing};
use crate::ledger::Fault;
use crate::ledger::views::{IntentView, OrderView};
use crate::terminal::Terminal;
use crate::transact::{Done, Tx};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::channel::Channel;
use domain::collection::{Allocation, Purpose, check_allocations};
use domain::config::ConfigVersion;
use domain::fee::Fee;
use domain::id::{DistributorId, IntentId, OpId, OrderId, StaffId, TerminalId};
use domain::intent::Ticket;
use domain::operation::{IntentClose, IntentOpen, IntentProof, OpBody};
use domain::{Code, Money, Timestamp, capital::capital};
use std::time::Duration;
use wire::link::LinkBody;
use wire::receipt::Receipt;

/// How long the pay sheet waits for the backend's short link before it shows the signed one. Both
/// stay payable; the short one is the smaller code.
const SHORT_LINK_WAIT: Duration = Duration::from_millis(700);
/// How long F9 waits for tickets that are on their way: right after enrolment, or when the last one
/// has just been used.
const TICKET_WAIT: Duration = Duration::from_secs(5);
/// Wrong receipt codes that lock a ticket (rule 6.6).
const CODE_TRIES: u32 = 5;

/// Opens the pay sheet for orders of one distributor, or submits a draft and opens it (F9).
///
/// # Errors
/// `NoTicket`, `LeaseEnded`, `OnlinePaymentOff`, `AlreadyAsked`, `BadField` for orders of several
/// distributors, what a draft lacks, and what the file says.
pub fn pay_orders(context: &Context<'_>, input: PayOrders) -> Result<Done<PayView>, Code> {
    let terminal = context.terminal;
    let staff = context.actor()?;
    let open = Opening::check(terminal)?;
    let done = terminal.ledger().transact("pay_orders", |tx| {
        let mut asked = Asked::default();
        for order in &input.orders {
            ask_for(terminal, tx, staff, *order, &mut asked)?;
        }
        let distributor = asked.distributor.ok_or(Code::BadField {
            field: "orders".to_owned(),
        })?;
        let total = Money::sum(asked.allocations.iter().map(|part| part.amount_fen))
            .map_err(|_| Code::AmountTooLarge { row: 0 })?;
        let amount = input.amount_fen.unwrap_or(total);
        if amount > total {
            return Err(Code::OverAllocated.into());
        }
        let allocations = cut(asked.allocations, amount);
        let ask = Ask {
            purpose: Purpose::OrderPayment,
            distributor,
            amount,
            allocations,
        };
        open_intent(terminal, tx, staff, ask, &open, &asked.depends_on)
    })?;
    for order in &input.orders {
        crate::orders::draft::forget(terminal, *order);
    }
    shown(terminal, done)
}

/// Opens the pay sheet for a collection that is made by itself and paid online: its allocations are
/// as the person left them, and what they leave of the amount stays unapplied (rule 5.7).
///
/// # Errors
/// `OnlinePaymentOff` where collections can't be paid online, `NoTicket`, `LeaseEnded`, those of
/// `check_allocations`, `AlreadyAsked`, `OrderNotOpen`, `BadField` for another distributor's order, and
/// what the file says.
pub fn pay_collection(context: &Context<'_>, input: PayCollection) -> Result<Done<PayView>, Code> {
    let terminal = context.terminal;
    let staff = context.actor()?;
    let config = terminal.ledger().config()?.config;
    if !config.collection_online_payment_enabled {
        return Err(Code::OnlinePaymentOff);
    }
    check_allocations(input.purpose, input.amount_fen, &input.allocations)?;
    let open = Opening::check(terminal)?;
    let done = terminal.ledger().transact("pay_collection", |tx| {
        for part in &input.allocations {
            let held = tx.order(part.order)?;
            if held.order.content.distributor != input.distributor {
                return Err(Code::BadField {
                    field: "allocations".to_owned(),
                }
                .into());
            }
            held.order.payable()?;
            if part.amount_fen > askable(tx, &held)? {
                return Err(Code::AlreadyAsked.into());
            }
        }
        let ask = Ask {
            purpose: input.purpose,
            distributor: input.distributor,
            amount: input.amount_fen,
            allocations: input.allocations,
        };
        open_intent(terminal, tx, staff, ask, &open, &[])
    })?;
    shown(terminal, done)
}

/// Opens the pay sheet for a top-up.
///
/// # Errors
/// `NoTicket`, `LeaseEnded`, `OnlinePaymentOff`, `AmountNotPositive`, and what the file says.
pub fn pay_top_up(context: &Context<'_>, input: PayTopUp) -> Result<Done<PayView>, Code> {
    let terminal = context.terminal;
    let staff = context.actor()?;
    let open = Opening::check(terminal)?;
    let done = terminal.ledger().transact("pay_top_up", |tx| {
        let ask = Ask {
            purpose: Purpose::PrepaidDeposit,
            distributor: input.distributor,
            amount: input.amount_fen,
            allocations: Vec::new(),
        };
        open_intent(terminal, tx, staff, ask, &open, &[])
    })?;
    shown(terminal, done)
}

/// What lease and configuration allow at this moment.
struct Opening {
    config: ConfigVersion,
    clock_behind: bool,
}

impl Opening {
    fn check(terminal: &Terminal) -> Result<Opening, Code> {
        let standing = terminal.ledger().lease()?;
        if standing.ended {
            return Err(Code::LeaseEnded);
        }
        let config = terminal.ledger().config()?;
        if !config.config.online_payment_enabled {
            return Err(Code::OnlinePaymentOff);
        }
        fetch_tickets(terminal)?;
        Ok(Opening {
            config,
            clock_behind: standing.clock_behind,
        })
    }

    fn life_ms(&self) -> i64 {
        i64::from(self.config.config.intent_lifetime_s) * 1_000
    }

    /// Whether some bound channel takes a payment of this much.
    fn allows(&self, amount: Money) -> Result<(), Code> {
        if !offered(&self.config, amount).is_empty() {
            return Ok(());
        }
        let limits = &self.config.config.limits;
        let mut bound = Channel::ALL
            .into_iter()
            .filter(|channel| self.config.bindings.has(*channel));
        let Some(first) = bound.next() else {
            // The backend knows better, or has not said yet.
            return Ok(());
        };
        let fen = |bound: Option<Money>| bound.map_or_else(String::new, |m| m.fen().to_string());
        let limit = limits.of(first);
        Err(Code::AmountOutsideLimits {
            least_fen: fen(limit.least_fen),
            most_fen: fen(limit.most_fen),
        })
    }
}

/// The bound channels that take a payment of this much.
fn offered(config: &ConfigVersion, amount: Money) -> Vec<Channel> {
    Channel::ALL
        .into_iter()
        .filter(|channel| config.bindings.has(*channel))
        .filter(|channel| config.config.limits.of(*channel).allows(amount))
        .collect()
}

/// With the backend in reach, an empty stock of tickets is filled first; without it there is nothing
/// to wait for, and taking a ticket says so.
fn fetch_tickets(terminal: &Terminal) -> Result<(), Code> {
    let any = || Ok(terminal.ledger().outbox_counts()?.tickets > 0);
    if any()? || !terminal.online() || terminal.ledger().work_offline()? {
        return Ok(());
    }
    if let Some(sync) = terminal.sync() {
        sync.sync_now();
        terminal.wait_until(TICKET_WAIT, any)?;
    }
    Ok(())
}

#[derive(Default)]
struct Asked {
    distributor: Option<DistributorId>,
    allocations: Vec<Allocation>,
    depends_on: Vec<OpId>,
}

fn ask_for(
    terminal: &Terminal,
    tx: &mut Tx<'_>,
    staff: StaffId,
    order: OrderId,
    asked: &mut Asked,
) -> Result<(), Fault> {
    let missing = || Code::NotFound {
        what: "order".to_owned(),
    };
    if crate::ledger::order(tx.conn(), order)?.is_none() {
        asked
            .depends_on
            .push(crate::orders::submit_draft(terminal, tx, staff, order)?);
    }
    let held = crate::ledger::order(tx.conn(), order)?.ok_or_else(missing)?;
    let distributor = held.order.content.distributor;
    if *asked.distributor.get_or_insert(distributor) != distributor {
        return Err(Code::BadField {
            field: "orders".to_owned(),
        }
        .into());
    }
    held.order.payable()?;
    let free = askable(tx, &held)?;
    if !free.is_positive() {
        return Err(Code::AlreadyAsked.into());
    }
    asked.allocations.push(Allocation {
        order,
        amount_fen: free,
    });
    Ok(())
}

/// What may be asked for an order: what no live ask holds, and what asks hold that a change of the
/// order made here has superseded. Their QRs stay payable until the backend has the change.
fn askable(tx: &Tx<'_>, held: &OrderView) -> Result<Money, Fault> {
    let mut view = held.clone();
    for id in &held.live_intents {
        let intent = tx.intent(*id)?.intent;
        if intent.proved_offline || !crate::ledger::superseded(tx.conn(), &held.order, &intent)? {
            continue;
        }
        for part in &intent.allocations {
            if part.order == held.order.id {
                let rest = view.asked_fen.checked_sub(part.amount_fen);
                view.asked_fen = rest.unwrap_or(Money::ZERO);
            }
        }
    }
    Ok(view.free())
}

/// The allocations as far as `amount` goes, in the order given.
fn cut(allocations: Vec<Allocation>, amount: Money) -> Vec<Allocation> {
    let mut rest = amount;
    let mut out = Vec::new();
    for part in allocations {
        let amount_fen = part.amount_fen.min(rest);
        if amount_fen.is_positive() {
            rest = rest.checked_sub(amount_fen).unwrap_or(Money::ZERO);
            out.push(Allocation { amount_fen, ..part });
        }
    }
    out
}

struct Ask {
    purpose: Purpose,
    distributor: DistributorId,
    amount: Money,
    allocations: Vec<Allocation>,
}

fn open_intent(
    terminal: &Terminal,
    tx: &mut Tx<'_>,
    staff: StaffId,
    ask: Ask,
    opening: &Opening,
    depends_on: &[OpId],
) -> Result<IntentId, Fault> {
    if !ask.amount.is_positive() {
        return Err(Code::AmountNotPositive.into());
    }
    opening.allows(ask.amount)?;
    let found = crate::distributors::find_in(terminal, tx.conn(), ask.distributor)?;
    let now = tx.now();
    let ticket = tx.take_ticket(now)?;
    let body = IntentOpen {
        intent: ticket.id,
        purpose: ask.purpose,
        distributor: ask.distributor,
        amount_fen: ask.amount,
        allocations: ask.allocations,
        revision: 1,
        expires_at: expiry(now, opening, &ticket),
        distributor_number: found.number,
    };
    let intent = body.intent;
    tx.append(staff, OpBody::IntentOpen(body), depends_on)?;
    Ok(intent)
}

/// Whole seconds, as the link carries them; never beyond the ticket's own end. With a clock that
/// stands behind, only the ticket's end means anything (rule 7.3).
fn expiry(now: Timestamp, opening: &Opening, ticket: &Ticket) -> Timestamp {
    let wanted = if opening.clock_behind {
        ticket.expires_at
    } else {
        now.plus_ms(opening.life_ms()).min(ticket.expires_at)
    };
    Timestamp(wanted.0.div_euclid(1000) * 1000)
}

fn shown(terminal: &Terminal, done: Done<IntentId>) -> Result<Done<PayView>, Code> {
    if terminal.online() {
        terminal.wait_until(SHORT_LINK_WAIT, || {
            Ok(terminal
                .ledger()
                .intent(done.value)?
                .intent
                .pay_code
                .is_some())
        })?;
    }
    let value = pay_view(terminal, done.value)?;
    Ok(Done {
        value,
        changed: done.changed,
    })
}

/// The pay sheet as it stands.
///
/// # Errors
/// `NotFound`, and what the file says.
pub fn view(context: &Context<'_>, input: IntentKey) -> Result<PayView, Code> {
    pay_view(context.terminal, input.intent)
}

/// Intents of this terminal that are still live, newest first.
///
/// # Errors
/// What the file says.
pub fn live(context: &Context<'_>, _: Nothing) -> Result<Vec<PayView>, Code> {
    let terminal = context.terminal;
    let me = terminal
        .ledger()
        .identity()
        .ok_or(Code::NotEnrolled)?
        .terminal;
    let page = crate::ledger::Page {
        before: None,
        limit: crate::ledger::PAGE,
    };
    let held = terminal.ledger().intents(None, page)?;
    held.into_iter()
        .filter(|held| held.intent.terminal == me && held.intent.state.live())
        .map(|held| pay_view(terminal, held.intent.id))
        .collect()
}

/// Every ask for money that is still live, on whatever terminal, the newest first.
///
/// # Errors
/// What the file says.
pub fn asks(context: &Context<'_>, _: Nothing) -> Result<Vec<LiveAsk>, Code> {
    let terminal = context.terminal;
    let name = |staff| crate::staff::name_of(terminal, staff);
    let held = terminal.ledger().live_intents()?;
    held.into_iter()
        .map(|intent| {
            let by = intent.intent.staff;
            Ok(LiveAsk {
                distributor_name: crate::distributors::name_of(
                    terminal,
                    intent.intent.distributor,
                )?,
                order_numbers: order_numbers(terminal, &intent)?,
                staff_name: by.map(name).unwrap_or_default(),
                intent,
            })
        })
        .collect()
}

/// Gives an intent up. A QR that was shown stays payable until the backend says closed (rule 5.5).
///
/// # Errors
/// `NotFound`, and what the file says.
pub fn close(context: &Context<'_>, input: IntentKey) -> Result<Done<PayView>, Code> {
    let terminal = context.terminal;
    let staff = context.actor()?;
    let done = terminal.ledger().transact("pay_close", |tx| {
        let missing = || Code::NotFound {
            what: "intent".to_owned(),
        };
        let held = crate::ledger::intent(tx.conn(), input.intent)?.ok_or_else(missing)?;
        if held.intent.state.live() && !held.closing {
            tx.append(
                staff,
                OpBody::IntentClose(IntentClose {
                    intent: input.intent,
                }),
                &[],
            )?;
        }
        Ok(())
    })?;
    Ok(Done {
        value: pay_view(terminal, input.intent)?,
        changed: done.changed,
    })
}

/// Checks a receipt code or a signed receipt from the payer's phone. It marks the intent
/// `proved_offline`; `paid` comes only with the backend's word (rule 6.6).
///
/// # Errors
/// `BadProof` with the tries left, `LeaseEnded`, `NotFound`, and what the file says.
pub fn proof(context: &Context<'_>, input: PayProof) -> Result<Done<PayView>, Code> {
    let terminal = context.terminal;
    let staff = context.actor()?;
    if terminal.ledger().lease()?.ended {
        return Err(Code::LeaseEnded);
    }
    let identity = terminal.ledger().identity().ok_or(Code::NotEnrolled)?;
    let held = terminal.ledger().intent(input.intent)?;
    let (text, proved) = match Receipt::open(&input.proof, &identity.backend_key) {
        Ok(receipt) => {
            let fits = receipt.amount_fen == held.intent.amount_fen;
            (
                input.proof.trim().to_owned(),
                receipt.intent == input.intent && fits,
            )
        }
        Err(_) => {
            let code = plain_code(&input.proof);
            let fits = code_fits(terminal, input.intent, &code)?;
            (code, fits)
        }
    };
    if !proved {
        let wrong = terminal
            .ledger()
            .transact("pay_proof", |tx| tx.count_wrong_code(input.intent))?
            .value;
        return Err(Code::BadProof {
            tries_left: CODE_TRIES.saturating_sub(wrong),
        });
    }
    let done = terminal.ledger().transact("pay_proof", |tx| {
        if !held.intent.proved_offline {
            within_proof_limit(tx, identity.terminal, held.intent.amount_fen)?;
            let body = IntentProof {
                intent: input.intent,
                proof: text,
            };
            tx.append(staff, OpBody::IntentProof(body), &[])?;
        }
        Ok(())
    })?;
    Ok(Done {
        value: pay_view(terminal, input.intent)?,
        changed: done.changed,
    })
}

/// Whether so much more may go on a proof that no money has confirmed yet (rule 6.6).
fn within_proof_limit(tx: &mut Tx<'_>, me: TerminalId, amount: Money) -> Result<(), Fault> {
    let limit = tx.lease()?.offline_proof_limit_fen;
    let gone = crate::ledger::proved_unpaid(tx.conn(), me)?;
    let left = limit
        .checked_sub(gone)
        .unwrap_or(Money::ZERO)
        .max(Money::ZERO);
    if amount > left {
        let left_fen = left.fen().to_string();
        return Err(Code::OfflineProofLimit { left_fen }.into());
    }
    Ok(())
}

/// A receipt code as it was issued: the phone shows it in groups, people type it in either case.
fn plain_code(typed: &str) -> String {
    typed
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .collect::<String>()
        .to_uppercase()
}

/// Whether the code is the ticket's. The hash is slow on purpose; the code itself is nowhere
/// on the terminal.
fn code_fits(terminal: &Terminal, intent: IntentId, code: &str) -> Result<bool, Code> {
    let taken = terminal
        .ledger()
        .transact("pay_proof", |tx| tx.taken_ticket(intent))?
        .value;
    if taken.wrong_codes >= CODE_TRIES {
        return Err(Code::BadProof { tries_left: 0 });
    }
    let damaged = || Code::Internal {
        trace: "ticket".to_owned(),
    };
    let salt = STANDARD.decode(&taken.ticket.salt).map_err(|_| damaged())?;
    let wanted = STANDARD
        .decode(&taken.ticket.code_hash)
        .map_err(|_| damaged())?;
    let mut got = vec![0u8; wanted.len()];
    let params = Params::new(8 * 1024, 1, 1, Some(wanted.len())).map_err(|_| damaged())?;
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(code.as_bytes(), &salt, &mut got)
        .map_err(|_| damaged())?;
    // Both are hashes; how far they agree tells nothing about the code.
    Ok(got == wanted)
}

/// Opens the payment page of an intent in the user's browser: the web as payers see it.
///
/// # Errors
/// `NotFound`, `Expired` for an intent that can't be paid any more, `Internal` when the browser can't
/// be started.
pub fn open_link(context: &Context<'_>, input: IntentKey) -> Result<Done<Nothing>, Code> {
    let view = pay_view(context.terminal, input.intent)?;
    if !view.intent.intent.state.live() {
        return Err(Code::Expired);
    }
    context.terminal.open_in_browser(&view.link)?;
    Ok(Done {
        value: Nothing {},
        changed: Vec::new(),
    })
}

/// Opens what a demo's QR says on the sandbox's phone, in the user's browser.
///
/// # Errors
/// `NotFound` outside demos, `Internal` when the browser can't be started.
pub fn open_phone(context: &Context<'_>, input: QrKey) -> Result<Done<Nothing>, Code> {
    let terminal = context.terminal;
    let text = match input
        .channel
        .and_then(|channel| terminal.codes().of(input.intent, channel))
    {
        Some(code) => code,
        None => pay_view(terminal, input.intent)?.link,
    };
    let phone = terminal.phone_link(&text).ok_or_else(|| Code::NotFound {
        what: "phone".to_owned(),
    })?;
    terminal.open_in_browser(&phone)?;
    Ok(Done {
        value: Nothing {},
        changed: Vec::new(),
    })
}

pub(crate) fn pay_view(terminal: &Terminal, id: IntentId) -> Result<PayView, Code> {
    let ledger = terminal.ledger();
    let held = ledger.intent(id)?;
    let (link, offline_link) = link(terminal, &held)?;
    let (qr_svg, qr_modules) = crate::codes::drawn(&link)?;
    let order_numbers = order_numbers(terminal, &held)?;
    let collection = held
        .intent
        .collection
        .map(|id| ledger.collection(id))
        .transpose()?;
    let transaction_record = match &collection {
        Some(collection) => ledger
            .transaction_records_of(std::slice::from_ref(collection))?
            .into_iter()
            .next(),
        None => None,
    };
    let left = held.intent.expires_at.since_ms(ledger.env().now());
    let counts = ledger.outbox_counts()?;
    let (config, online) = (ledger.config()?, terminal.online());
    Ok(PayView {
        capital: capital(held.intent.amount_fen),
        distributor_name: crate::distributors::name_of(terminal, held.intent.distributor)?,
        order_numbers,
        phone_link: terminal.phone_link(&link),
        code_channels: if online {
            offered(&config, held.intent.amount_fen)
        } else {
            Vec::new()
        },
        qr_mode: config.config.qr_mode,
        link,
        offline_link,
        qr_svg,
        qr_modules,
        left_ms: u64::try_from(left).unwrap_or(0),
        tickets_left: u32::try_from(counts.tickets).unwrap_or(u32::MAX),
        online,
        collection,
        transaction_record,
        intent: held,
    })
}

/// What the channel keeps of a payment, as far as it is known here.
///
/// # Errors
/// `NotFound`, and what the file says.
pub fn fee(context: &Context<'_>, input: TransactionRecordKey) -> Result<Fee, Code> {
    let ledger = context.terminal.ledger();
    let record = ledger.transaction_record(input.transaction_record)?;
    let record = record.ok_or_else(|| Code::NotFound {
        what: "transaction_record".to_owned(),
    })?;
    Ok(Fee::of(&record, &ledger.config()?.config))
}

/// The backend's short link once it is known, else the one signed here. An intent that has begun to
/// be shown as one stays with it only by luck of timing; both are payable and lead to the same ask.
fn link(terminal: &Terminal, held: &IntentView) -> Result<(String, bool), Code> {
    let identity = terminal.ledger().identity().ok_or(Code::NotEnrolled)?;
    let base = terminal.ledger().lease()?.lease.public_url;
    if let Some(code) = &held.intent.pay_code {
        return Ok((format!("{base}/p/{code}"), false));
    }
    if held.intent.terminal != identity.terminal {
        return Err(Code::BadTicket);
    }
    let number = terminal
        .ledger()
        .intent_distributor_number(held.intent.id)?;
    let body = LinkBody {
        terminal: identity.terminal,
        intent: held.intent.id,
        distributor_number: number,
        amount_fen: held.intent.amount_fen,
        expires_at: held.intent.expires_at,
        purpose: held.intent.purpose,
        revision: held.intent.revision,
    };
    let sealed = body
        .seal(&identity.key)
        .map_err(|_| Code::AmountTooLarge { row: 0 })?;
    Ok((format!("{base}/p/{sealed}"), true))
}

/// The numbers of the orders that an intent pays, as far as they are held here.
fn order_numbers(terminal: &Terminal, held: &IntentView) -> Result<Vec<String>, Code> {
    let mut numbers = Vec::new();
    for part in &held.intent.allocations {
        match terminal.ledger().order(part.order) {
            Ok(order) => numbers.push(order.order.number),
            Err(Code::NotFound { .. }) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::channel::Bindings;
    use domain::config::AmountLimit;

    /// Of WeChat Pay's limits and Alipay's, in fen.
    fn opening(wechat_pay: [i64; 2], alipay: [i64; 2], bindings: Bindings) -> Opening {
        let limit = |[least, most]: [i64; 2]| AmountLimit {
            least_fen: Some(Money::from_fen(least)),
            most_fen: Some(Money::from_fen(most)),
        };
        let mut config = ConfigVersion::default();
        config.config.limits.wechat_pay = limit(wechat_pay);
        config.config.limits.alipay = limit(alipay);
        config.bindings = bindings;
        Opening {
            config,
            clock_behind: false,
        }
    }

    #[test]
    fn an_amount_is_asked_for_when_one_bound_channel_takes_it() {
        let both = Bindings {
            wechat_pay: true,
            alipay: true,
        };
        let opening = opening([100, 200], [300, 400], both);
        for (fen, allowed) in [(99, false), (100, true), (250, false), (400, true)] {
            let answer = opening.allows(Money::from_fen(fen));
            assert_eq!(answer.is_ok(), allowed, "{fen}: {answer:?}");
        }
    }

    #[test]
    fn a_refused_amount_names_the_limits_and_a_channel_that_is_not_bound_takes_nothing() {
        let alipay = Bindings {
            wechat_pay: false,
            alipay: true,
        };
        let refused = Code::AmountOutsideLimits {
            least_fen: "300".to_owned(),
            most_fen: "400".to_owned(),
        };
        let bounded = opening([100, 200], [300, 400], alipay);
        assert_eq!(bounded.allows(Money::from_fen(150)), Err(refused));
        // With nothing bound the backend knows better.
        let unbound = opening([100, 200], [300, 400], Bindings::default());
        assert_eq!(unbound.allows(Money::from_fen(150)), Ok(()));
    }
}
