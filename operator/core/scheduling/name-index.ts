/** Host names, their indices, and the order of names that breaks ties. Indices of removed hosts are used again. */
export class NameIndex {
  readonly #indices = new Map<string, number>();
  readonly #names: (string | undefined)[] = [];
  readonly #free: number[] = [];
  #order = new Int32Array(16);

  get size(): number {
    return this.#indices.size;
  }

  /** Indices given out so far, free ones among them. */
  get extent(): number {
    return this.#names.length;
  }

  /** The first `size` entries are the indices of all hosts, by name (code units). Replaced when it grows. */
  get order(): Int32Array {
    return this.#order;
  }

  indexOf(name: string): number | undefined {
    return this.#indices.get(name);
  }

  nameOf(index: number): string | undefined {
    return this.#names[index];
  }

  add(name: string): number {
    const index = this.#free.pop() ?? this.#names.length;
    const position = this.#positionOf(name);
    if (this.size === this.#order.length) this.#order = doubled(this.#order);
    this.#order.copyWithin(position + 1, position, this.size);
    this.#order[position] = index;
    this.#names[index] = name;
    this.#indices.set(name, index);
    return index;
  }

  remove(name: string): void {
    const index = this.#indices.get(name);
    if (index === undefined) return;
    const position = this.#positionOf(name);
    this.#order.copyWithin(position, position + 1, this.size);
    this.#indices.delete(name);
    this.#names[index] = undefined;
    this.#free.push(index);
  }

  /** Where the name is in the order, or would be. */
  #positionOf(name: string): number {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#nameAt(middle) < name) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #nameAt(position: number): string {
    return this.#names[this.#order[position] ?? -1] ?? '';
  }
}

function doubled(order: Int32Array): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(order.length * 2);
  grown.set(order);
  return grown;
}
