/** The number of a text that no host has. */
export const NO_TEXT = -1;

/** Gives each distinct text a small number, so that a column can hold it and a filter can compare it. */
export class Interner {
  readonly #numbers = new Map<string, number>();
  readonly #texts: string[] = [];

  get size(): number {
    return this.#texts.length;
  }

  /** The text's number, given now if it is new. For what hosts say; what a request says is looked up. */
  intern(text: string | undefined): number {
    if (text === undefined) return NO_TEXT;
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.#texts.length);
    return this.#texts.push(text) - 1;
  }

  /** The text's number, or undefined when no host ever had it: tenants cannot fill the table. */
  lookUp(text: string): number | undefined {
    return this.#numbers.get(text);
  }

  text(number: number): string | undefined {
    return this.#texts[number];
  }
}
