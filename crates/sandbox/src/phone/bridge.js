// What WeChat's own browser adds to a page: WeixinJSBridge. It appears only once the page has
// been read, as in WeChat, so a page has to wait for WeixinJSBridgeReady.
(function () {
  'use strict';
  var base = document.currentScript.src.replace(/\/bridge\.js.*$/, '');

  function show(page, done) {
    var sheet = document.createElement('iframe');
    sheet.id = 'wallet-sheet';
    sheet.title = 'WeChat Pay';
    sheet.src = page;
    sheet.style.cssText =
      'position:fixed;inset:0;width:100%;height:100%;border:0;z-index:2147483647;background:Canvas';
    function heard(event) {
      if (event.source !== sheet.contentWindow || !event.data || !event.data.err_msg) return;
      window.removeEventListener('message', heard);
      sheet.remove();
      done({ err_msg: event.data.err_msg });
    }
    window.addEventListener('message', heard);
    document.body.appendChild(sheet);
    sheet.focus();
  }

  function invoke(name, params, done) {
    done = done || function () {};
    if (name !== 'getBrandWCPayRequest') {
      done({ err_msg: 'system:function_not_exist' });
      return;
    }
    fetch(base + '/bridge', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(params),
    })
      .then(function (answer) { return answer.json(); })
      .then(function (answer) {
        if (answer.page) show(answer.page, done);
        else done({ err_msg: 'get_brand_wcpay_request:fail', err_desc: answer.reason });
      })
      .catch(function (error) {
        done({ err_msg: 'get_brand_wcpay_request:fail', err_desc: String(error) });
      });
  }

  function ready() {
    window.WeixinJSBridge = { invoke: invoke, on: function () {} };
    document.dispatchEvent(new Event('WeixinJSBridgeReady'));
  }

  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', ready);
  else ready();
})();
