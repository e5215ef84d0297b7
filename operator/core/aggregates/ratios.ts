import type { Ratios } from '../computenode/inventory.ts';
import type { Aggregate } from './members.ts';

/** The ratios that aggregates give a node: of several the least, as in Nova's set_allocation_ratio. */
export function aggregateRatios(aggregates: readonly Aggregate[]): Partial<Ratios> {
  const least = (name: keyof Ratios): Partial<Ratios> => {
    const given = aggregates
      .map(({ spec }) => spec.allocationRatios?.[name])
      .filter((value) => value !== undefined);
    return given.length > 0 ? { [name]: Math.min(...given) } : {};
  };
  return { ...least('cpu'), ...least('memory'), ...least('disk') };
}
