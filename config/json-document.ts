/**
 * A strict JSON reader for files that people write by hand. `JSON.parse` names no line, lets a doubled key win silently
 * and rounds long numbers silently; a configuration of limits may have none of the three.
 *
 * Invariants
 * 1. Every syntax error names line and column (both from 1) and says what was expected there.
 * 2. A key stands at most once in an object.
 * 3. A number is accepted only when it survives as a JavaScript number to its last digit, so that
 *    `toDecimalString(String(n))` of it is exactly what was written.
 */
import { toDecimalString } from '../core/money/decimal.js';

const DEPTH_MAX = 32;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const WORD = /true|false|null/y;
const WHITESPACE = /[ \t\r\n]*/y;
const WORD_VALUES = new Map<string, boolean | null>([['true', true], ['false', false], ['null', null]]);

export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
  constructor(readonly problem: string, readonly line: number, readonly column: number) {
    super(`line ${line}, column ${column}: ${problem}`);
  }
}

/** Parses the text of one JSON document. Throws `JsonSyntaxError`. */
export function parseJsonDocument(text: string): unknown {
  const reader = new Reader(text.startsWith('\uFEFF') ? text.slice(1) : text);
  const value = reader.value(0);
  reader.end();
  return value;
}

class Reader {
  private position = 0;
  constructor(private readonly text: string) {}

  value(depth: number): unknown {
    if (depth > DEPTH_MAX) throw this.error(`nested deeper than ${DEPTH_MAX} levels`);
    this.take(WHITESPACE);
    const next = this.text[this.position];
    if (next === '{') return this.object(depth);
    if (next === '[') return this.array(depth);
    if (next === '"') return this.string();
    const word = this.take(WORD);
    return word === '' ? this.number() : WORD_VALUES.get(word);
  }

  end(): void {
    this.take(WHITESPACE);
    if (this.position < this.text.length) throw this.error(`expected the end of the file but found ${this.found()}`);
  }

  private object(depth: number): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    this.members('}', () => {
      const start = this.position;
      if (this.text[start] !== '"') throw this.error(`expected a key in double quotes but found ${this.found()}`);
      const key = this.string();
      if (Object.hasOwn(object, key)) throw this.error(`the key "${key}" stands twice in this object`, start);
      this.take(WHITESPACE);
      if (this.text[this.position] !== ':') throw this.error(`expected ":" after the key "${key}" but found ${this.found()}`);
      this.position += 1;
      // defineProperty, because assigning "__proto__" would change the prototype in place of adding a key
      Object.defineProperty(object, key, { value: this.value(depth + 1), enumerable: true, writable: true, configurable: true });
    });
    return object;
  }

  private array(depth: number): unknown[] {
    const array: unknown[] = [];
    this.members(']', () => array.push(this.value(depth + 1)));
    return array;
  }

  /** The comma-separated members between an opening bracket, at the present position, and its closing one. */
  private members(closing: '}' | ']', readMember: () => void): void {
    this.position += 1;
    this.take(WHITESPACE);
    if (this.text[this.position] === closing) {
      this.position += 1;
      return;
    }
    for (;;) {
      this.take(WHITESPACE);
      readMember();
      this.take(WHITESPACE);
      const next = this.text[this.position];
      if (next !== ',' && next !== closing) throw this.error(`expected "," or "${closing}" but found ${this.found()}`);
      this.position += 1;
      if (next === closing) return;
    }
  }

  private string(): string {
    const literal = this.take(STRING);
    if (literal === '') throw this.error('a text that is not closed on its line, or holds a wrong escape');
    return JSON.parse(literal) as string;
  }

  private number(): number {
    const start = this.position;
    const literal = this.take(NUMBER);
    if (literal === '') throw this.error(`expected a value but found ${this.found()}`);
    const number = Number(literal);
    if (!Number.isFinite(number) || toDecimalString(literal) !== toDecimalString(String(number))) {
      throw this.error(`the number ${literal.slice(0, 40)} has more digits than can be kept exactly`, start);
    }
    return number;
  }

  private take(pattern: RegExp): string {
    pattern.lastIndex = this.position;
    const taken = pattern.exec(this.text)?.[0] ?? '';
    this.position += taken.length;
    return taken;
  }

  private found(): string {
    const character = this.text[this.position];
    return character === undefined ? 'the end of the file' : JSON.stringify(character);
  }

  private error(problem: string, position = this.position): JsonSyntaxError {
    const before = this.text.slice(0, position).split('\n');
    return new JsonSyntaxError(problem, before.length, (before.at(-1)?.length ?? 0) + 1);
  }
}
