import { creation } from './creation.ts';
import { deletion } from './deletion.ts';
import { powerChange } from './power.ts';
import { settled } from './settled.ts';
import { type InstanceView, isBuilt, type Situation } from './situation.ts';

/** Where an Instance stands and what to do next: the whole lifecycle, without side effects. */
export function assess(view: InstanceView): Situation {
  if (view.instance.metadata.deletionTimestamp) return deletion(view);
  if (!isBuilt(view.instance)) return creation(view);
  return powerChange(view) ?? settled(view);
}
