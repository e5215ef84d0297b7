import { gzipSync } from 'node:zlib';

/** A file or, without content, a folder of an archive. */
export interface Entry {
  /** Without a slash in front; less than 100 bytes. */
  path: string;
  content?: Uint8Array;
  /** 0o644, or 0o755 for a folder, unless set. */
  mode?: number;
  /** User and group; 0 unless set. */
  owner?: number;
}

const BLOCK = 512;

/**
 * A tar archive (ustar, POSIX.1-1988) that says nothing of when, where or by whom it was made: the same entries give the same
 * bytes. Entries are sorted by path; their folders come along.
 */
export function tar(entries: readonly Entry[]): Buffer {
  const all = new Map(
    entries.flatMap(({ path }) => foldersOf(path)).map((path) => [path, { path } as Entry]),
  );
  for (const entry of entries) all.set(entry.path, entry);
  const sorted = [...all.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  const parts = sorted.flatMap((entry) => [header(entry), padded(entry.content ?? new Uint8Array())]);
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

/** Without a name and a time in its header. */
export const gzip = (bytes: Uint8Array): Buffer => gzipSync(bytes, { level: 6 });

function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function header({ path, content, mode = content ? 0o644 : 0o755, owner = 0 }: Entry): Buffer {
  const name = content ? path : `${path}/`;
  if (Buffer.byteLength(name) > 100) throw new Error(`the path is longer than 100 bytes: ${name}`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, length: number) =>
    block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1');
  block.write(name, 0);
  octal(mode, 100, 8);
  octal(owner, 108, 8);
  octal(owner, 116, 8);
  octal(content?.length ?? 0, 124, 12);
  octal(0, 136, 12); // the time
  block.write(content ? '0' : '5', 156);
  block.write('ustar\x0000', 257, 'latin1');
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

function padded(content: Uint8Array): Buffer {
  const bytes = Buffer.alloc(Math.ceil(content.length / BLOCK) * BLOCK);
  bytes.set(content);
  return bytes;
}
