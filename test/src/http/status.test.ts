import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';
import { inspect } from 'node:util';
import * as status from '../../../src/http/status.js';

test('the reason phrases are those of node:http', () => {
  for (const [code, text] of Object.entries(http.STATUS_CODES)) {
    if (code === '509') continue; // Node knows a code that nobody registered
    assert.equal(status.reasonPhrase(Number(code)), text, code);
  }
});

test('an unregistered code has the phrase Unknown', () => {
  assert.equal(status.reasonPhrase(299), 'Unknown');
  assert.equal(status.reasonPhrase(599), 'Unknown');
});

test('a status code is a whole number from 100 to 599', () => {
  for (const good of [100, 101, 200, 404, 599]) assert.equal(status.isStatusCode(good), true, String(good));
  for (const bad of [0, 99, 600, 1000, -200, 200.5, NaN, Infinity, '200', null, undefined, {}, true])
    assert.equal(status.isStatusCode(bad), false, String(bad));
});

test('the status of a final answer is not below 200', () => {
  assert.equal(status.isFinalStatusCode(199), false);
  assert.equal(status.isFinalStatusCode(101), false);
  assert.equal(status.isFinalStatusCode(200), true);
  assert.equal(status.isFinalStatusCode(599), true);
  assert.equal(status.isFinalStatusCode('200'), false);
});

test('a reason phrase holds no control characters and nothing outside latin1', () => {
  for (const good of ['OK', '', "I'm a teapot", 'Gr\u00fc\u00dfe', 'a\tb'])
    assert.equal(status.isReasonPhrase(good), true, good);
  for (const bad of ['a\r\nX: y', 'a\nb', 'a\rb', 'a\0', '\u007f', '\u2713'])
    assert.equal(status.isReasonPhrase(bad), false, JSON.stringify(bad));
});

test('what isReasonPhrase accepts node:http writes, what it refuses node:http refuses', () => {
  for (let code = 0; code < 0x180; code++) {
    const text = `a${String.fromCharCode(code)}b`;
    const response = new http.ServerResponse(new http.IncomingMessage(null as never));
    let accepted = true;
    try {
      response.writeHead(200, text);
    } catch {
      accepted = false;
    }
    assert.equal(status.isReasonPhrase(text), accepted, `U+${code.toString(16)}`);
  }
});

test('a Status takes the registered phrase when it is given none', () => {
  const made = new status.Status(404);
  assert.equal(made.text, 'Not Found');
  assert.equal(String(made), '404 Not Found');
  assert.equal(String(new status.Status(418, 'short and stout')), '418 short and stout');
});

test('two Status are equal when both code and text are', () => {
  assert.equal(new status.Status(200).equals(status.OK_200), true);
  assert.equal(new status.Status(200, 'Fine').equals(status.OK_200), false);
  assert.equal(new status.Status(201, 'OK').equals(status.OK_200), false);
});

test('the API constants carry their code in their name', () => {
  const constants = Object.entries(status).filter(([, value]) => value instanceof status.Status);
  assert.equal(constants.length, 19);
  for (const [name, value] of constants as [string, status.Status][]) {
    assert.equal(name.endsWith(`_${value.code}`), true, name);
    const words = name.replace(/_\d+$/, '').replaceAll('_', ' ').toLowerCase();
    assert.equal(value.text.toLowerCase(), words, name);
  }
});

test('a Status prints its code and text', () => {
  assert.match(inspect(status.NOT_FOUND_404), /404/);
  assert.match(inspect(status.NOT_FOUND_404), /Not Found/);
});
