//! The trade bill of a day: a ZIP archive of two GBK files, at an address that lives 30 seconds and
//! asks for no signature.

use super::trades::{Trade, TradeState, fields, invalid};
use super::{AlipayError, Fields};
use crate::state::App;
use crate::wechat_pay::beijing;
use crate::wechat_pay::bills::{fee_fen, file, is_made, keep, on, yuan};
use axum::extract::{RawQuery, State};
use axum::response::Response;
use encoding_rs::GBK;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::io::Write as _;
use std::sync::Arc;

const HEADER: &str = "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,\
    对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,\
    券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注";
const TOTALS: &str = "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,支付宝优惠（元）,\
    商家优惠（元）,卡消费金额（元）,服务费（元）,分润（元）,实收净额（元）";

/// What a day comes to.
#[derive(Default)]
struct Day {
    rows: Vec<String>,
    payments: i64,
    paid: i64,
    refunds: i64,
    refunded: i64,
    fees: i64,
}

fn time(at: Timestamp) -> String {
    beijing(at).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn row(trade: &Trade, kind: &str, at: Timestamp, fen: i64, request: &str, fee: i64) -> String {
    let (amount, created) = (yuan(fen), time(trade.created_at));
    let goods = trade.subject.replace([',', '"', '\n'], " ");
    let (id, number, at, fee) = (&trade.trade_no, &trade.out_trade_no, time(at), yuan(fee));
    format!(
        "{id}\t,{number}\t,{kind},{goods},{created},{at},,,,,159****5620,{amount},{amount},\
         0.00,0.00,0.00,0.00,0.00,,0.00,0.00,{request},{fee},0.00,"
    )
}

fn day_of(app: &App, day: Date) -> Day {
    let state = app.lock();
    let mut all = Day::default();
    for trade in state.trades.values() {
        let TradeState::Paid(paid) = &trade.state else {
            continue;
        };
        if on(paid.at, day) {
            let fee = fee_fen(trade.total_fen);
            all.rows
                .push(row(trade, "交易", paid.at, trade.total_fen, "", -fee));
            all.payments += 1;
            all.paid += trade.total_fen;
            all.fees -= fee;
        }
        for refund in trade.refunds.iter().filter(|refund| on(refund.at, day)) {
            let fee = fee_fen(refund.fen);
            let number = &refund.out_request_no;
            all.rows
                .push(row(trade, "退款", refund.at, -refund.fen, number, fee));
            all.refunds += 1;
            all.refunded += refund.fen;
            all.fees += fee;
        }
    }
    all
}

fn archive(app: &App, day: Date, all: &Day) -> Option<Vec<u8>> {
    let (date, next) = (day.strftime("%Y年%m月%d日"), day.tomorrow().ok()?);
    let next = next.strftime("%Y年%m月%d日");
    let head = |title: &str| {
        let account = app.keys.alipay_seller_id();
        format!(
            "#{title}\r\n#账号：[{account}]\r\n#起始日期：[{date} 00:00:00]   终止日期：[{next} 00:00:00]\r\n"
        )
    };
    let made = format!("#导出时间：[{next} 09:30:00]\r\n");
    let (paid, back) = (yuan(all.paid), yuan(-all.refunded));
    let (net, fees) = (all.paid - all.refunded, yuan(all.fees));
    let rows = format!(
        "{}#-----业务明细列表-----\r\n{HEADER}\r\n{}\r\n#-----业务明细列表结束-----\r\n\
         #交易合计：{}笔，商家实收共{paid}元，商家优惠共0.00元\r\n\
         #退款合计：{}笔，商家实收退款共{back}元，商家优惠退款共0.00元\r\n{made}",
        head("支付宝业务明细查询"),
        all.rows.join("\r\n"),
        all.payments,
        all.refunds,
    );
    let totals = format!(
        "{}#-----业务汇总列表-----\r\n{TOTALS}\r\n合计,,{},{},{net},{net},0.00,0.00,0.00,{fees},0.00,{}\r\n\
         #-----业务汇总列表结束-----\r\n{made}",
        head("支付宝业务汇总查询"),
        all.payments,
        all.refunds,
        yuan(all.paid - all.refunded + all.fees),
        net = yuan(net),
    );
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let seller = app.keys.alipay_seller_id();
    for (kind, text) in [("业务明细", rows), ("业务明细(汇总)", totals)] {
        let name = format!("{seller}_{}_{kind}.csv", day.strftime("%Y%m%d"));
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file(name, options).ok()?;
        zip.write_all(&GBK.encode(&text).0).ok()?;
    }
    Some(zip.finish().ok()?.into_inner())
}

/// alipay.data.dataservice.bill.downloadurl.query
pub(super) fn ask(app: &App, content: &Value) -> Result<Fields, AlipayError> {
    let text = |name: &str| {
        content
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    if text("bill_type") != "trade" {
        return Err(invalid("bill_type"));
    }
    let day: Date = text("bill_date")
        .parse()
        .map_err(|_| invalid("bill_date"))?;
    let none = || AlipayError::business("isp.bill_not_exist", "账单不存在");
    if !is_made(day, app.now()) {
        return Err(none());
    }
    let all = day_of(app, day);
    if all.rows.is_empty() {
        return Err(none());
    }
    let packed = archive(app, day, &all).ok_or_else(AlipayError::unknown)?;
    let token = keep(app, packed, SignedDuration::from_secs(30));
    let url = format!("{}/alipay/bill?token={token}", app.public_url);
    Ok(fields(json!({"bill_download_url": url})))
}

/// GET /alipay/bill?token=…
pub(crate) async fn download(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    file(&app, query.strip_prefix("token=").unwrap_or_default())
}
