/** Who may post to the ledger. */
export const tellers: readonly string[] = [
  'ann',
  'bea',
  'carl',
  'dora',
  'emil',
  'fay',
  'gus',
  'hana',
];

export const header = 'number,date,teller,cents,till';

export interface Transaction {
  number: number;
  date: string;
  teller: string;
  /** Cents paid in; below zero: paid out. */
  cents: number;
  /** The contents of the teller's till afterwards. */
  till: number;
}

const pattern = /^(\d+),(\d{4}-\d\d-\d\d),(\w+),(-?\d+),(-?\d+)$/;

/** Reads one line of the file; `undefined` if it is not a transaction. */
export function parse(line: string): Transaction | undefined {
  const [, number, date, teller, cents, till] = pattern.exec(line) ?? [];
  if (!date || !teller) return undefined;
  return {
    number: Number(number),
    date,
    teller,
    cents: Number(cents),
    till: Number(till),
  };
}

/** The third field, even of a line with an error elsewhere. */
export function tellerOf(line: string): string | undefined {
  return line.split(',')[2];
}

/** 1234567 becomes 12,345.67. */
export function money(cents: number): string {
  return (cents / 100).toLocaleString('en', { minimumFractionDigits: 2 });
}
