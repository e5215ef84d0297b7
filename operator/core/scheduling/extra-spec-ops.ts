import { compareTexts, parseFloating, words } from './python-text.ts';

/** What a requirement says of a text: Nova cannot answer (raises) where a number is asked for and there is none. */
export type Answer = 'matches' | 'differs' | 'unreadable';

/** A flavor's extra spec, parsed: it is asked about the texts of hosts and aggregates. */
export type Requirement = (value: string) => Answer;

type Compare = (value: string, operand: string) => boolean;

const TEXT_OPS: ReadonlyMap<string, Compare> = new Map<string, Compare>([
  ['s==', (value, operand) => value === operand],
  ['s!=', (value, operand) => value !== operand],
  ['s<', (value, operand) => compareTexts(value, operand) < 0],
  ['s<=', (value, operand) => compareTexts(value, operand) <= 0],
  ['s>', (value, operand) => compareTexts(value, operand) > 0],
  ['s>=', (value, operand) => compareTexts(value, operand) >= 0],
  ['<in>', (value, operand) => value.includes(operand)],
]);

const NUMBER_OPS: ReadonlyMap<string, (value: number, operand: number) => boolean> = new Map([
  ['=', (value: number, operand: number) => value >= operand],
  ['>=', (value: number, operand: number) => value >= operand],
  ['<=', (value: number, operand: number) => value <= operand],
  ['==', (value: number, operand: number) => value === operand],
  ['!=', (value: number, operand: number) => value !== operand],
]);

/**
 * Nova's operators of extra specs, of which only the first word counts: numbers `= >= <= == !=` (`=` means at least),
 * texts `s== s!= s< s<= s> s>= <in>`, `<all-in>` (each word is within the text), `<or>`. Words after the operand are
 * not read. Anything that starts with no operator is the text itself, white space included.
 */
export function parseRequirement(requirement: string): Requirement {
  const [op = '', ...operands] = words(requirement);
  if (op === '<or>') return anyOf(operands);
  if (op === '<all-in>') return allIn(operands);
  const [operand] = operands;
  const [ofTexts, ofNumbers] = [TEXT_OPS.get(op), NUMBER_OPS.get(op)];
  if (!ofTexts && !ofNumbers) return answering((value) => value === requirement);
  if (operand === undefined) return () => 'differs';
  return ofTexts ? answering((value) => ofTexts(value, operand)) : numbers(ofNumbers ?? never, operand);
}

function never(): boolean {
  return false;
}

function answering(matches: (value: string) => boolean): Requirement {
  return (value) => (matches(value) ? 'matches' : 'differs');
}

/** Every other word is taken for the keyword `<or>`, whatever it says. Without any operand Nova raises. */
function anyOf(operands: readonly string[]): Requirement {
  if (operands.length === 0) return () => 'unreadable';
  const choices = new Set(operands.filter((_, i) => i % 2 === 0));
  return answering((value) => choices.has(value));
}

function allIn(operands: readonly string[]): Requirement {
  return answering((value) => operands.length > 0 && operands.every((operand) => value.includes(operand)));
}

function numbers(compare: (value: number, operand: number) => boolean, operand: string): Requirement {
  const asked = parseFloating(operand);
  return (text) => {
    const value = parseFloating(text);
    if (value === undefined || asked === undefined) return 'unreadable';
    return compare(value, asked) ? 'matches' : 'differs';
  };
}
