import { basename, dirname, extname } from 'node:path';
import { createStream } from 'rotating-file-stream';

export interface LogFileOptions {
  path: string;
  /** A new file is begun above this many MiB, and after this many days. */
  sizeMiB: number;
  days: number;
  /** How many earlier files are kept. */
  keep: number;
  /** Told when the file cannot be written; the operator goes on. */
  onError: (error: Error) => void;
}

export interface LogFile {
  write(text: string): unknown;
  /** Resolves when all that was written is in the file. */
  end(): Promise<void>;
}

/** `/var/log/berth.log`, and beside it the earlier ones as `berth-20261126T101500Z-1.log`. */
export function openLogFile({ path, sizeMiB, days, keep, onError }: LogFileOptions): LogFile {
  const [folder, extension] = [dirname(path), extname(path)];
  const name = basename(path, extension);
  const nameOf = (time: Date | number | null, index = 1) =>
    time === null ? basename(path) : `${name}-${stampOf(new Date(time))}-${index}${extension}`;
  const stream = createStream(nameOf, {
    path: folder,
    size: `${sizeMiB}M`,
    interval: `${days}d`,
    intervalBoundary: false,
    maxFiles: keep,
    history: `.${name}.history`,
  });
  stream.on('error', onError);
  stream.on('warning', onError);
  return {
    write: (text) => stream.write(text),
    end: () => new Promise((resolve) => stream.end(() => resolve())),
  };
}

const stampOf = (time: Date) => time.toISOString().replaceAll(/[-:]|\.\d+/g, '');
