import { money, parse } from './transactions.js';

/** The result that every teller receives at the end. */
export interface Result {
  /** Sum for the tellers whose total agrees with their posted rows. */
  grandTotal: number;
  /** The other tellers, each with the reason. */
  without: Record<string, string>;
}

interface Account {
  posted: number;
  badRow?: string;
}

/** Keeps account of posted rows, and checks the tellers' totals. */
export class Books {
  /** Resolves when every teller is done, or the time is over. */
  readonly result: Promise<Result>;
  #resolve!: (result: Result) => void;

  readonly #tellers: readonly string[];
  readonly #waitingFor: Set<string>;
  readonly #accounts = new Map<string, Account>();
  readonly #limit: number;
  #timer: NodeJS.Timeout | undefined;
  #grandTotal = 0;
  #without: Record<string, string> = {};

  /** @param limit milliseconds that the first to finish waits for the rest. */
  constructor(tellers: readonly string[], limit: number) {
    this.#tellers = tellers;
    this.#waitingFor = new Set(tellers);
    this.#limit = limit;
    this.result = new Promise((resolve) => (this.#resolve = resolve));
  }

  /** @returns why the teller may not post; `undefined` if it may. */
  open(teller: string): string | undefined {
    if (!this.#tellers.includes(teller)) {
      return `unknown teller ${JSON.stringify(teller)}`;
    }
    if (this.#accounts.has(teller)) return `${teller} is here already`;
    if (!this.#waitingFor.has(teller)) return 'the books are closed';
    this.#accounts.set(teller, { posted: 0 });
    return undefined;
  }

  post(teller: string, line: string): void {
    const account = this.#accounts.get(teller)!;
    const row = parse(line);
    if (row?.teller === teller) account.posted += row.cents;
    else account.badRow ??= line;
  }

  /** The teller's last word. */
  close(teller: string, total: string): void {
    const { posted, badRow } = this.#accounts.get(teller)!;
    if (badRow !== undefined) {
      this.#done(teller, `a bad row: ${JSON.stringify(badRow)}`);
    } else if (total === '') {
      this.#done(teller, 'left without a total');
    } else if (Number(total) === posted) {
      if (this.#waitingFor.has(teller)) this.#grandTotal += posted;
      this.#done(teller);
    } else {
      const said = money(Number(total));
      this.#done(teller, `said ${said}, but posted ${money(posted)}`);
    }
  }

  /** The teller's connection is broken. */
  lose(teller: string, why: string): void {
    this.#done(teller, `lost: ${why}`);
  }

  #done(teller: string, trouble?: string): void {
    // After the limit it is too late for both good and bad news.
    if (!this.#waitingFor.delete(teller)) return;
    if (trouble !== undefined) this.#without[teller] = trouble;
    if (this.#waitingFor.size === 0) this.#finish();
    else this.#timer ??= setTimeout(() => this.#finish(), this.#limit);
  }

  #finish(): void {
    clearTimeout(this.#timer);
    for (const teller of this.#waitingFor) {
      this.#without[teller] = 'was not done in time';
    }
    this.#waitingFor.clear();
    this.#resolve({ grandTotal: this.#grandTotal, without: this.#without });
  }
}
