const signals = ['SIGINT', 'SIGTERM'] as const;

/** @returns a function that no longer waits for the signal. */
function onSignal(listener: (signal: NodeJS.Signals) => void): () => void {
  const onsignal = (signal: NodeJS.Signals) => {
    forget();
    listener(signal);
  };
  const forget = () => {
    for (const each of signals) process.off(each, onsignal);
  };
  for (const each of signals) process.on(each, onsignal);
  return forget;
}

/** The first ends the work, a second one of either kind the process. */
export function aSignal(): Promise<string> {
  return new Promise((resolve) => void onSignal(resolve));
}

/**
 * Cleans up when a signal comes, which then ends the process as it would any
 * other.
 *
 * @returns a function that gives this up.
 */
export function beforeSignal(cleanUp: () => void): () => void {
  return onSignal((signal) => {
    cleanUp();
    process.kill(process.pid, signal);
  });
}
