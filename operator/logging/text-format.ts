/** A line of the JSON log, as far as the text form knows it. */
export interface LogLine {
  time: string;
  level: string;
  msg?: string;
  module?: string;
  requestId?: string;
  source?: string;
  err?: { message?: string; stack?: string };
  [field: string]: unknown;
}

const KNOWN = new Set(['time', 'level', 'msg', 'module', 'requestId', 'source', 'err']);

/**
 * `<timestamp> <level> <module> [<request id>] <message> <source>`, with other fields as key=value after the message
 * and an error's stack on lines of its own.
 */
export function textLine(line: LogLine): string {
  const { time, level, module = '-', requestId = '-', msg = '', source = '-', err } = line;
  const message = [msg, err?.message, ...fieldsOf(line)].filter(Boolean).join(' ');
  const head = `${time} ${level.toUpperCase()} ${module} [${requestId}] ${oneLine(message)} ${source}\n`;
  return err?.stack ? `${head}${err.stack}\n` : head;
}

function fieldsOf(line: LogLine): string[] {
  return Object.entries(line)
    .filter(([name, value]) => !KNOWN.has(name) && value !== undefined)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
}

const oneLine = (text: string) => text.replaceAll('\n', ' ');
