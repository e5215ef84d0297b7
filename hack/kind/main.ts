import { down } from './down.ts';
import { e2e, suite } from './e2e.ts';
import { say } from './shell.ts';
import { up } from './up.ts';

/** main.ts up|down|suite|e2e */
const commands: Record<string, () => Promise<void>> = { up, down, suite, e2e };
const command = commands[process.argv[2] ?? ''];
if (!command) throw new Error(`say one of: ${Object.keys(commands).join(', ')}`);
try {
  await command();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
