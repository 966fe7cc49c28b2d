//! What staff do in a simulated day. They act as the window does, through THE LIST; the two acts
//! that no screen has yet (editing a confirmed order, giving reserve back) go through `transact`,
//! as the screen's command will. A refusal is a fine answer: people are refused all day.

use crate::company;
use crate::env::Dice;
use crate::net::Fault;
use crate::station::Station;
use crate::world::{TERMINALS, World};
use domain::channel::Channel;
use domain::id::{DistributorId, IntentId, OrderId};
use domain::operation::{Basis, DepositRelease, OpBody, OrderEdit};
use domain::order::OrderState;
use domain::quantity::{Quantity, line_amount};
use domain::{Code, Money};
use serde_json::{Value, json};
use terminal::api::orders::DraftView;
use terminal::api::payments::PayView;
use terminal::ledger::views::{CollectionView, OrderRow};

/// Somebody does something at one of the terminals. Now and then the process is killed in it.
pub(super) fn act(world: &mut World) {
    let station = usize::try_from(world.dice.below(TERMINALS as u64)).unwrap_or(0);
    let killed = world.dice.percent(3);
    if killed {
        let commits = u32::try_from(world.dice.below(4)).unwrap_or(0);
        terminal::planted::crash_after_commits(Some(commits));
    }
    let (name, done) = choose(world, station);
    terminal::planted::crash_after_commits(None);
    let word = done.as_ref().err().map_or("done".to_owned(), Code::name);
    world.note(&format!("t{station} {name}: {word}"));
    // What was answered as done is promised, also if the process dies right after it.
    if done.is_ok() && world.stations[station].promise() > 0 && !killed {
        world.appended(station);
    }
    if killed {
        world.counts.count(Fault::TerminalKilledAtCommit);
        world.kill(station, false);
    }
    // Whatever a killed act has left is on record as well.
    if world.stations[station].promise() > 0 {
        world.appended(station);
    }
}

fn choose(world: &mut World, station: usize) -> (&'static str, Result<(), Code>) {
    match world.dice.below(100) {
        0..12 => ("confirms an order", confirm(world, station)),
        12..26 => ("orders and asks for money", draft_and_pay(world, station)),
        26..30 => ("leaves a draft", draft(world, station).map(|_| ())),
        30..33 => ("throws a draft away", discard(world, station)),
        33..38 => ("asks for money for orders", pay_orders(world, station)),
        38..46 => ("edits an order", edit(world, station)),
        46..51 => ("cancels an order", cancel(world, station)),
        51..61 => ("takes cash", cash(world, station)),
        61..73 => ("decides a collection", decide(world, station)),
        73..80 => ("tops a deposit up", top_up(world, station)),
        80..90 => ("pays from a deposit", deposit_pay(world, station)),
        90..92 => ("gives reserve back", release(world, station)),
        92..95 => ("gives an intent up", close(world, station)),
        95..98 => ("makes a distributor", new_distributor(world, station)),
        _ => ("checks a receipt", proof(world, station)),
    }
}

fn some_distributor(world: &mut World) -> DistributorId {
    let number = usize::try_from(world.dice.below(4)).unwrap_or(0);
    company::distributor(number)
}

fn draft(world: &mut World, station: usize) -> Result<OrderId, Code> {
    let distributor = some_distributor(world);
    draft_for(world, station, distributor)
}

fn draft_for(
    world: &mut World,
    station: usize,
    distributor: DistributorId,
) -> Result<OrderId, Code> {
    let lines = world.dice.between(1, 3);
    let line = |dice: &mut Dice| format!("P{:03},{}\n", dice.below(8), dice.between(1, 9));
    let text: String = (0..lines).map(|_| line(&mut world.dice)).collect();
    let at = &mut world.stations[station];
    let input = json!({ "order": null, "fresh": true });
    let opened: DraftView = at.call("draft_open", input)?;
    let order = opened.order;
    let change = |edit: Value| -> Value {
        let mut input = edit;
        input["order"] = json!(order);
        input
    };
    at.run(
        "draft_edit",
        change(json!({ "edit": "set_distributor", "distributor": distributor })),
    )?;
    at.drafts.insert(order);
    at.run(
        "draft_edit",
        change(json!({ "edit": "paste", "text": text })),
    )?;
    Ok(order)
}

fn confirm(world: &mut World, station: usize) -> Result<(), Code> {
    let order = draft(world, station)?;
    submit(&mut world.stations[station], order, |at| {
        at.run("order_confirm", json!({ "order": order }))
    })
}

