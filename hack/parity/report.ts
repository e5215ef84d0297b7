/** What came out of one file, with a line for each difference. */
export class Report {
  compared = 0;
  different = 0;
  readonly #apart = new Map<string, number>();
  readonly #say: (line: string) => void;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  /** One comparison; numbers may differ by rounding, since Nova's order of summing is not given everywhere. */
  compare(what: string, expected: unknown, got: unknown): void {
    this.compared += 1;
    if (isSame(expected, got)) return;
    this.different += 1;
    this.#say(`${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(got)}`);
  }

  /** A comparison that is not made, and why. */
  apart(what: string, why: string): void {
    const reason = `${what}: ${why}`;
    this.#apart.set(reason, (this.#apart.get(reason) ?? 0) + 1);
  }

  summary(file: string): string {
    const apart = [...this.#apart].map(([reason, cases]) => `  not compared, ${cases}: ${reason}`);
    return [`${file}: ${this.compared} compared, ${this.different} different`, ...apart].join('\n');
  }
}

const TOLERANCE = 1e-9;

function isSame(expected: unknown, got: unknown): boolean {
  if (typeof expected === 'number' && typeof got === 'number')
    return expected === got || Math.abs(expected - got) <= TOLERANCE * Math.max(1, Math.abs(expected));
  if (Array.isArray(expected) && Array.isArray(got))
    return expected.length === got.length && expected.every((item, i) => isSame(item, got[i]));
  return expected === got;
}
