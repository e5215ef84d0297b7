/** What came out of one file, with a line for each difference. */
export class Report {
  compared = 0;
  different = 0;
  readonly #apart = new Map<string, number>();
  readonly #refused = new Map<string, number>();
  readonly #say: (line: string) => void;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  /** One comparison; numbers may differ by rounding, since Nova's order of summing is not given everywhere. */
  compare(what: string, expected: unknown, got: unknown): boolean {
    this.compared += 1;
    if (isSame(expected, got)) return true;
    this.different += 1;
    this.#say(`${what}: expected ${written(expected)}, got ${written(got)}`);
    return false;
  }

  /** Something that ought to be compared and cannot be: counted as a difference. */
  fault(what: string, why: string): void {
    this.different += 1;
    this.#say(`${what}: ${why}`);
  }

  /** A comparison that is not made, and why. */
  apart(what: string, why: string): void {
    count(this.#apart, `${what}: ${why}`);
  }

  /** An input on which Nova raises was refused. */
  refused(what: string): void {
    count(this.#refused, what);
  }

  summary(file: string): string {
    const refused = [...this.#refused].map(
      ([what, cases]) => `  Nova raises, refused here, ${cases}: ${what}`,
    );
    const apart = [...this.#apart].map(([reason, cases]) => `  not compared, ${cases}: ${reason}`);
    return [`${file}: ${this.compared} compared, ${this.different} different`, ...refused, ...apart].join(
      '\n',
    );
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Numbers that JSON does not have included. */
function written(value: unknown): string {
  const plain = (_key: string, entry: unknown) =>
    typeof entry === 'number' && !Number.isFinite(entry) ? String(entry) : entry;
  return JSON.stringify(value, plain) ?? String(value);
}

const TOLERANCE = 1e-9;

function isSame(expected: unknown, got: unknown): boolean {
  if (typeof expected === 'number' && typeof got === 'number')
    return (
      expected === got ||
      Object.is(expected, got) ||
      Math.abs(expected - got) <= TOLERANCE * Math.max(1, Math.abs(expected))
    );
  if (Array.isArray(expected) && Array.isArray(got))
    return expected.length === got.length && expected.every((item, i) => isSame(item, got[i]));
  return expected === got;
}
