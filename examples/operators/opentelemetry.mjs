// A goodbyte server's metrics, and its clients' calls, for OpenTelemetry.
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { subscribe, tracingChannel } from 'node:diagnostics_channel';

const GAUGES = ['connections', 'pending', 'deferred', 'lingering', 'draining'];

export function watch(server, meter) {
  const instruments = Object.keys(server.metrics()).map((name) => [
    name,
    GAUGES.includes(name)
      ? meter.createObservableUpDownCounter(`goodbyte.${name}`)
      : meter.createObservableCounter(`goodbyte.${name}`),
  ]);
  meter.addBatchObservableCallback(
    (result) => {
      const metrics = server.metrics();
      for (const [name, instrument] of instruments) {
        result.observe(instrument, metrics[name]);
      }
    },
    instruments.map(([, instrument]) => instrument),
  );
  const verdicts = meter.createHistogram('goodbyte.verdict', { unit: 's' });
  subscribe('goodbyte:verdict', ({ server: of, verdict, duration }) => {
    if (of === server) verdicts.record(duration / 1000, { verdict });
  });
}

/** A span for each connect and each disconnect of this process. */
export function trace(tracer) {
  for (const call of ['connect', 'disconnect']) {
    const spans = new WeakMap();
    tracingChannel(`goodbyte:${call}`).subscribe({
      start(context) {
        const { address, port } = context;
        const attributes = { 'server.address': address, 'server.port': port };
        const options = { kind: SpanKind.CLIENT, attributes };
        spans.set(context, tracer.startSpan(`goodbyte ${call}`, options));
      },
      error(context) {
        const span = spans.get(context);
        span?.recordException(context.error);
        span?.setStatus({ code: SpanStatusCode.ERROR });
      },
      // A call that throws has no asynchronous end.
      end(context) {
        if (context.error) spans.get(context)?.end();
      },
      asyncEnd(context) {
        spans.get(context)?.end();
      },
    });
  }
}
