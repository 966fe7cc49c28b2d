//! The messages about terminals and work under review, in their exact form.
#![allow(clippy::unwrap_used, reason = "tests")]

use domain::collection::PaymentMethod;
use domain::id::{OpId, StaffId};
use domain::terminal::{
    IssuedCode, ReviewCause, ReviewDecision, ReviewView, TerminalAct, TerminalChange,
    TerminalContact, TerminalState, TerminalView, TerminalsView, WaitingWork, WorkContent,
    WorkLine,
};
use domain::{Money, Timestamp};
use insta::assert_json_snapshot;
use uuid::Uuid;
use wire::terminals::{TerminalsAsk, TerminalsReply, TerminalsRequest};

const AT: Timestamp = Timestamp(1_795_400_000_000);

fn staff(n: u128) -> StaffId {
    StaffId(Uuid::from_u128(n))
}

#[test]
fn the_terminals() {
    let op = OpId(Uuid::from_u128(7));
    let asks = [
        TerminalsAsk::View,
        TerminalsAsk::IssueCode {
            terminal_code: "T07".into(),
        },
        TerminalsAsk::Revoke {
            terminal_code: "T07".into(),
            reason: "丢失".into(),
        },
        TerminalsAsk::Review,
        TerminalsAsk::Decide {
            op,
            decision: ReviewDecision::Release,
        },
        TerminalsAsk::Decide {
            op,
            decision: ReviewDecision::Reject {
                reason: "重复".into(),
            },
        },
    ];
    let requests = asks.map(|ask| TerminalsRequest {
        staff: staff(2),
        ask,
    });
    let change = TerminalChange {
        at: AT,
        staff: staff(2),
        staff_name: "孙管".into(),
        act: TerminalAct::Revoked,
        terminal_code: "T07".into(),
        kind: String::new(),
        subject: String::new(),
        before: "enrolled".into(),
        after: "revoked".into(),
        reason: "丢失".into(),
    };
    let view = TerminalsView {
        terminals: vec![TerminalView {
            terminal_code: "T07".into(),
            number_code: "T07A".into(),
            incarnation: 2,
            state: TerminalState::Revoked,
            enrolled_at: Some(AT),
            lease_ends_at: Some(AT),
            contact: Some(TerminalContact {
                at: AT,
                version: "0.1.0".into(),
                unsynced: 3,
            }),
            code_ends_at: None,
            under_review: 1,
        }],
        changes: vec![change.clone()],
    };
    let issued = Some(IssuedCode {
        terminal_code: "T09".into(),
        code: "7K3M9QXA".into(),
        ends_at: AT,
    });
    let work = WaitingWork {
        op,
        terminal_code: "T07".into(),
        incarnation: 2,
        seq: 41,
        kind: "order_submit".into(),
        staff: staff(1),
        staff_name: "销售".into(),
        at: AT,
        received_at: AT,
        cause: ReviewCause::Revoked,
        builds_on: false,
        content: Some(WorkContent {
            number: "T07A-261122-0003".into(),
            distributor_name: "重庆渝中百货".into(),
            amount_fen: Some(Money::from_fen(279_600)),
            method: Some(PaymentMethod::QrCode),
            lines: vec![WorkLine {
                name: "双宫茧桑蚕丝被".into(),
                quantity: "4".into(),
                unit: "件".into(),
                amount_fen: Money::from_fen(279_600),
            }],
            note: "周五前送到".into(),
        }),
    };
    let review = ReviewView {
        work: vec![work],
        total: 1,
        decided: vec![TerminalChange {
            act: TerminalAct::Released,
            kind: "order_submit".into(),
            before: "review".into(),
            after: "applied".into(),
            ..change
        }],
    };
    let replies = [
        TerminalsReply::Terminals { view, issued },
        TerminalsReply::Review { view: review },
    ];
    assert_json_snapshot!("requests", requests);
    assert_json_snapshot!("replies", replies);
    for request in requests {
        let text = serde_json::to_string(&request).unwrap();
        assert_eq!(
            serde_json::from_str::<TerminalsRequest>(&text).unwrap(),
            request
        );
    }
}
