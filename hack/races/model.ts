import { parseArgs } from 'node:util';
import { NODE_LEDGER, type NodeLedger } from '#api/nodeledger.ts';
import { ModelRace, sameClaims } from '#test/races/model-race.ts';
import { race } from '#test/races/race.ts';

/** Three active schedulers race for claims on a model of the API server: npm run -s races:model -- --claims 1000000 */
const { values } = parseArgs({
  options: { claims: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '1' } },
});
const model = await ModelRace.of(3, 16, Number(values.seed));
const tally = await race(model.racers, {
  claims: Number(values.claims),
  wave: 32,
  mostHeld: 290,
  seed: Number(values.seed),
  check: async (held) => sameClaims((await model.api.list<NodeLedger>(NODE_LEDGER)).items, held),
  checkEvery: 10_000,
});
console.log(
  JSON.stringify({
    ...tally,
    writes: Number(model.api.resourceVersion),
    conflicts: model.api.conflicts,
    violations: [...model.violations],
  }),
);
process.exitCode = model.violations.size > 0 ? 1 : 0;
