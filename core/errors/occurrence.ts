/**
 * Which log lines are occurrences of an error of the catalogue, and what of them is kept. Pure: the journal of each
 * process counts what this module names.
 *
 * A line counts when it carries a catalogue code: as the field `code`, or inside a `BotError` in the field `error`.
 */
import { isBotError } from './bot-error.js';
import { isErrorCode, type ErrorCode } from './catalogue.js';

const TEXT_LENGTH_MAX = 500;
const FIELDS_MAX = 20;
/** fields whose text says more than the message does, in the order in which they are looked for */
const TELLING_FIELDS = ['error', 'reason'] as const;

/** The words that the maintenance guide looks for with grep, by code. */
const GUIDE_WORDS: Partial<Record<ErrorCode, string>> = {
  10003: 'Connection', 10004: 'Connection', 30003: 'Connection', 40004: 'Connection', 40006: 'Connection',
  20007: 'Timeout', 30005: 'Timeout', 30001: 'Rate limit',
};

export function errorCodeOf(fields: Readonly<Record<string, unknown>>): ErrorCode | undefined {
  if (isErrorCode(fields['code'])) return fields['code'];
  return isBotError(fields['error']) ? fields['error'].code : undefined;
}

/** The message of the log line, with the word that the guide's procedures look for when it lacks it. */
export function findableMessage(message: string, code: ErrorCode): string {
  const word = GUIDE_WORDS[code];
  return word === undefined || message.includes(word) ? message : `${message} (${word}, code ${code})`;
}

/** One text for the list of occurrences: the line's message and what its fields add to it. */
export function tellingMessage(message: string, fields: Readonly<Record<string, unknown>>): string {
  const details = TELLING_FIELDS.map((name) => textOf(fields[name])).filter((text) => text !== '' && !message.includes(text));
  return cut([message, ...details.slice(0, 1)].join(': '));
}

/** The line's own scalars: nothing that could be large. */
export function contextOf(fields: Readonly<Record<string, unknown>>): Record<string, string | number | boolean> {
  const scalars = Object.entries(fields).flatMap(([name, value]): [string, string | number | boolean][] => {
    if (name === 'code') return [];
    if (isBotError(value)) return [[name, cut(value.message)], ...(value.foreignCode === undefined ? [] : [['foreignCode', value.foreignCode] as [string, string]])];
    if (typeof value === 'string') return [[name, cut(value)]];
    return typeof value === 'number' || typeof value === 'boolean' ? [[name, value]] : [];
  });
  return Object.fromEntries(scalars.slice(0, FIELDS_MAX));
}

function textOf(value: unknown): string {
  if (value instanceof Error) return value.message;
  return typeof value === 'string' ? value : '';
}

function cut(text: string): string {
  return text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX)}…` : text;
}
