'use strict';
// npm wechatpay-axios-plugin: `gateway` plays WeChat Pay for our client, `sandbox` is a client of our
// sandbox and reads its callbacks. Everything is signed, verified, sealed and opened by the plugin.

const { Wechatpay, Formatter, Rsa, Aes } = require('wechatpay-axios-plugin');
const peer = require('./peer');

const WINDOW_S = 300;

// ---- gateway -------------------------------------------------------------------------------------

async function gateway(folder) {
  const secret = peer.read(folder, 'sandbox.json');
  const { wechat_pay: merchant } = peer.read(folder, 'merchant.json');
  const [pubKey, certificate] = ['public_key', 'certificate'].map((kind) => (
    merchant.platform_keys.find((key) => key.kind === kind)
  ));
  const merchantKey = Rsa.from(merchant.merchant_certificate_pem, Rsa.KEY_TYPE_PUBLIC);
  const signers = {
    [pubKey.id]: Rsa.from(secret.pub_key_private_pem, Rsa.KEY_TYPE_PRIVATE),
    [certificate.id]: Rsa.from(secret.platform_private_key_pem, Rsa.KEY_TYPE_PRIVATE),
  };
  const orders = new Map();
  const refunds = new Map();
  const admitted = [];
  let spoil = {};

  /** Why the request is not the merchant's, or nothing. */
  function stranger(request, body) {
    const [scheme, rest = ''] = (request.headers.authorization ?? '').split(/ (.*)/);
    if (scheme !== 'WECHATPAY2-SHA256-RSA2048') return 'scheme';
    const said = Object.fromEntries([...rest.matchAll(/(\w+)="([^"]*)"/g)].map(([, k, v]) => [k, v]));
    if (said.mchid !== merchant.mchid) return 'mchid';
    if (said.serial_no !== merchant.merchant_serial) return 'serial_no';
    if (Math.abs(Formatter.timestamp() - said.timestamp) > WINDOW_S) return 'timestamp';
    if (!request.headers['user-agent']) return 'user-agent';
    if (request.headers.accept !== 'application/json') return 'accept';
    if (body && request.headers['content-type'] !== 'application/json') return 'content-type';
    const text = (target, bytes) => (
      Formatter.request(request.method, target, said.timestamp, said.nonce_str, bytes)
    );
    const fits = (target, bytes) => Rsa.verify(text(target, bytes), said.signature, merchantKey);
    if (!fits(request.url, body)) return 'signature';
    // A judge that says yes to everything would not be noticed otherwise.
    if (fits(`${request.url}/`, body) || fits(request.url, `${body} `)) return 'judge';
    return undefined;
  }

  function signed(body, serial, how = {}) {
    const timestamp = Formatter.timestamp() - (how.age_s ?? 0);
    const nonce = Formatter.nonce();
    const signature = Rsa.sign(Formatter.response(timestamp, nonce, body), signers[serial]);
    return {
      'Wechatpay-Timestamp': String(timestamp),
      'Wechatpay-Nonce': nonce,
      'Wechatpay-Serial': serial,
      'Wechatpay-Signature': (how.signtest ? 'WECHATPAY/SIGNTEST/' : '') + signature,
      'Wechatpay-Signature-Type': 'WECHATPAY2-SHA256-RSA2048',
    };
  }

  function trade(order) {
    const view = {
      appid: merchant.appid,
      mchid: merchant.mchid,
      out_trade_no: order.asked.out_trade_no,
      trade_state: order.state,
      trade_state_desc: '以状态为准',
      attach: order.asked.attach ?? '',
      amount: { total: order.asked.amount.total, currency: 'CNY' },
    };
    if (order.state === 'SUCCESS' || order.state === 'REFUND') {
      Object.assign(view, {
        transaction_id: order.transaction_id,
        trade_type: 'NATIVE',
        bank_type: 'OTHERS',
        success_time: '2026-09-30T12:00:00+08:00',
        payer: { openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
      });
      Object.assign(view.amount, { payer_total: order.asked.amount.total - 1, payer_currency: 'CNY' });
    }
    return view;
  }

  function sealed(original_type, text) {
    const nonce = Formatter.nonce(12);
    const ciphertext = Aes.AesGcm.encrypt(text, merchant.api_v3_key, nonce, original_type);
    return { algorithm: 'AEAD_AES_256_GCM', associated_data: original_type, nonce, ciphertext };
  }

  /** `[status, body]`; bodies of 4xx are not signed, as the live gateway's are not. */
  function answer(method, url, asked) {
    const { pathname } = new URL(url, 'http://gateway');
    const create = /^\/v3\/pay\/transactions\/(native|jsapi|h5)$/.exec(pathname);
    if (method === 'POST' && create) {
      const known = orders.get(asked.out_trade_no);
      if (known && JSON.stringify(known.asked) !== JSON.stringify(asked)) {
        return [403, { code: 'OUT_TRADE_NO_USED', message: '商户订单号重复' }];
      }
      if (!known) orders.set(asked.out_trade_no, { asked, state: 'NOTPAY' });
      const token = Formatter.nonce(9);
      return [200, {
        native: { code_url: `weixin://wxpay/bizpayurl/up?pr=${token}&groupid=00` },
        jsapi: { prepay_id: `wx2026${token}` },
        h5: { h5_url: `https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=${token}` },
      }[create[1]]];
    }
    const one = /^\/v3\/pay\/transactions\/out-trade-no\/([^/]+)(\/close)?$/.exec(pathname);
    if (one) {
      const order = orders.get(one[1]);
      if (!order) return [404, { code: 'ORDER_NOT_EXIST', message: '订单不存在' }];
      if (method === 'GET' && !one[2]) return [200, trade(order)];
      if (order.state === 'SUCCESS') return [400, { code: 'ORDERPAID', message: '该订单已支付' }];
      order.state = 'CLOSED';
      return [204, undefined];
    }
    if (method === 'POST' && pathname === '/v3/refund/domestic/refunds') {
      const order = orders.get(asked.out_trade_no);
      const { refund, total, currency } = asked.amount;
      const view = {
        refund_id: '50300000000000000000000001',
        out_refund_no: asked.out_refund_no,
        transaction_id: order.transaction_id,
        out_trade_no: asked.out_trade_no,
        channel: 'ORIGINAL',
        user_received_account: '支付用户零钱',
        create_time: '2026-09-30T13:00:00+08:00',
        status: 'PROCESSING',
        amount: { total, refund, payer_total: total, payer_refund: refund, currency },
      };
      refunds.set(asked.out_refund_no, view);
      order.state = 'REFUND';
      return [200, view];
    }
    const refund = /^\/v3\/refund\/domestic\/refunds\/([^/]+)$/.exec(pathname);
    if (method === 'GET' && refund) {
      const view = refunds.get(refund[1]);
      if (!view) return [404, { code: 'RESOURCE_NOT_EXISTS', message: '退款单不存在' }];
      return [200, { ...view, status: 'SUCCESS', success_time: '2026-09-30T13:00:05+08:00' }];
    }
    if (method === 'GET' && pathname === '/v3/certificates') {
      return [200, { data: [{
        serial_no: certificate.id,
        effective_time: '2026-01-01T00:00:00+08:00',
        expire_time: '2031-01-01T00:00:00+08:00',
        encrypt_certificate: sealed('certificate', certificate.pem),
      }] }];
    }
    return [404, { code: 'NOT_FOUND', message: pathname }];
  }

  const server = await peer.serve(async (request, response) => {
    const body = (await peer.bytes(request)).toString('utf8');
    const how = spoil;
    spoil = {};
    const why = stranger(request, body);
    if (why) {
      response.writeHead(401).end(JSON.stringify({ code: 'SIGN_ERROR', message: why }));
      return;
    }
    admitted.push(`${request.method} ${request.url.split('?')[0]}`);
    const [status, content] = answer(request.method, request.url, body && JSON.parse(body));
    const text = content === undefined ? '' : JSON.stringify(content);
    if (status >= 400) {
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(text);
      return;
    }
    const serial = request.headers['wechatpay-serial'] ?? certificate.id;
    const headers = signed(text, serial, how);
    if (content !== undefined) headers['Content-Type'] = 'application/json; charset=utf-8';
    response.writeHead(status, headers).end(how.body ? peer.altered(text) : text);
  });
  console.log(`listening ${server.url}`);

  await peer.converse({
    /** Spoils the next answer: `body`, `signtest`, `age_s`. */
    spoil(how) {
      spoil = how;
      return {};
    },
    admitted: () => admitted,
    pay({ out_trade_no }) {
      const order = orders.get(out_trade_no);
      Object.assign(order, { state: 'SUCCESS', transaction_id: '4200000000202609300000000001' });
      return order.asked;
    },
    /** A callback, signed with the key of this kind; `how` as in `spoil`. */
    callback({ out_trade_no, out_refund_no, kind, how = {} }) {
      const resource = out_refund_no === undefined
        ? ['transaction', JSON.stringify(trade(orders.get(out_trade_no)))]
        : ['refund', JSON.stringify({
          mchid: merchant.mchid,
          ...refunds.get(out_refund_no),
          status: undefined,
          refund_status: 'SUCCESS',
          success_time: '2026-09-30T13:00:05+08:00',
        })];
      const body = JSON.stringify({
        id: 'EV-2026093012000000001',
        create_time: '2026-09-30T12:00:00+08:00',
        event_type: resource[0] === 'refund' ? 'REFUND.SUCCESS' : 'TRANSACTION.SUCCESS',
        resource_type: 'encrypt-resource',
        summary: '支付成功',
        resource: { original_type: resource[0], ...sealed(...resource) },
      });
      const headers = signed(body, (kind === 'certificate' ? certificate : pubKey).id, how);
      return { headers: Object.entries(headers), body: how.body ? peer.altered(body) : body };
    },
    /** Whether what WeixinJSBridge is given is signed, and not signed for another package. */
    bridge({ appId, timeStamp, nonceStr, package: prepared, signType, paySign }) {
      const fits = (what) => (
        Rsa.verify(Formatter.joinedByLineFeed(appId, timeStamp, nonceStr, what), paySign, merchantKey)
      );
      return { valid: signType === 'RSA' && fits(prepared) && !fits(`${prepared}0`) };
    },
  });
}

// ---- client of the sandbox -----------------------------------------------------------------------

async function sandbox(folder) {
  const { wechat_pay: merchant } = peer.read(folder, 'merchant.json');
  const control = peer.controls(merchant.api_base);
  const certs = Object.fromEntries(merchant.platform_keys.map(({ id, pem }) => [id, pem]));
  const { v3 } = new Wechatpay({
    mchid: merchant.mchid,
    serial: merchant.merchant_serial,
    privateKey: merchant.merchant_private_key_pem,
    certs,
    baseURL: merchant.api_base,
    proxy: false,
  });

  const opened = ({ resource }) => JSON.parse(Aes.AesGcm.decrypt(
    resource.ciphertext,
    merchant.api_v3_key,
    resource.nonce,
    resource.associated_data,
  ));
  const genuine = (headers, body) => {
    const [timestamp, nonce, serial, signature] = ['timestamp', 'nonce', 'serial', 'signature']
      .map((name) => headers[`wechatpay-${name}`]);
    return Math.abs(Formatter.timestamp() - timestamp) <= WINDOW_S
      && certs[serial] !== undefined
      && Rsa.verify(
        Formatter.response(timestamp, nonce, body),
        signature,
        Rsa.from(certs[serial], Rsa.KEY_TYPE_PUBLIC),
      );
  };
  const notify = await peer.landing(
    ({ headers, body }) => genuine(headers, body.toString('utf8')),
    { status: 204 },
  );

  const order = (out_trade_no, total) => ({
    appid: merchant.appid,
    mchid: merchant.mchid,
    description: '棉被 & "枕头" <1.5m> ×2',
    out_trade_no,
    notify_url: notify.url,
    amount: { total, currency: 'CNY' },
  });
  const query = (out_trade_no) => v3.pay.transactions.outTradeNo.$out_trade_no$.get({
    out_trade_no,
    params: { mchid: merchant.mchid },
  });

  const placed = await v3.pay.transactions.native.post(order('AXIOS_0001', 12_345));
  peer.holds('a Native order is placed', /^weixin:\/\/wxpay\//.test(placed.data.code_url), placed.data);
  const before = await query('AXIOS_0001');
  peer.holds('a query says NOTPAY', before.data.trade_state === 'NOTPAY', before.data);
  peer.holds('another number does not exist', await peer.refused(
    () => query('AXIOS_NONE'),
    /404/,
  ));
  peer.holds('the same number with another amount is refused', await peer.refused(
    () => v3.pay.transactions.native.post(order('AXIOS_0001', 12_346)),
    /403/,
  ));

  await control('pay', { out_trade_no: 'AXIOS_0001' });
  const paid = await notify.next();
  peer.holds('the callback of a payment verifies', paid.accepted, paid.headers);
  const text = paid.body.toString('utf8');
  const event = JSON.parse(text);
  const transaction = opened(event);
  peer.holds(
    'the callback opens and says what was paid',
    event.event_type === 'TRANSACTION.SUCCESS'
      && transaction.out_trade_no === 'AXIOS_0001'
      && transaction.trade_state === 'SUCCESS'
      && transaction.amount.total === 12_345
      && transaction.mchid === merchant.mchid,
    transaction,
  );
  peer.holds('a callback with an altered body is refused', !genuine(paid.headers, peer.altered(text)));
  for (const name of ['nonce', 'timestamp', 'signature']) {
    const header = `wechatpay-${name}`;
    const digit = paid.headers[header].replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    const value = name === 'timestamp' ? digit : peer.altered(paid.headers[header]);
    peer.holds(
      `a callback with an altered ${name} is refused`,
      !genuine({ ...paid.headers, [header]: value }, text),
    );
  }
  const { resource } = event;
  for (const part of ['ciphertext', 'nonce', 'associated_data']) {
    const changed = { ...resource, [part]: peer.altered(resource[part]) };
    peer.holds(`a resource with an altered ${part} does not open`, await peer.refused(
      async () => opened({ resource: changed }),
      /authenticate/,
    ));
  }
  const after = await query('AXIOS_0001');
  peer.holds(
    'a query says SUCCESS and the same number',
    after.data.trade_state === 'SUCCESS' && after.data.transaction_id === transaction.transaction_id,
    after.data,
  );

  await v3.pay.transactions.native.post(order('AXIOS_0002', 100));
  for (const fault of ['bad_signature_callback', 'signtest_callback']) {
    await control('faults', { [fault]: 1 });
    if (fault === 'bad_signature_callback') await control('pay', { out_trade_no: 'AXIOS_0002' });
    else await control('notify', { out_trade_no: 'AXIOS_0002' });
    const [first, second] = [await notify.next(), await notify.next()];
    peer.holds(`${fault} is refused, and comes again well signed`, !first.accepted && second.accepted);
  }
  await control('sign-with', { kind: 'certificate' });
  await control('notify', { out_trade_no: 'AXIOS_0002' });
  const other = await notify.next();
  peer.holds(
    'a callback signed with the platform certificate verifies',
    other.accepted && !other.headers['wechatpay-serial'].startsWith('PUB_KEY_ID_'),
    other.headers,
  );
  await control('sign-with', { kind: 'public_key' });

  await control('faults', { bad_signature_response: 1 });
  peer.holds('an answer with a bad signature is refused', await peer.refused(
    () => query('AXIOS_0001'),
    /SIGNATURE_DIGEST/,
  ));

  const { serial } = await control('rotate-certificate', {});
  const list = (await v3.certificates.get()).data.data;
  const pems = Object.fromEntries(list.map((item) => [
    item.serial_no,
    Aes.AesGcm.decrypt(
      item.encrypt_certificate.ciphertext,
      merchant.api_v3_key,
      item.encrypt_certificate.nonce,
      item.encrypt_certificate.associated_data,
    ),
  ]));
  const current = merchant.platform_keys.find((key) => key.kind === 'certificate');
  peer.holds(
    'the list of certificates holds the old and the new one',
    pems[current.id] === current.pem && /BEGIN CERTIFICATE/.test(pems[serial]),
    Object.keys(pems),
  );

  await v3.pay.transactions.native.post(order('AXIOS_0003', 100));
  const closed = await v3.pay.transactions.outTradeNo.$out_trade_no$.close.post(
    { mchid: merchant.mchid },
    { out_trade_no: 'AXIOS_0003' },
  );
  peer.holds('a close is answered 204, empty and signed', closed.status === 204 && closed.data === '');
  peer.holds('a query says CLOSED', (await query('AXIOS_0003')).data.trade_state === 'CLOSED');

  const refund = await v3.refund.domestic.refunds.post({
    out_trade_no: 'AXIOS_0001',
    out_refund_no: 'AXIOS_R001',
    reason: '退货',
    notify_url: notify.url,
    amount: { refund: 45, total: 12_345, currency: 'CNY' },
  });
  peer.holds('a refund is accepted', refund.data.out_refund_no === 'AXIOS_R001', refund.data);
  const back = await notify.next();
  const ended = opened(JSON.parse(back.body.toString('utf8')));
  peer.holds(
    'the callback of a refund verifies, opens and says what went back',
    back.accepted && ended.refund_status === 'SUCCESS' && ended.amount.refund === 45,
    ended,
  );
  console.log('done');
}

peer.main({ gateway, sandbox });
