// A goodbyte server's metrics, for prom-client.
import { subscribe } from 'node:diagnostics_channel';
import { Counter, Gauge, Histogram } from 'prom-client';

const GAUGES = ['connections', 'pending', 'deferred', 'lingering', 'draining'];

const snakeCase = (name) =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

export function watch(server, register) {
  // One snapshot for all that is scraped at once.
  let snapshot;
  const metrics = () => {
    if (!snapshot) setImmediate(() => (snapshot = undefined));
    return (snapshot ??= server.metrics());
  };
  for (const name of Object.keys(server.metrics())) {
    const isGauge = GAUGES.includes(name);
    const Metric = isGauge ? Gauge : Counter;
    void new Metric({
      name: `goodbyte_${snakeCase(name)}${isGauge ? '' : '_total'}`,
      help: `${name} of server.metrics()`,
      registers: [register],
      collect() {
        this.reset();
        this.inc(metrics()[name]);
      },
    });
  }
  const verdicts = new Histogram({
    name: 'goodbyte_verdict_seconds',
    help: 'Time from a request to its verdict',
    labelNames: ['verdict'],
    registers: [register],
  });
  subscribe('goodbyte:verdict', ({ server: of, verdict, duration }) => {
    if (of === server) verdicts.observe({ verdict }, duration / 1000);
  });
}
