"""PyPI wechatpayv3: a client of our sandbox, and the judge of its callbacks.

It does not look at timestamps, so nothing here is proven about stale messages."""

import json
import tempfile
from pathlib import Path

import peer
from wechatpayv3 import WeChatPay, WeChatPayType


def client(merchant, notify_url, **keys):
    wxpay = WeChatPay(
        wechatpay_type=WeChatPayType.NATIVE,
        mchid=merchant["mchid"],
        private_key=merchant["merchant_private_key_pem"],
        cert_serial_no=merchant["merchant_serial"],
        appid=merchant["appid"],
        apiv3_key=merchant["api_v3_key"],
        notify_url=notify_url,
        timeout=(3, 8),
        **keys,
    )
    # The package knows one host; nothing else of it is touched.
    wxpay._core._gate_way = merchant["api_base"]
    return wxpay


def pay(wxpay, number, fen):
    code, text = wxpay.pay(
        description='棉被 & "枕头" <1.5m> ×2',
        out_trade_no=number,
        amount={"total": fen, "currency": "CNY"},
    )
    return code, json.loads(text)


def query(wxpay, number):
    code, text = wxpay.query(out_trade_no=number)
    return code, json.loads(text)


def sandbox(folder):
    merchant = peer.read(folder, "merchant.json")["wechat_pay"]
    base = merchant["api_base"]
    keys = {key["kind"]: key for key in merchant["platform_keys"]}
    judge = {}

    def accepts(headers, body):
        return judge["wxpay"].callback(headers, body) is not None

    notify = peer.Landing(accepts, 204, b"")
    wxpay = judge["wxpay"] = client(
        merchant,
        notify.url,
        public_key=keys["public_key"]["pem"],
        public_key_id=keys["public_key"]["id"],
    )

    code, placed = pay(wxpay, "PYV3_0001", 12_345)
    prefix = "weixin://wxpay/"
    peer.holds("a Native order is placed", code == 200 and placed["code_url"].startswith(prefix), placed)
    code, before = query(wxpay, "PYV3_0001")
    peer.holds("a query says NOTPAY", code == 200 and before["trade_state"] == "NOTPAY", before)
    code, none = query(wxpay, "PYV3_NONE")
    peer.holds("another number does not exist", (code, none["code"]) == (404, "ORDER_NOT_EXIST"), none)
    code, used = pay(wxpay, "PYV3_0001", 12_346)
    peer.holds(
        "the same number with another amount is refused",
        (code, used["code"]) == (403, "OUT_TRADE_NO_USED"),
        used,
    )

    peer.control(base, "pay", out_trade_no="PYV3_0001")
    paid = notify.next()
    peer.holds("the callback of a payment verifies", paid.accepted, paid.headers)
    event = wxpay.callback(paid.headers, paid.body)
    transaction = event["resource"]
    peer.holds(
        "the callback opens and says what was paid",
        event["event_type"] == "TRANSACTION.SUCCESS"
        and transaction["out_trade_no"] == "PYV3_0001"
        and transaction["trade_state"] == "SUCCESS"
        and transaction["amount"]["total"] == 12_345
        and transaction["mchid"] == merchant["mchid"],
        transaction,
    )
    text = paid.body.decode()
    peer.holds(
        "a callback with an altered body is refused",
        wxpay.callback(paid.headers, peer.altered(text)) is None,
    )
    for name in ("nonce", "timestamp", "signature"):
        header = f"wechatpay-{name}"
        changed = {**paid.headers, header: peer.altered(paid.headers[header])}
        peer.holds(
            f"a callback with an altered {name} is refused",
            wxpay.callback(changed, paid.body) is None,
        )
    other_key = {**merchant, "api_v3_key": "0" * 32}
    stranger = client(
        other_key,
        notify.url,
        public_key=keys["public_key"]["pem"],
        public_key_id=keys["public_key"]["id"],
    )
    peer.holds("it does not open with another key", stranger.callback(paid.headers, paid.body) is None)
    code, after = query(wxpay, "PYV3_0001")
    peer.holds(
        "a query says SUCCESS and the same number",
        after["trade_state"] == "SUCCESS"
        and after["transaction_id"] == transaction["transaction_id"],
        after,
    )

    pay(wxpay, "PYV3_0002", 100)
    peer.control(base, "faults", bad_signature_callback=1)
    peer.control(base, "pay", out_trade_no="PYV3_0002")
    first, second = notify.next(), notify.next()
    peer.holds(
        "a badly signed callback is refused, and comes again well signed",
        not first.accepted and second.accepted,
    )
    peer.control(base, "faults", signtest_callback=1)
    peer.control(base, "notify", out_trade_no="PYV3_0002")
    first, second = notify.next(), notify.next()
    peer.holds(
        "SIGNTEST is refused, and comes again well signed",
        not first.accepted and second.accepted,
    )
    peer.control(base, "faults", bad_signature_response=1)
    peer.holds(
        "an answer with a bad signature is refused",
        peer.refused(lambda: query(wxpay, "PYV3_0001"), Exception, "failed to verify"),
    )

    pay(wxpay, "PYV3_0003", 100)
    code, nothing = wxpay.close(out_trade_no="PYV3_0003")
    peer.holds("a close is answered 204, empty and signed", code == 204 and not nothing, code, nothing)
    code, closed = query(wxpay, "PYV3_0003")
    peer.holds("a query says CLOSED", closed["trade_state"] == "CLOSED", closed)

    code, text = wxpay.refund(
        out_trade_no="PYV3_0001",
        out_refund_no="PYV3_R001",
        amount={"refund": 45, "total": 12_345, "currency": "CNY"},
        notify_url=notify.url,
    )
    peer.holds("a refund is accepted", code == 200, code, text)
    back = notify.next()
    ended = wxpay.callback(back.headers, back.body)["resource"]
    peer.holds(
        "the callback of a refund verifies, opens and says what went back",
        back.accepted and ended["refund_status"] == "SUCCESS" and ended["amount"]["refund"] == 45,
        ended,
    )

    # A merchant without a public key: platform certificates, and a successor that it must fetch.
    with tempfile.TemporaryDirectory() as known:
        serial, pem = keys["certificate"]["id"], keys["certificate"]["pem"]
        (Path(known) / f"{serial}.pem").write_text(pem)
        old = judge["wxpay"] = client(merchant, notify.url, cert_dir=known)
        peer.control(base, "sign-with", kind="certificate")
        code, view = query(old, "PYV3_0001")
        peer.holds("an answer signed with a certificate verifies", code == 200, code, view)
        peer.control(base, "notify", out_trade_no="PYV3_0002")
        peer.holds("a callback signed with a certificate verifies", notify.next().accepted)
        successor = peer.control(base, "rotate-certificate")["serial"]
        peer.control(base, "notify", out_trade_no="PYV3_0002")
        after = notify.next()
        peer.holds(
            "a callback signed with the successor verifies after fetching the list",
            after.accepted and after.headers["wechatpay-serial"] == successor,
            after.headers,
        )
    peer.say("done")


peer.main(sandbox=sandbox)
