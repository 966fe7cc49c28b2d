"""PyPI python-alipay-sdk: `gateway` plays Alipay for our client, `sandbox` is a client of our sandbox
and the judge of its notices. Every text is put together, signed and verified by the package.

Known of it, and kept clear of: it cuts an answer at a `}` inside a string."""

import json
from urllib.parse import parse_qsl, urlencode, urlsplit

import peer
from alipay import AliPay, DCAliPay
from alipay.exceptions import AliPayValidationError
from Cryptodome.PublicKey import RSA

# Survives a form only if it is decoded once, and a signature only if nothing is escaped.
SUBJECT = '棉被 1.5+2.0m 100% "x" <枕头>'


# ---- gateway -------------------------------------------------------------------------------------


def gateway(folder):
    secret = peer.read(folder, "sandbox.json")
    merchant = peer.read(folder, "merchant.json")["alipay"]
    app_key = RSA.import_key(merchant["app_private_key_pem"]).public_key().export_key().decode()
    # The package signs with "the app's" key and verifies with "Alipay's": here it is the other side.
    alipay = AliPay(
        appid=merchant["app_id"],
        app_private_key_string=secret["alipay_private_key_pem"],
        alipay_public_key_string=app_key,
    )
    trades, refunds, admitted, spoil = {}, {}, [], {}
    made = merchant["certificates"]
    numbers = {
        "app_cert_sn": DCAliPay.get_cert_sn(made["app_certificate_pem"]),
        "alipay_root_cert_sn": DCAliPay.get_root_cert_sn(made["alipay_root_pem"]),
    }
    own_number = DCAliPay.get_cert_sn(made["alipay_certificate_pem"])

    def signed_text(params):
        unsigned = {name: value for name, value in params.items() if name != "sign"}
        return "&".join(f"{name}={value}" for name, value in alipay._ordered_data(unsigned))

    def stranger(params):
        """Why a request is not the app's, or nothing."""
        for name, value in (
            ("app_id", merchant["app_id"]),
            ("sign_type", "RSA2"),
            ("charset", "utf-8"),
            ("version", "1.0"),
        ):
            if params.get(name) != value:
                return name
        for name, value in numbers.items():
            if name in params and params[name] != value:
                return name
        if not alipay._verify(signed_text(params), params["sign"]):
            return "sign"
        # A judge that says yes to everything would not be noticed otherwise.
        if alipay._verify(signed_text({**params, "biz_content": "{}"}), params["sign"]):
            return "judge"
        return None

    def parse(target, body):
        pairs = parse_qsl(urlsplit(target).query, keep_blank_values=True)
        pairs += parse_qsl(body.decode(), keep_blank_values=True)
        params = dict(pairs)
        assert len(params) == len(pairs), "a parameter stands twice"
        return params

    def refuse(sub_code):
        return {"code": "40004", "msg": "Business Failed", "sub_code": sub_code, "sub_msg": "被拒绝"}

    def handle(method, asked, params):
        success = {"code": "10000", "msg": "Success"}
        number = asked["out_trade_no"]
        if method == "alipay.trade.precreate":
            if number in trades:
                return refuse("ACQ.APPLY_PC_MERCHANT_CODE_ERROR")
            trades[number] = {"asked": asked, "notify_url": params["notify_url"], "state": None}
            qr_code = "https://qr.alipay.com/bax03206ug0kulveltqc80a8"
            return {**success, "out_trade_no": number, "qr_code": qr_code}
        trade = trades.get(number)
        if trade is None or trade["state"] is None:
            return refuse("ACQ.TRADE_NOT_EXIST")
        view = {**success, "trade_no": trade["trade_no"], "out_trade_no": number}
        if method == "alipay.trade.query":
            view |= {
                "buyer_logon_id": "159****5620",
                "buyer_user_id": "2088101117955611",
                "trade_status": trade["state"],
                "total_amount": trade["asked"]["total_amount"],
                # A brace or a quote inside a string must not end the object early.
                "store_name": 'A "}" B',
            }
            if trade["state"] == "TRADE_SUCCESS":
                view["send_pay_date"] = "2026-09-30 12:00:00"
            return view
        if method == "alipay.trade.close":
            if trade["state"] != "WAIT_BUYER_PAY":
                return refuse("ACQ.TRADE_STATUS_ERROR")
            trade["state"] = "TRADE_CLOSED"
            return view
        if method == "alipay.trade.refund":
            fund_change = "N" if asked["out_request_no"] in refunds else "Y"
            refunds[asked["out_request_no"]] = asked
            return view | {"fund_change": fund_change, "refund_fee": asked["refund_amount"]}
        if method == "alipay.trade.fastpay.refund.query":
            refund = refunds.get(asked["out_request_no"])
            if refund is None:
                return success
            return view | {
                "out_request_no": asked["out_request_no"],
                "total_amount": trade["asked"]["total_amount"],
                "refund_amount": refund["refund_amount"],
                "refund_status": "REFUND_SUCCESS",
            }
        return refuse("isv.invalid-method")

    def answer(_method, target, headers, body):
        how = dict(spoil)
        spoil.clear()
        params = parse(target, body)
        why = stranger(params)
        if why:
            content = {"code": "40002", "msg": "Invalid Arguments", "sub_code": f"isv.invalid-{why}"}
            return 200, {}, json.dumps({"error_response": content}).encode()
        method = params["method"]
        admitted.append(method + (" with certificates" if "app_cert_sn" in params else ""))
        content = handle(method, json.loads(params["biz_content"]), params)
        # Both ways of writing characters, and slashes as the live gateway writes them.
        raw = json.dumps(content, ensure_ascii=len(admitted) % 2 == 0, separators=(",", ": "))
        raw = raw.replace("/", "\\/")
        sign = alipay._sign(raw)
        if how.get("body"):
            raw = raw.replace("10000", "10000 ", 1)
        key = method.replace(".", "_") + "_response"
        text = f'{{"{key}":{raw},"sign":"{sign}"}}'
        if "app_cert_sn" in params:
            number = how.get("cert_sn") or own_number
            text = f'{{"{key}":{raw},"alipay_cert_sn":"{number}","sign":"{sign}"}}'
        if how.get("sign_first"):
            text = f'{{"sign":"{sign}","{key}":{raw}}}'
        if how.get("unsigned"):
            text = f'{{"{key}":{raw}}}'
        return 200, {"Content-Type": "text/html;charset=utf-8"}, text.encode()

    url = peer.serve(answer)
    peer.say(f"listening {url}/gateway.do")

    def set_spoil(**how):
        spoil.update(how)
        return {}

    def state(out_trade_no, state):
        trades[out_trade_no] |= {"state": state, "trade_no": "2026093022001455551000000001"}
        return trades[out_trade_no]["asked"]

    def notice(out_trade_no, subject=SUBJECT, alter=None):
        """A notice's form, with one field altered after signing when `alter` names it."""
        trade = trades[out_trade_no]
        amount = trade["asked"]["total_amount"]
        form = {
            "notify_type": "trade_status_sync",
            "notify_id": "2026093000222120000000000000000001",
            "notify_time": "2026-09-30 12:00:01",
            "charset": "utf-8",
            "version": "1.0",
            "app_id": merchant["app_id"],
            "seller_id": merchant["seller_id"],
            "trade_no": trade["trade_no"],
            "out_trade_no": out_trade_no,
            "buyer_id": "2088101117955611",
            "trade_status": "TRADE_SUCCESS",
            "subject": subject,
            "total_amount": amount,
            "gmt_payment": "2026-09-30 12:00:00",
            "fund_bill_list": f'[{{"amount":"{amount}","fundChannel":"ALIPAYACCOUNT"}}]',
        }
        form["sign"] = alipay._sign(signed_text(form))
        form["sign_type"] = "RSA2"
        if alter:
            form[alter] = peer.altered(form[alter])
        return {"body": urlencode(form)}

    def page(url):
        """The parameters of a signed page, and why it is not the app's."""
        params = parse(url, b"")
        return {"why": stranger(params), "method": params["method"], "params": params}

    peer.converse(
        spoil=set_spoil,
        admitted=lambda: admitted,
        state=state,
        notice=notice,
        page=page,
    )


