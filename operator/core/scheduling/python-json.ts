import type { PythonJson } from './python-text.ts';

/** Texts as they are, and the three words of Python's json that JSON does not have. */
const TEXT_OR_WORD = /"(?:[^"\\]|\\.)*"|-?Infinity|NaN/gs;

/** JSON.parse has no word for them: they are texts that begin with NUL while it reads, as no other text will. */
const WORDS: Readonly<Record<string, number>> = {
  '\u0000NaN': Number.NaN,
  '\u0000Infinity': Number.POSITIVE_INFINITY,
  '\u0000-Infinity': Number.NEGATIVE_INFINITY,
};

/**
 * json.loads(text), or undefined where it raises ValueError: ints are apart from floats and of any size, and NaN and
 * Infinity are numbers.
 */
export function parsePythonJson(text: string): PythonJson | undefined {
  const plain = text.replace(TEXT_OR_WORD, (found) => (found.startsWith('"') ? found : `"\\u0000${found}"`));
  try {
    return JSON.parse(plain, revive) as PythonJson;
  } catch {
    return undefined;
  }
}

function revive(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value === 'string' && value.startsWith('\u0000')) return WORDS[value] ?? value;
  const source = context?.source ?? '';
  return typeof value === 'number' && /^-?\d+$/.test(source) ? BigInt(source) : value;
}
