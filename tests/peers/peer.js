'use strict';
// What the Node peers share: the keys, a place for callbacks to land, the sandbox's control API,
// and how a check is told. A script is called with a mode and the folder of the sandbox's keys. It
// prints `ok WHAT` for each check that held and `done` at its end; the first that does not hold ends
// it with an error.

const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const readline = require('node:readline');

const PATIENCE_MS = 10_000;

function read(folder, name) {
  return JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8'));
}

/** Tells that something holds, or ends the script. */
function holds(what, condition, ...seen) {
  if (!condition) {
    const telling = seen.map((value) => JSON.stringify(value)).join(' ');
    throw new Error(`does not hold: ${what}${telling && `; seen: ${telling}`}`);
  }
  console.log(`ok ${what}`);
}

/** Whether a call fails, and with words that `telling` matches. */
async function refused(call, telling) {
  try {
    await call();
    return false;
  } catch (error) {
    if (telling.test(`${error.code} ${error.message}`)) return true;
    throw error;
  }
}

/** The whole body of a request, as bytes. */
async function bytes(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

/** Serves on loopback; resolves to the URL. */
function serve(answer) {
  const server = http.createServer((request, response) => {
    answer(request, response).catch((error) => {
      console.error(error);
      response.writeHead(500).end(String(error));
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve({ url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() });
    });
  });
}

/**
 * A merchant's address for callbacks: every delivery is judged by `accepts`, answered as the channel
 * wants to hear it, and kept with the verdict.
 */
async function landing(accepts, yes) {
  const kept = [];
  let wake = () => {};
  const server = await serve(async (request, response) => {
    const delivery = { headers: request.headers, body: await bytes(request) };
    delivery.accepted = await accepts(delivery);
    response.writeHead(delivery.accepted ? yes.status : 400).end(delivery.accepted ? yes.body : 'FAIL');
    kept.push(delivery);
    wake();
  });
  return {
    url: `${server.url}/notify`,
    close: server.close,
    /** The next delivery that was not taken yet. */
    async next() {
      if (kept.length === 0) {
        await new Promise((resolve, reject) => {
          const late = setTimeout(() => reject(new Error('no callback came')), PATIENCE_MS);
          wake = () => {
            clearTimeout(late);
            resolve();
          };
        });
      }
      return kept.shift();
    },
  };
}

/** The sandbox's control API: `POST /control/NAME`. */
function controls(base) {
  return async (name, body) => {
    const answer = await fetch(`${base}/control/${name}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`control/${name}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
}

/** One line of JSON in, one out, until the input ends. */
async function converse(commands) {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { do: name, ...rest } = JSON.parse(line);
    console.log(JSON.stringify(await commands[name](rest)));
  }
}

/** Another text of the same length. */
function altered(text) {
  const at = Math.floor(text.length / 2);
  return text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
}

/** Calls the mode named on the command line. */
function main(modes) {
  const [mode, folder] = process.argv.slice(2);
  modes[mode](folder).then(
    () => process.exit(0),
    (error) => {
      console.error(error.stack);
      console.error(`failed: ${error.message}`);
      process.exit(1);
    },
  );
}

module.exports = { read, holds, refused, bytes, serve, landing, controls, converse, altered, main };
