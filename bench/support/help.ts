/** An option as `parseArgs` takes it, with its help text. */
interface Described {
  type: 'boolean' | 'string';
  /** Placeholder for its value. */
  value?: string;
  text: string;
  default?: unknown;
}

/** Returns the text that `--help` prints. */
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
