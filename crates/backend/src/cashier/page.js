(function () {
  'use strict';
  var body = document.body, here = location.pathname.replace(/\/$/, '');
  var shown = body.getAttribute('data-state');
  function again() { location.replace(here); }

  var left = document.getElementById('left');
  if (left) {
    var end = Date.now() + Number(left.getAttribute('data-ms'));
    var form = left.getAttribute('data-form');
    setInterval(function () {
      var s = Math.floor((end - Date.now()) / 1000);
      if (s <= 0) { again(); return; }
      if (s < 3600) left.textContent = form.replace('M', Math.floor(s / 60)).replace('S', s % 60);
    }, 1000);
  }

  function poll(tries) {
    if (tries <= 0) { var slow = document.getElementById('slow'); if (slow) slow.hidden = false; return; }
    setTimeout(function () {
      fetch(here + '/state', { cache: 'no-store' })
        .then(function (answer) { return answer.json(); })
        .then(function (now) {
          var waiting = shown === 'checking' && now.pending && now.state !== 'paid';
          if (now.state !== shown && !waiting) again();
          else poll(tries - 1);
        })
        .catch(function () { poll(tries - 1); });
    }, 2000);
  }
  if (body.getAttribute('data-poll')) poll(30);

  var params = body.getAttribute('data-bridge');
  if (params) {
    var said = document.getElementById('said');
    var call = function () {
      window.WeixinJSBridge.invoke('getBrandWCPayRequest', JSON.parse(params), function (r) {
        if (r.err_msg === 'get_brand_wcpay_request:ok') location.replace(here + '?back=1');
        else if (said) said.hidden = false;
      });
    };
    var pay = function () {
      if (window.WeixinJSBridge) call();
      else document.addEventListener('WeixinJSBridgeReady', call, { once: true });
    };
    var button = document.getElementById('pay-wechat');
    if (button) button.addEventListener('click', function (e) { e.preventDefault(); pay(); });
    if (location.hash === '#pay') { history.replaceState(null, '', here); pay(); }
  }
})();
