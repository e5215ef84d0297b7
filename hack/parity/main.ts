/** Replays what was recorded from Nova through Berth's scheduler: npm run -s parity -- FILE... */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { readPython } from './read-python.ts';
import { replay } from './replay.ts';
import { Report } from './report.ts';

const USAGE = `Usage: npm run -s parity -- FILE...
Each FILE is a recording from Nova: filter cases, weigher cases or fleet runs; test/vectors/nova has some.
Prints each difference. Ends with 0 when there is none, 1 when there is one, 2 when a file cannot be read.`;

function replayFile(path: string): number {
  const report = new Report((line) => console.info(line));
  try {
    replay(readPython(readFileSync(path, 'utf8')), report);
  } catch (error) {
    console.error(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    return 2;
  }
  console.info(report.summary(basename(path)));
  return report.different > 0 ? 1 : 0;
}

const files = process.argv.slice(2);
if (files.length === 0 || files.includes('--help')) console.info(USAGE);
process.exitCode = files.length === 0 ? 2 : files.includes('--help') ? 0 : Math.max(...files.map(replayFile));
