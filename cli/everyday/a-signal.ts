/** The first ends the work, a second one of either kind the process. */
export function aSignal(): Promise<string> {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  return new Promise((resolve) => {
    const onsignal = (signal: string) => {
      for (const each of signals) process.off(each, onsignal);
      resolve(signal);
    };
    for (const each of signals) process.on(each, onsignal);
  });
}
