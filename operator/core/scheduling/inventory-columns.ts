import { grownFloats } from './columns.ts';
import type { Inventory } from './host-state.ts';

/** One resource of every host, by host index. */
export class InventoryColumns {
  total = new Float64Array(0);
  reserved = new Float64Array(0);
  used = new Float64Array(0);
  allocationRatio = new Float64Array(0);

  grow(capacity: number): void {
    this.total = grownFloats(this.total, capacity);
    this.reserved = grownFloats(this.reserved, capacity);
    this.used = grownFloats(this.used, capacity);
    this.allocationRatio = grownFloats(this.allocationRatio, capacity);
  }

  write(host: number, inventory: Inventory): void {
    this.total[host] = inventory.total;
    this.reserved[host] = inventory.reserved;
    this.used[host] = inventory.used;
    this.allocationRatio[host] = inventory.allocationRatio;
  }

  read(host: number): Inventory {
    return {
      total: this.total[host] ?? 0,
      reserved: this.reserved[host] ?? 0,
      used: this.used[host] ?? 0,
      allocationRatio: this.allocationRatio[host] ?? 0,
    };
  }
}
