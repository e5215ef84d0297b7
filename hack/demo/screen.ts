const BEGAN = Number(process.env.BERTH_BEGAN ?? Date.now() / 1000) * 1000;
const isTerminal = process.stdout.isTTY === true;

/** What was written last in place, and is written over by what comes next. */
let inPlace = '';

/** Seconds since the first script of the command began. */
export const elapsed = (): number => Math.floor((Date.now() - BEGAN) / 1000);

const stamped = (text: string): string => `[${String(elapsed()).padStart(4)}s] ${text}`;

/** A line of its own. */
export function say(text: string): void {
  clear();
  process.stdout.write(`${stamped(text)}\n`);
}

/** A block without the time. */
export function show(text: string): void {
  clear();
  process.stdout.write(`${text}\n`);
}

/** How far it is: on a terminal in place and again and again, elsewhere when it has changed. */
export function progress(text: string, lines = ''): void {
  const block = [stamped(text), ...(lines ? [lines] : [])].join('\n');
  if (!isTerminal) {
    const news = `${text}\n${lines}`;
    if (news !== inPlace) process.stdout.write(`${block}\n`);
    inPlace = news;
    return;
  }
  clear();
  inPlace = fitted(block);
  process.stdout.write(`${inPlace}\n`);
}

/** Lines are cut at the terminal's edge: one that wraps could not be written over. */
function fitted(block: string): string {
  const width = process.stdout.columns || 80;
  return block
    .split('\n')
    .map((line) => line.slice(0, width))
    .join('\n');
}

function clear(): void {
  if (isTerminal && inPlace) process.stdout.write(`\x1b[${inPlace.split('\n').length}A\x1b[J`);
  inPlace = '';
}
