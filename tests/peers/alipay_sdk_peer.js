'use strict';
// npm alipay-sdk, Alipay's own: a client of our sandbox, and the judge of its notices.

const { AlipaySdk } = require('alipay-sdk');
const peer = require('./peer');

// Survives a form only if it is decoded once, and a signature only if nothing is escaped.
const SUBJECT = '棉被 1.5+2.0m 100% "{}" <枕头>';

async function sandbox(folder) {
  const { alipay: merchant, wechat_pay: { api_base: base } } = peer.read(folder, 'merchant.json');
  const control = peer.controls(base);
  const sdk = new AlipaySdk({
    appId: merchant.app_id,
    privateKey: merchant.app_private_key_pem,
    keyType: 'PKCS8',
    alipayPublicKey: merchant.alipay_public_key_pem,
    gateway: merchant.gateway_url,
  });
  const ask = (method, bizContent, more = {}) => (
    sdk.exec(method, { ...more, bizContent }, { validateSign: true })
  );
  const fields = ({ body }) => Object.fromEntries(new URLSearchParams(body.toString('utf8')));
  const notify = await peer.landing(
    (delivery) => sdk.checkNotifySignV2(fields(delivery)),
    { status: 200, body: 'success' },
  );
  const precreate = (outTradeNo, totalAmount) => ask('alipay.trade.precreate', {
    outTradeNo,
    totalAmount,
    subject: SUBJECT,
    productCode: 'QR_CODE_OFFLINE',
  }, { notifyUrl: notify.url });
  const query = (outTradeNo) => ask('alipay.trade.query', { outTradeNo });

  const placed = await precreate('NPM_0001', '123.45');
  peer.holds('a precreate gives a code', placed.code === '10000' && !!placed.qrCode, placed);
  const again = await precreate('NPM_0001', '123.45');
  peer.holds(
    'a second precreate of one number is refused',
    again.subCode === 'ACQ.APPLY_PC_MERCHANT_CODE_ERROR',
    again,
  );
  const unopened = await query('NPM_0001');
  peer.holds(
    'a code that nobody opened is no trade',
    unopened.subCode === 'ACQ.TRADE_NOT_EXIST',
    unopened,
  );
  await control('open', { out_trade_no: 'NPM_0001' });
  const waiting = await query('NPM_0001');
  peer.holds('an opened code waits', waiting.tradeStatus === 'WAIT_BUYER_PAY', waiting);

  await control('pay', { out_trade_no: 'NPM_0001' });
  const paid = await notify.next();
  const notice = fields(paid);
  peer.holds('the notice of a payment verifies', paid.accepted, notice);
  peer.holds(
    'the notice says what was paid',
    notice.trade_status === 'TRADE_SUCCESS'
      && notice.out_trade_no === 'NPM_0001'
      && notice.total_amount === '123.45'
      && notice.app_id === merchant.app_id
      && notice.seller_id === merchant.seller_id
      && notice.subject === SUBJECT,
    notice,
  );
  for (const [name, value] of Object.entries(notice)) {
    if (name === 'sign_type') continue; // Not signed in a notice.
    const changed = { ...notice, [name]: peer.altered(value) };
    peer.holds(`a notice with an altered ${name} is refused`, !sdk.checkNotifySignV2(changed));
  }
  const { total_amount: gone, ...less } = notice;
  peer.holds('a notice without its amount is refused', !!gone && !sdk.checkNotifySignV2(less));
  const more = { ...notice, refund_fee: '1.00' };
  peer.holds('a notice with a field more is refused', !sdk.checkNotifySignV2(more));

  const after = await query('NPM_0001');
  peer.holds(
    'a query says TRADE_SUCCESS and the same number',
    after.tradeStatus === 'TRADE_SUCCESS'
      && after.totalAmount === '123.45'
      && after.tradeNo === notice.trade_no,
    after,
  );
  await control('faults', { bad_signature_callback: 1 });
  await control('notify', { out_trade_no: 'NPM_0001' });
  const [first, second] = [await notify.next(), await notify.next()];
  peer.holds(
    'a badly signed notice is refused, and comes again well signed',
    !first.accepted && second.accepted && fields(first).notify_id === fields(second).notify_id,
  );
  await control('faults', { bad_signature_response: 1 });
  peer.holds('an answer with a bad signature is refused', await peer.refused(
    () => query('NPM_0001'),
    /验签失败/,
  ));

  const refund = await ask('alipay.trade.refund', {
    outTradeNo: 'NPM_0001',
    outRequestNo: 'NPM_R001',
    refundAmount: '0.45',
  });
  peer.holds(
    'a refund moves money once',
    refund.fundChange === 'Y' && refund.refundFee === '0.45',
    refund,
  );
  const found = await ask('alipay.trade.fastpay.refund.query', {
    outTradeNo: 'NPM_0001',
    outRequestNo: 'NPM_R001',
  });
  peer.holds('a refund query finds it', found.refundStatus === 'REFUND_SUCCESS', found);

  await precreate('NPM_0002', '1.00');
  await control('open', { out_trade_no: 'NPM_0002' });
  const closed = await ask('alipay.trade.close', { outTradeNo: 'NPM_0002' });
  peer.holds('an opened code is closed', closed.code === '10000', closed);
  const end = await query('NPM_0002');
  peer.holds('a query says TRADE_CLOSED', end.tradeStatus === 'TRADE_CLOSED', end);

  const page = sdk.pageExecute('alipay.trade.wap.pay', 'GET', {
    notifyUrl: notify.url,
    returnUrl: 'http://127.0.0.1/back',
    bizContent: {
      outTradeNo: 'NPM_0003',
      totalAmount: '2.00',
      subject: SUBJECT,
      productCode: 'QUICK_WAP_WAY',
    },
  });
  const opened = await fetch(page, { redirect: 'manual', headers: { 'User-Agent': 'AlipayClient' } });
  const shown = await opened.text();
  peer.holds('a phone page signed by it opens', opened.status < 400, opened.status, shown.slice(0, 300));
  await control('pay', { out_trade_no: 'NPM_0003' });
  const third = await notify.next();
  peer.holds(
    'and its payment is noticed',
    third.accepted && fields(third).out_trade_no === 'NPM_0003',
    fields(third),
  );

  // Certificate mode: its own numbers of the certificates are admitted, others are not.
  const { certificates } = merchant;
  const certified = (appCertContent) => new AlipaySdk({
    appId: merchant.app_id,
    privateKey: merchant.app_private_key_pem,
    keyType: 'PKCS8',
    appCertContent,
    alipayPublicCertContent: certificates.alipay_certificate_pem,
    alipayRootCertContent: certificates.alipay_root_pem,
    gateway: merchant.gateway_url,
  });
  const bizContent = { outTradeNo: 'NPM_0001' };
  const strict = { validateSign: true };
  const own = certified(certificates.app_certificate_pem);
  const seen = await own.exec('alipay.trade.query', { bizContent }, strict);
  peer.holds(
    'with certificates a query is admitted and its answer verifies',
    seen.code === '10000' && seen.tradeNo === notice.trade_no,
    seen,
  );
  const strangers = certified(certificates.alipay_certificate_pem);
  const refused = await strangers.exec('alipay.trade.query', { bizContent }, { validateSign: false });
  peer.holds(
    'another certificate is not admitted',
    refused.subCode === 'isv.invalid-app-cert-sn',
    refused,
  );
  await control('notify', { out_trade_no: 'NPM_0001' });
  const fourth = fields(await notify.next());
  peer.holds('a notice verifies by the certificate', own.checkNotifySignV2(fourth), fourth);
  console.log('done');
}

peer.main({ sandbox });
