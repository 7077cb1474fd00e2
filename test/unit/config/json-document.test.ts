import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonSyntaxError, parseJsonDocument } from '../../../config/json-document.js';

function refusal(text: string): JsonSyntaxError {
  try {
    parseJsonDocument(text);
  } catch (error) {
    if (error instanceof JsonSyntaxError) return error;
    throw error;
  }
  throw new Error(`accepted: ${text}`);
}

describe('reading a JSON document', () => {
  it('reads whatever JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }).filter((text) => !/e-3\d\d|e3\d\d/.test(text)), (text) => {
        expect(parseJsonDocument(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('refuses whatever JSON.parse refuses, with a place inside the text', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 3 }), fc.nat(), fc.constantFrom(',', '}', '"', 'x', '\\', '\n:'), (text, at, wrong) => {
        const position = at % (text.length + 1);
        const broken = text.slice(0, position) + wrong + text.slice(position);
        const lines = broken.split('\n');
        try {
          JSON.parse(broken);
        } catch {
          const error = refusal(broken);
          expect(error.line).toBeLessThanOrEqual(lines.length);
          expect(error.column).toBeLessThanOrEqual((lines[error.line - 1]?.length ?? 0) + 1);
        }
      }),
    );
  });

  it.each([
    ['{\n  "mode": "paper"\n  "trading": {}\n}', 3, 3, 'expected "," or "}" but found "\\""'],
    ['{\n  "mode": "paper",\n}', 3, 1, 'expected a key in double quotes but found "}"'],
    ['{ "a": 1', 1, 9, 'expected "," or "}" but found the end of the file'],
    ['{ "a": tru }', 1, 8, 'expected a value but found "t"'],
    ['{ "a" 1 }', 1, 7, 'expected ":" after the key "a" but found "1"'],
    ['[01]', 1, 3, 'expected "," or "]" but found "1"'],
    ['', 1, 1, 'expected a value but found the end of the file'],
    ['{}\n{}', 2, 1, 'expected the end of the file but found "{"'],
  ])('names line and column in %j', (text, ...[line, column, problem]) => {
    expect(refusal(text)).toMatchObject({ line, column, problem });
  });

  it('refuses a key that stands twice, at its second place', () => {
    expect(refusal('{\n "limit": 1,\n "limit": 2\n}')).toMatchObject({ line: 3, column: 2, problem: 'the key "limit" stands twice in this object' });
  });

  it('refuses a number that a binary float would round silently', () => {
    expect(refusal('{"a": 0.1000000000000000055}').problem).toContain('more digits than can be kept exactly');
    expect(refusal('1e999').problem).toContain('more digits than can be kept exactly');
    expect(parseJsonDocument('[0.1, 1e-7, 5.50, -0]')).toEqual([0.1, 1e-7, 5.5, -0]);
  });

  it('keeps a key named __proto__ a plain key', () => {
    const value = parseJsonDocument('{"__proto__": {"polluted": true}}') as object;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect('polluted' in value).toBe(false);
  });

  it('refuses a document nested without end', () => {
    expect(refusal('['.repeat(5_000)).problem).toBe('nested deeper than 32 levels');
  });
});
