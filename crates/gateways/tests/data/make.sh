#!/bin/sh
# Makes the keys and vectors of this folder with openssl. The keys exist for these tests only: they
# are public, and belong to no merchant. Run in this folder; what is committed is one run's result.
set -eu
pkcs8() { openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$1" 2>/dev/null; }
pkcs8 merchant_key.pem                     # ours: signs requests
openssl pkey -in merchant_key.pem -pubout -out merchant_public.pem
openssl rsa -in merchant_key.pem -traditional -out merchant_key_pkcs1.pem 2>/dev/null
pkcs8 channel_key.pem                      # plays the channel: signs answers and callbacks
openssl pkey -in channel_key.pem -pubout -out channel_public.pem
openssl req -x509 -new -key channel_key.pem -subj "/CN=test only" -days 3650 \
  -set_serial 0x0A1B2C3D4E5F60718293A4B5C6D7E8F901234567 -out channel_certificate.pem
# A deterministic signature over two lines, the second one in Chinese.
printf 'GET\n微信支付\n' > signed.txt
openssl dgst -sha256 -sign merchant_key.pem signed.txt | openssl base64 -A > signed.b64
