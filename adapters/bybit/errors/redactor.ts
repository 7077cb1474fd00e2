/** Removes the account's key and secret from foreign words. Bybit itself echoes the key, for example in 10004's "origin_string[…]". */
const MASK = '***';
const MAX_MESSAGE_CHARACTERS = 300;

export type Redact = (text: string) => string;

export function createRedactor(secrets: readonly string[]): Redact {
  const needles = secrets.filter((secret) => secret.length > 0);
  return (text) => needles.reduce((clean, needle) => clean.replaceAll(needle, MASK), text).slice(0, MAX_MESSAGE_CHARACTERS);
}
