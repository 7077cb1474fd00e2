/** docs/CONFIGURATION.md against the schema: every field with its values, its default, and whether a reload applies it. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { describeFinding, type ConfigurationError } from '../../config/findings.js';
import { loadConfiguration } from '../../config/load.js';
import { configurationSchema } from '../../config/schema.js';
import { isReloadable } from '../../core/configuration/changes.js';

const page = await readFile(fileURLToPath(new URL('../../docs/CONFIGURATION.md', import.meta.url)), 'utf8');

interface Node {
  type?: string;
  enum?: string[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  maxItems?: number;
  properties?: Record<string, Node>;
  items?: Node;
  required?: string[];
}

interface Field {
  name: string;
  node: Node;
  isRequired: boolean;
}

function fieldsOf(node: Node, at = ''): Field[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
    const name = at === '' ? key : `${at}.${key}`;
    if (child.properties) return fieldsOf(child, name);
    if (child.items?.properties) return fieldsOf(child.items, `${name}[]`);
    return [{ name, node: child, isRequired: node.required?.includes(key) ?? false }];
  });
}

function valuesOf(node: Node): string {
  if (node.enum) return node.enum.map((value) => `\`${value}\``).join(', ');
  switch (node.type) {
    case 'number':
      return `${node.minimum} to ${node.maximum}`;
    case 'integer':
      return `whole, ${node.minimum} to ${node.maximum}`;
    case 'boolean':
      return '`true`, `false`';
    case 'array':
      return `list, at most ${node.maxItems}`;
    case 'string':
      return node.maxLength === undefined ? 'text' : `text, ${node.minLength} to ${node.maxLength} characters`;
    default:
      return String(node.type);
  }
}

const SMALLEST_STRATEGIES = [{ name: 'mean_reversion_btc', enabled: true }];
const SMALLEST = { trading: { max_position_size: 1, daily_loss_limit: 1 }, strategies: SMALLEST_STRATEGIES };
const completed = z.encode(configurationSchema, configurationSchema.parse(SMALLEST));

function defaultOf({ name, isRequired }: Field): string {
  if (isRequired) return 'required';
  const value = name.split('.').reduce<unknown>((node, part) => {
    const child = (node as Record<string, unknown> | undefined)?.[part.replace('[]', '')];
    return part.endsWith('[]') ? (child as unknown[])[0] : child;
  }, completed);
  return value === undefined ? 'none' : `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

async function load(document: unknown): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), 'documented-'));
  const path = join(folder, 'my-config.json');
  await writeFile(path, typeof document === 'string' ? document : JSON.stringify(document));
  return loadConfiguration(path).finally(() => rm(folder, { recursive: true }));
}

describe('docs/CONFIGURATION.md', () => {
  const rows = new Map([...page.matchAll(/^\| `([^`]+)` \|(.*)\|$/gm)].map(([, name = '', cells = '']) => [name, cells.split(' | ').map((cell) => cell.trim())] as const));
  const schema = z.toJSONSchema(configurationSchema, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as Node;

  it.each(fieldsOf(schema).map((field) => [field.name, field] as const))('has %s as the schema has it, with its effect', (name, field) => {
    const [values, unit, fallback, effect, appliedBy] = rows.get(name) ?? [];
    const isNumber = field.node.type === 'number' || field.node.type === 'integer';
    expect({ name, values, hasUnit: unit !== '', fallback, appliedBy }).toEqual({
      name, values: valuesOf(field.node), hasUnit: isNumber, fallback: defaultOf(field), appliedBy: isReloadable(name.replaceAll('[]', '')) ? 'reload' : 'restart',
    });
    expect(effect?.length ?? 0).toBeGreaterThan(10);
  });

  it('shows a smallest file that is accepted, and words for a wrong one that are said', async () => {
    const smallest = /```json\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
    await expect(load(smallest)).resolves.toBeDefined();
    const wrong = { trading: { max_position_size: 5, daily_loss_limit: 30, max_positon: 3 }, strategies: SMALLEST_STRATEGIES };
    const error = await load(wrong).catch((refusal: unknown) => refusal as ConfigurationError);
    const said = (error as ConfigurationError).findings.map((finding) => `  - ${describeFinding(finding)}\n    fix: ${finding.fix}\n`).join('');
    expect(page).toContain(said);
  });

  it('has no field that the schema does not know', () => {
    expect([...rows.keys()]).toEqual(fieldsOf(schema).map(({ name }) => name));
  });
});