/// A draft that is being submitted is promised as one or the other, whatever is answered.
fn submit<T>(
    at: &mut Station,
    order: OrderId,
    act: impl FnOnce(&Station) -> Result<T, Code>,
) -> Result<T, Code> {
    at.drafts.remove(&order);
    act(at)
}

fn draft_and_pay(world: &mut World, station: usize) -> Result<(), Code> {
    let order = draft(world, station)?;
    let view = submit(&mut world.stations[station], order, |at| {
        at.call::<PayView>(
            "pay_orders",
            json!({ "orders": [order], "amount_fen": null }),
        )
    })?;
    shown(world, &view);
    Ok(())
}

/// A payer has the QR before them, and does what payers do.
fn shown(world: &mut World, view: &PayView) {
    let other = |channel| match channel {
        Channel::WechatPay => Channel::Alipay,
        Channel::Alipay => Channel::WechatPay,
    };
    let channel = *world.dice.pick(&Channel::ALL).unwrap_or(&Channel::Alipay);
    if world.dice.percent(80) {
        let (ms, pays) = (world.dice.between(500, 60_000), world.dice.percent(85));
        world.plan_payer(ms, &view.link, channel, pays);
        if world.dice.percent(20) {
            let again = ms + world.dice.between(100, 200_000);
            world.plan_payer(again, &view.link, other(channel), true);
        }
    }
}

fn some_order(
    world: &mut World,
    station: usize,
    wanted: impl Fn(&OrderRow) -> bool,
) -> Result<OrderRow, Code> {
    let input = json!({
        "scenario": "all", "payment_states": [], "distributor": null, "query": "",
        "before": null, "limit": 12,
    });
    let rows: Vec<OrderRow> = world.stations[station].call("order_list", input)?;
    let rows: Vec<OrderRow> = rows.into_iter().filter(wanted).collect();
    world.dice.pick(&rows).cloned().ok_or_else(nobody)
}

fn nobody() -> Code {
    Code::NotFound {
        what: "anything to do it with".to_owned(),
    }
}

fn unpaid(row: &OrderRow) -> bool {
    row.state == OrderState::Confirmed && row.paid_fen < row.total_fen
}

fn pay_orders(world: &mut World, station: usize) -> Result<(), Code> {
    let order = some_order(world, station, unpaid)?;
    let amount = world.dice.percent(25).then(|| half(order.total_fen));
    let input = json!({ "orders": [order.id], "amount_fen": amount });
    let view: PayView = world.stations[station].call("pay_orders", input)?;
    shown(world, &view);
    Ok(())
}

fn half(amount: Money) -> Money {
    Money::from_fen((amount.fen() / 2).max(1))
}

fn edit(world: &mut World, station: usize) -> Result<(), Code> {
    let row = some_order(world, station, |row| row.state == OrderState::Confirmed)?;
    let quantity = world.dice.between(1, 9);
    let ledger = world.stations[station].terminal().ledger();
    let staff = world.stations[station].staff;
    ledger.transact("order_edit", |tx| {
        let held = tx.order(row.id)?;
        if !held.live_intents.is_empty() {
            return Err(Code::OrderFrozen.into());
        }
        let mut content = held.order.content.clone();
        let line = content.lines.first_mut().ok_or(Code::EmptyOrder)?;
        line.quantity = Quantity::parse(&quantity.to_string()).map_err(|_| Code::BadField {
            field: "quantity".to_owned(),
        })?;
        line.amount_fen = line_amount(line.quantity, line.unit_price, &line.discount)
            .map_err(|_| Code::AmountTooLarge { row: 1 })?;
        let on = if held.pending {
            Basis::Operation(held.order.revised_by)
        } else {
            Basis::Revision(held.order.revision)
        };
        let body = OrderEdit {
            order: row.id,
            on,
            content,
            config: 0,
            hold: false,
        };
        tx.append(staff, OpBody::OrderEdit(body), &[])
    })?;
    Ok(())
}

fn cancel(world: &mut World, station: usize) -> Result<(), Code> {
    let row = some_order(world, station, |row| row.state == OrderState::Confirmed)?;
    let input = json!({ "order": row.id, "reason": "changed their mind" });
    world.stations[station].run("order_cancel", input)
}

fn discard(world: &mut World, station: usize) -> Result<(), Code> {
    let order = draft(world, station)?;
    submit(&mut world.stations[station], order, |at| {
        at.run("draft_discard", json!({ "order": order }))
    })
}

