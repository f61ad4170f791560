// Tests the adapters with the real packages: npm run test:operators
import {
  context,
  propagation,
  ROOT_CONTEXT,
  trace as api,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import pino from 'pino';
import { Registry } from 'prom-client';
import { accept, createServer, reject } from '../../lib/index.js';
import { connect, listen } from '../../lib/promises.js';
import { log } from './logs.mjs';
import * as opentelemetry from './opentelemetry.mjs';
import * as prometheus from './prometheus.mjs';
import { contextOf, withContext } from './trace-context.mjs';

/** A server that has accepted a caller, refused another, and drained. */
async function serveTwo(before) {
  const server = createServer({
    condition: ({ callerData }) => (callerData ? accept() : reject('who?')),
  });
  await before(server);
  await listen(server, { port: 0, host: '127.0.0.1' });
  const { port } = server.address();
  await assert.rejects(connect({ port, host: '127.0.0.1' }));
  const accepted = once(server, 'connection');
  const socket = await connect({ port, host: '127.0.0.1', callerData: 'me' });
  await accepted;
  const drained = server.drain({ data: 'at noon' });
  await socket.disconnect('bye');
  await drained;
  return server;
}

test('prom-client', async () => {
  const register = new Registry();
  await serveTwo((server) => prometheus.watch(server, register));
  const text = await register.metrics();
  for (const line of [
    'goodbyte_accepted_total 1',
    'goodbyte_rejected_total 1',
    'goodbyte_ended_total 1',
    'goodbyte_words_sent_total 1',
    'goodbyte_connections 0',
    'goodbyte_verdict_seconds_count{verdict="accept"} 1',
    'goodbyte_verdict_seconds_count{verdict="reject"} 1',
  ]) {
    assert.ok(text.split('\n').includes(line), `${line}\nin\n${text}`);
  }
  // A second scrape counts nothing twice.
  assert.match(await register.metrics(), /^goodbyte_accepted_total 1$/m);
});

test('metrics of OpenTelemetry', async () => {
  const exporter = new InMemoryMetricExporter(
    AggregationTemporality.CUMULATIVE,
  );
  const reader = new PeriodicExportingMetricReader({ exporter });
  const provider = new MeterProvider({ readers: [reader] });
  const meter = provider.getMeter('goodbyte');
  await serveTwo((server) => opentelemetry.watch(server, meter));
  await provider.forceFlush();
  const metrics = exporter.getMetrics().at(-1).scopeMetrics[0].metrics;
  const points = (name) =>
    metrics.find(({ descriptor }) => descriptor.name === name).dataPoints;
  assert.equal(points('goodbyte.accepted')[0].value, 1);
  assert.equal(points('goodbyte.connections')[0].value, 0);
  assert.deepEqual(
    points('goodbyte.verdict').map((point) => [
      point.attributes.verdict,
      point.value.count,
    ]),
    [
      ['reject', 1],
      ['accept', 1],
    ],
  );
  await provider.shutdown();
});

test('traces of OpenTelemetry, and traceparent in caller data', async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  const tracer = provider.getTracer('goodbyte');
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  opentelemetry.trace(tracer);

  let own;
  const server = createServer({
    condition({ callerData }) {
      const { headers, data } = contextOf(callerData);
      own = String(data);
      const parent = propagation.extract(ROOT_CONTEXT, headers);
      tracer.startSpan('condition', {}, parent).end();
      return accept();
    },
    answer: () => undefined,
  });
  await listen(server, { port: 0, host: '127.0.0.1' });
  const { port } = server.address();
  const root = tracer.startSpan('root');
  await context.with(api.setSpan(ROOT_CONTEXT, root), async () => {
    const headers = {};
    propagation.inject(context.active(), headers);
    const callerData = withContext(headers, 'my own\n\ndata');
    const socket = await connect({ port, host: '127.0.0.1', callerData });
    await socket.disconnect('bye');
  });
  await server.drain();
  await assert.rejects(connect({ port, host: '127.0.0.1' }));

  assert.equal(own, 'my own\n\ndata');
  const spans = exporter.getFinishedSpans();
  const { traceId } = root.spanContext();
  const named = (name) => spans.filter((span) => span.name === name);
  assert.equal(named('condition')[0].spanContext().traceId, traceId);
  const [connected, refused] = named('goodbyte connect');
  assert.equal(connected.spanContext().traceId, traceId);
  assert.equal(connected.attributes['server.port'], port);
  assert.equal(refused.events[0].name, 'exception');
  assert.equal(named('goodbyte disconnect').length, 1);
});

test('trace context is distinguished from other caller data', () => {
  for (const data of ['', 'hello', 'traceparent: unfinished', 'x\n\ny']) {
    const read = contextOf(Buffer.from(data));
    assert.deepEqual(read, { headers: {}, data: Buffer.from(data) });
  }
  assert.deepEqual(contextOf(undefined).headers, {});
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  const headers = { traceparent, tracestate: 'a=1: 2' };
  const read = contextOf(withContext(headers, 'data'));
  assert.deepEqual(read, { headers, data: Buffer.from('data') });
  assert.equal(String(withContext({}, 'data')), 'data');
});

test('pino', async () => {
  const lines = [];
  const sink = { write: (line) => lines.push(JSON.parse(line)) };
  await serveTwo(() => log(pino({}, sink)));
  const said = lines.map(({ msg, verdict }) => verdict ?? msg);
  for (const one of ['accept', 'reject', 'connect', 'disconnect', 'drain']) {
    assert.ok(said.includes(one), one);
  }
  const refused = lines.find(({ msg, err }) => msg === 'connect' && err);
  assert.equal(refused.err.code, 'ECONNREFUSED');
  assert.equal(refused.level, 40);
});
