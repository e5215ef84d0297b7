const newline = 0x0a;

/**
 * Cuts a stream of chunks into lines. Every byte is looked at once and copied at most once, however a line is spread
 * over chunks. A last line without its newline was cut off and is not handed on.
 */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  #pending: Buffer[] = [];

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      this.#emit(chunk.subarray(start, end));
      start = end + 1;
    }
    if (start < chunk.length) this.#pending.push(chunk.subarray(start));
  }

  #emit(tail: Buffer): void {
    const line = this.#pending.length === 0 ? tail : Buffer.concat([...this.#pending, tail]);
    this.#pending = [];
    if (line.length > 0) this.#onLine(line.toString('utf8'));
  }
}
