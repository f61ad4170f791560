/** An option as `parseArgs` takes it, and what its help says. */
interface Described {
  type: 'boolean' | 'string';
  /** What its value is. */
  value?: string;
  text: string;
  default?: unknown;
}

/** What `--help` prints. */
export function helpOf(
  usage: string,
  options: Readonly<Record<string, Described>>,
): string {
  const rows = Object.entries(options).map(
    ([name, { value, text, default: preset }]) => {
      const isTold = typeof preset === 'string';
      return [
        value === undefined ? `--${name}` : `--${name} ${value}`,
        isTold ? `${text}; ${preset}` : text,
      ] as const;
    },
  );
  const width = Math.max(...rows.map(([left]) => left.length));
  const lines = rows.map(([left, text]) => `  ${left.padEnd(width)}  ${text}`);
  return [usage, '', ...lines].join('\n');
}
