/** The environment as a value, for the program that starts other programs and passes it on. */
export type ProcessEnvironment = Readonly<Record<string, string | undefined>>;

export function processEnvironment(): ProcessEnvironment {
  return { ...process.env };
}