# ---- client of the sandbox -----------------------------------------------------------------------


def sandbox(folder):
    both = peer.read(folder, "merchant.json")
    merchant, base = both["alipay"], both["wechat_pay"]["api_base"]
    alipay = AliPay(
        appid=merchant["app_id"],
        app_private_key_string=merchant["app_private_key_pem"],
        alipay_public_key_string=merchant["alipay_public_key_pem"],
    )
    # The package knows one host; nothing else of it is touched.
    alipay._gateway = merchant["gateway_url"]

    def fields(body):
        return dict(parse_qsl(body.decode(), keep_blank_values=True))

    def genuine(form):
        rest = {name: value for name, value in form.items() if name != "sign"}
        return alipay.verify(rest, form["sign"])

    notify = peer.Landing(lambda _headers, body: genuine(fields(body)), 200, b"success")

    def precreate(number, amount):
        return alipay.api_alipay_trade_precreate(
            SUBJECT, number, amount, notify_url=notify.url, product_code="QR_CODE_OFFLINE"
        )

    def query(number):
        return alipay.api_alipay_trade_query(out_trade_no=number)

    placed = precreate("PYPI_0001", "123.45")
    peer.holds("a precreate gives a code", placed["code"] == "10000" and placed["qr_code"], placed)
    again = precreate("PYPI_0001", "123.45")
    peer.holds(
        "a second precreate of one number is refused",
        again["sub_code"] == "ACQ.APPLY_PC_MERCHANT_CODE_ERROR",
        again,
    )
    unopened = query("PYPI_0001")
    peer.holds(
        "a code that nobody opened is no trade",
        unopened["sub_code"] == "ACQ.TRADE_NOT_EXIST",
        unopened,
    )
    peer.control(base, "pay", out_trade_no="PYPI_0001")
    paid = notify.next()
    notice = fields(paid.body)
    peer.holds("the notice of a payment verifies", paid.accepted, notice)
    peer.holds(
        "the notice says what was paid",
        notice["trade_status"] == "TRADE_SUCCESS"
        and notice["out_trade_no"] == "PYPI_0001"
        and notice["total_amount"] == "123.45"
        and notice["app_id"] == merchant["app_id"]
        and notice["seller_id"] == merchant["seller_id"]
        and notice["subject"] == SUBJECT,
        notice,
    )
    for name in sorted(notice.keys() - {"sign_type"}):
        changed = {**notice, name: peer.altered(notice[name])}
        peer.holds(f"a notice with an altered {name} is refused", not genuine(changed))
    less = {name: value for name, value in notice.items() if name != "total_amount"}
    peer.holds("a notice without its amount is refused", not genuine(less))
    peer.holds("a notice with a field more is refused", not genuine({**notice, "refund_fee": "1.00"}))
    after = query("PYPI_0001")
    peer.holds(
        "a query says TRADE_SUCCESS and the same number",
        after["trade_status"] == "TRADE_SUCCESS" and after["trade_no"] == notice["trade_no"],
        after,
    )
    peer.control(base, "faults", bad_signature_callback=1)
    peer.control(base, "notify", out_trade_no="PYPI_0001")
    first, second = notify.next(), notify.next()
    peer.holds(
        "a badly signed notice is refused, and comes again well signed",
        not first.accepted and second.accepted,
    )
    peer.control(base, "faults", bad_signature_response=1)
    peer.holds(
        "an answer with a bad signature is refused",
        peer.refused(lambda: query("PYPI_0001"), AliPayValidationError),
    )
    refund = alipay.api_alipay_trade_refund(
        "0.45", out_trade_no="PYPI_0001", out_request_no="PYPI_R001"
    )
    peer.holds("a refund moves money", refund["fund_change"] == "Y", refund)
    found = alipay.api_alipay_trade_fastpay_refund_query("PYPI_R001", out_trade_no="PYPI_0001")
    peer.holds("a refund query finds it", found["refund_status"] == "REFUND_SUCCESS", found)

    precreate("PYPI_0002", "1.00")
    peer.control(base, "open", out_trade_no="PYPI_0002")
    closed = alipay.api_alipay_trade_close(out_trade_no="PYPI_0002")
    peer.holds("an opened code is closed", closed["code"] == "10000", closed)
    end = query("PYPI_0002")
    peer.holds("a query says TRADE_CLOSED", end["trade_status"] == "TRADE_CLOSED", end)
    peer.say("done")


peer.main(gateway=gateway, sandbox=sandbox)
