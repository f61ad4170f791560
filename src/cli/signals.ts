import { killChildren } from '../../conformance/runner/children.js';

const fatal = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Ends the agents before a signal ends us, as it would without this. */
export async function endingChildren<T>(work: () => Promise<T>): Promise<T> {
  const onsignal = (signal: NodeJS.Signals): void => {
    killChildren();
    release();
    process.kill(process.pid, signal);
  };
  const release = (): void => {
    for (const signal of fatal) process.off(signal, onsignal);
  };
  for (const signal of fatal) process.on(signal, onsignal);
  try {
    return await work();
  } finally {
    release();
  }
}