fn cash(world: &mut World, station: usize) -> Result<(), Code> {
    let method = *world
        .dice
        .pick(&["cash", "bank_transfer", "cheque"])
        .unwrap_or(&"cash");
    let input = if world.dice.percent(15) {
        json!({
            "distributor": some_distributor(world), "purpose": "prepaid_deposit",
            "method": method, "amount_fen": money(world.dice.between(1_000, 20_000)),
            "allocations": [], "note": "",
        })
    } else {
        let row = some_order(world, station, unpaid)?;
        let owed = row
            .total_fen
            .checked_sub(row.paid_fen)
            .unwrap_or(Money::ZERO);
        // Sometimes more than is owed: the rest must be found again as unapplied.
        let extra = if world.dice.percent(20) { 500 } else { 0 };
        let amount = Money::from_fen(owed.fen() + extra);
        json!({
            "distributor": row.distributor, "purpose": "order_payment", "method": method,
            "amount_fen": amount, "note": "",
            "allocations": [{ "order": row.id, "amount_fen": owed }],
        })
    };
    world.stations[station].run("collection_record", input)
}

fn money(fen: u64) -> Money {
    Money::from_fen(i64::try_from(fen).unwrap_or(1))
}

fn decide(world: &mut World, station: usize) -> Result<(), Code> {
    let input = json!({
        "under_review_only": true, "distributor": null, "before": null, "limit": 20,
    });
    let rows: Vec<CollectionView> = world.stations[station].call("collection_list", input)?;
    let picked = world.dice.pick(&rows).ok_or_else(nobody)?.collection.id;
    if world.dice.percent(15) {
        let input = json!({ "collection": picked, "reason": "no money came" });
        return world.stations[station].run("collection_reject", input);
    }
    world.stations[station].run("collection_confirm", json!({ "collection": picked }))
}

fn top_up(world: &mut World, station: usize) -> Result<(), Code> {
    let distributor = some_distributor(world);
    let amount = money(world.dice.between(2_000, 30_000));
    let input = json!({ "distributor": distributor, "amount_fen": amount });
    let view: PayView = world.stations[station].call("pay_top_up", input)?;
    shown(world, &view);
    Ok(())
}

fn deposit_pay(world: &mut World, station: usize) -> Result<(), Code> {
    let row = some_order(world, station, unpaid)?;
    let input = json!({ "order": row.id, "amount_fen": null });
    world.stations[station].run("deposit_pay", input)
}

fn release(world: &mut World, station: usize) -> Result<(), Code> {
    let distributor = some_distributor(world);
    let (staff, terminal) = (
        world.stations[station].staff,
        world.stations[station].terminal(),
    );
    terminal.ledger().transact("deposit_release", |tx| {
        let held = tx.deposit(distributor)?.ok_or_else(nobody)?;
        if !held.reserve_fen.is_positive() {
            return Err(nobody().into());
        }
        let amount_fen = half(held.reserve_fen);
        tx.append(
            staff,
            OpBody::DepositRelease(DepositRelease {
                distributor,
                amount_fen,
            }),
            &[],
        )
    })?;
    Ok(())
}

fn live(world: &mut World, station: usize) -> Result<PayView, Code> {
    let live: Vec<PayView> = world.stations[station].call("pay_live", json!({}))?;
    world.dice.pick(&live).cloned().ok_or_else(nobody)
}

fn close(world: &mut World, station: usize) -> Result<(), Code> {
    let intent = live(world, station)?.intent.intent.id;
    world.stations[station].run("pay_close", json!({ "intent": intent }))
}

/// The payer shows the signed receipt on the phone (rule 6.6).
fn proof(world: &mut World, station: usize) -> Result<(), Code> {
    let intent: IntentId = live(world, station)?.intent.intent.id;
    let central = world.backend.central();
    let receipt = central
        .store()
        .receipt(&central.context(), intent)
        .map_err(|_| nobody())?;
    let proof = receipt.ok_or_else(nobody)?.signed;
    world.stations[station].run("pay_proof", json!({ "intent": intent, "proof": proof }))
}

fn new_distributor(world: &mut World, station: usize) -> Result<(), Code> {
    let name = format!("新客户{}", world.dice.below(1_000));
    let input = json!({ "name": name, "phone": "", "region": "" });
    let distributor: DistributorId = world.stations[station].call("distributor_create", input)?;
    let order = draft_for(world, station, distributor)?;
    let view = submit(&mut world.stations[station], order, |at| {
        at.call::<PayView>(
            "pay_orders",
            json!({ "orders": [order], "amount_fen": null }),
        )
    })?;
    shown(world, &view);
    Ok(())
}
