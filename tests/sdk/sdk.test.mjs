// SPDX-License-Identifier: MIT
//
// AWS's SDK for JavaScript against the Invoke API of `phork serve`; started by tests/sdk/run.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import {
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';

const { SCRATCH, STREAMING, WHOLE } = process.env;
const client = new LambdaClient({ endpoint: WHOLE, maxAttempts: 1 });
const streaming = new LambdaClient({ endpoint: STREAMING, maxAttempts: 1 });

const text = (bytes) => Buffer.from(bytes ?? []).toString();

function invoke(event, more = {}) {
  const payload = event === undefined ? {} : { Payload: JSON.stringify(event) };
  return client.send(new InvokeCommand({ FunctionName: 'function', ...payload, ...more }));
}

async function eventually(condition) {
  const deadline = Date.now() + 20_000;
  while (!condition()) {
    assert(Date.now() < deadline, 'the condition did not hold within 20 s');
    await pause(20);
  }
}

// Calls `onChunk` with the parts so far, at each part; returns all of them and the end.
async function stream(to, event, more = {}, onChunk = () => {}) {
  const output = await to.send(
    new InvokeWithResponseStreamCommand({
      FunctionName: 'function',
      Payload: JSON.stringify(event),
      ...more,
    }),
  );
  const chunks = [];
  let complete;
  for await (const { PayloadChunk, InvokeComplete } of output.EventStream) {
    if (PayloadChunk) {
      chunks.push(Buffer.from(PayloadChunk.Payload));
      onChunk(chunks);
    }
    complete ??= InvokeComplete;
  }
  return { output, chunks, complete };
}

test('an event is answered', async () => {
  const output = await invoke({ a: 'é' });
  assert.equal(output.StatusCode, 200);
  assert.equal(output.ExecutedVersion, '$LATEST');
  assert.equal(output.FunctionError, undefined);
  const answer = JSON.parse(text(output.Payload));
  assert.deepEqual(answer.event, { a: 'é' });
  assert.equal(answer.request_id, output.$metadata.requestId);
});

test('without a payload the event is an empty object', async () => {
  const output = await invoke(undefined);
  assert.deepEqual(JSON.parse(text(output.Payload)).event, {});
});

test('client context, tenant and qualifier arrive', async () => {
  const output = await invoke(1, {
    ClientContext: Buffer.from('{"custom":{"x":1}}').toString('base64'),
    Qualifier: '$LATEST',
    TenantId: 'blue',
  });
  const answer = JSON.parse(text(output.Payload));
  assert.deepEqual(answer.client, { custom: { x: 1 } });
  assert.equal(answer.tenant_id, 'blue');
  assert.match(answer.arn, /:function:function:\$LATEST$/);
});

test('a function error is reported, and the log comes along', async () => {
  const output = await invoke({ do: 'throw' }, { LogType: 'Tail' });
  assert.equal(output.StatusCode, 200);
  assert.equal(output.FunctionError, 'Unhandled');
  assert.equal(JSON.parse(text(output.Payload)).errorMessage, 'no café');
  const log = Buffer.from(output.LogResult, 'base64').toString();
  assert.match(log, /^START RequestId: /);
  assert.match(log, /REPORT RequestId: .*\tDuration: /);
});

test('an asynchronous event is tried until it works, with one request id', async () => {
  const file = join(SCRATCH, 'node-attempts');
  const output = await invoke(
    { do: 'fail at first', file, works_at: 3 },
    { InvocationType: 'Event' },
  );
  assert.equal(output.StatusCode, 202);
  const { requestId } = output.$metadata;
  const attempts = () => (existsSync(file) ? readFileSync(file, 'utf8') : '');
  await eventually(() => attempts() === `${requestId}\n`.repeat(3));
});

test('a dry run checks the call', async () => {
  const output = await invoke({ do: 'throw' }, { InvocationType: 'DryRun' });
  assert.equal(output.StatusCode, 204);
});

test('errors are the classes that the SDK has for them', async () => {
  const wrong = [
    ['ResourceNotFoundException', { FunctionName: 'other' }, /Function not found: arn:/],
    ['InvalidRequestContentException', { Payload: '{' }, /parse/],
    ['RequestTooLargeException', { Payload: `"${'x'.repeat(6_291_456)}"` }, /6291456/],
    ['InvalidParameterValueException', { FunctionName: 'function:1', Qualifier: '2' }, /qualifier/],
  ];
  for (const [name, more, message] of wrong) {
    await assert.rejects(invoke({}, more), (error) => {
      assert.equal(error.name, name);
      assert.match(error.message, message);
      return true;
    });
  }
});

test('callers in parallel each get their own answer', async () => {
  const numbers = Array.from({ length: 100 }, (_, index) => index);
  const outputs = await Promise.all(numbers.map((number) => invoke({ number })));
  outputs.forEach((output, number) => {
    const answer = JSON.parse(text(output.Payload));
    assert.deepEqual(answer.event, { number });
    assert.equal(answer.request_id, output.$metadata.requestId);
  });
});

test('a stream arrives while the function is still at work', async () => {
  const gate = join(SCRATCH, 'gate');
  const { output, chunks, complete } = await stream(
    streaming,
    { do: 'pieces', gate },
    { LogType: 'Tail' },
    // Without this file the function goes no further than its first part.
    () => writeFileSync(gate, ''),
  );
  // AWS's model defines it as the type of the reply, not of the function's answer.
  assert.equal(output.ResponseStreamContentType, 'application/vnd.amazon.eventstream');
  assert.deepEqual(chunks.map(String), ['first ', Buffer.from('second \0\xff', 'latin1').toString()]);
  assert.equal(complete.ErrorCode, undefined);
  assert.match(Buffer.from(complete.LogResult, 'base64').toString(), /REPORT RequestId: /);
});

test('a failure in the middle of a stream ends it with the error', async () => {
  const { chunks, complete } = await stream(streaming, { do: 'pieces', fails: true });
  assert.equal(text(Buffer.concat(chunks)), 'first ');
  assert.equal(complete.ErrorCode, 'Unhandled');
  assert.equal(JSON.parse(complete.ErrorDetails).errorMessage, 'in the middle');
});

test('a function that does not stream is one part', async () => {
  const { chunks, complete } = await stream(client, { do: 'large', bytes: 3_000_000 });
  assert.equal(chunks.length, 1);
  assert.equal(chunks[0].length, 3_000_000);
  assert.equal(complete.ErrorCode, undefined);
});

test('streams in parallel do not mix', async () => {
  const results = await Promise.all(
    Array.from({ length: 20 }, () => stream(streaming, { do: 'pieces' })),
  );
  for (const { chunks } of results) {
    assert.equal(Buffer.concat(chunks).toString('latin1'), 'first second \0\xff');
  }
});
