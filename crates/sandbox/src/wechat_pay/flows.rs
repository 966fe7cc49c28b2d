//! The fund-flow bill of a day: what went into the merchant's account and out of it, with the balance
//! behind each line, which runs on from the first day. Asked for and fetched like the trade bill.

use super::bills::{fee_fen, hand_out, on, yuan};
use super::orders::OrderState;
use super::{ApiError, Call, Outcome, beijing};
use crate::state::App;
use jiff::Timestamp;
use jiff::civil::Date;

const HEADER: &str = "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),\
    资金变更提交申请人,备注,业务凭证号";
const SUMMARY: &str = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额";

/// What moved the account.
struct Flow {
    at: Timestamp,
    /// Of the trade or the refund.
    id: String,
    words: (&'static str, &'static str),
    /// Below zero: out of the account.
    fen: i64,
    voucher: String,
}

/// Every flow since the first day, in the order of time; a fee behind its cause.
fn flows(app: &App) -> Vec<Flow> {
    let state = app.lock();
    let mut flows = Vec::new();
    for order in state.orders.values() {
        let OrderState::Paid(payment) = &order.state else {
            continue;
        };
        let mut put = |at, id: &str, words, fen, voucher: &str| {
            if fen != 0 {
                let (id, voucher) = (id.to_owned(), voucher.to_owned());
                flows.push(Flow {
                    at,
                    id,
                    words,
                    fen,
                    voucher,
                });
            }
        };
        let (id, number) = (&payment.transaction_id, &order.out_trade_no);
        let fee = fee_fen(order.total_fen);
        put(payment.at, id, ("交易", "交易"), order.total_fen, number);
        put(payment.at, id, ("交易", "扣除交易手续费"), -fee, number);
        for refund in order.refunds.iter().filter(|refund| refund.succeeded()) {
            let (id, number) = (&refund.refund_id, &refund.out_refund_no);
            let fee = fee_fen(refund.fen);
            put(refund.at, id, ("退款", "退款"), -refund.fen, number);
            put(refund.at, id, ("退款", "退还交易手续费"), fee, number);
        }
    }
    flows.sort_by_key(|flow| flow.at);
    flows
}

fn text(app: &App, day: Date) -> Option<String> {
    let mut rows: Vec<String> = Vec::new();
    let (mut came, mut went, mut balance) = ((0, 0), (0, 0), 0);
    for (index, flow) in flows(app).iter().enumerate() {
        balance += flow.fen;
        if !on(flow.at, day) {
            continue;
        }
        let (way, sum) = if flow.fen > 0 {
            ("收入", &mut came)
        } else {
            ("支出", &mut went)
        };
        *sum = (sum.0 + 1, sum.1 + flow.fen.abs());
        let at = beijing(flow.at).strftime("%Y-%m-%d %H:%M:%S").to_string();
        let flow_no = format!("{}{:012}", app.keys.mchid(), index + 1);
        let (name, kind) = flow.words;
        let values = [
            &at,
            &flow.id,
            &flow_no,
            name,
            kind,
            way,
            &yuan(flow.fen.abs()),
            &yuan(balance),
            "system",
            "",
            &flow.voucher,
        ];
        rows.push(values.map(|value| format!("`{value}")).join(","));
    }
    if rows.is_empty() {
        return None;
    }
    let totals = format!(
        "`{}.0,`{}.0,`{},`{}.0,`{}",
        rows.len(),
        came.0,
        yuan(came.1),
        went.0,
        yuan(went.1),
    );
    Some(format!(
        "\u{feff}{HEADER}\r\n{}\r\n{SUMMARY}\r\n{totals}\r\n",
        rows.join("\r\n")
    ))
}

/// GET /v3/bill/fundflowbill?bill_date=…&account_type=BASIC&tar_type=GZIP
pub(super) fn ask(app: &App, call: &Call<'_>) -> Result<Outcome, ApiError> {
    match call.query("account_type").as_deref() {
        None | Some("BASIC") => hand_out(app, call, text),
        // The other accounts are never used here.
        Some("OPERATION" | "FEES") => hand_out(app, call, |_, _| None),
        Some(_) => Err(ApiError::parameter("参数错误：account_type".to_owned())),
    }
}
