/**
 * The maintenance guide's own validator, "Configuration Validation", as a judge over ours: its schema is kept word for word
 * in the fixture, its business rules are repeated here line by line. What JSON Schema words it uses is all that is read.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

interface SchemaNode {
  type: 'object' | 'array' | 'number' | 'integer' | 'string' | 'boolean';
  properties?: Record<string, SchemaNode>;
  required?: string[];
  items?: SchemaNode;
  minimum?: number;
  maximum?: number;
}

interface GuideDocument {
  trading: { daily_loss_limit: number; max_position_size: number };
  strategies: { enabled: boolean; parameters?: { symbol?: string } }[];
}

export const GUIDE_SCHEMA = JSON.parse(await readFile(fileURLToPath(new URL('../../fixtures/guide/configuration-schema.json', import.meta.url)), 'utf8')) as SchemaNode;

/** `validate_config`: schema first, business rules only on what has passed it. */
export function guideAccepts(document: unknown): boolean {
  return conforms(GUIDE_SCHEMA, document) && businessErrors(document as GuideDocument).length === 0;
}

function conforms(node: SchemaNode, value: unknown): boolean {
  if (!isOfType(node.type, value)) return false;
  if (typeof value === 'number') return value >= (node.minimum ?? -Infinity) && value <= (node.maximum ?? Infinity);
  if (Array.isArray(value)) return node.items === undefined || value.every((item) => conforms(node.items as SchemaNode, item));
  if (typeof value !== 'object' || value === null) return true;
  const fields = value as Record<string, unknown>;
  const complete = (node.required ?? []).every((name) => Object.hasOwn(fields, name));
  return complete && Object.entries(node.properties ?? {}).every(([name, child]) => !Object.hasOwn(fields, name) || conforms(child, fields[name]));
}

function isOfType(type: SchemaNode['type'], value: unknown): boolean {
  switch (type) {
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    case 'number':
    case 'string':
    case 'boolean':
      return typeof value === type;
  }
}

/** `validate_business_rules` */
export function businessErrors({ trading, strategies }: GuideDocument): string[] {
  const errors: string[] = [];
  if (trading.daily_loss_limit > trading.max_position_size * 5) errors.push('Daily loss limit should not exceed 5x max position size');
  const enabled = strategies.filter((strategy) => strategy.enabled);
  if (enabled.length === 0) errors.push('At least one strategy must be enabled');
  const symbols: string[] = [];
  for (const { parameters } of enabled) {
    const symbol = parameters?.symbol;
    if (symbol !== undefined && symbols.includes(symbol)) errors.push(`Multiple strategies targeting same symbol: ${symbol}`);
    if (symbol !== undefined) symbols.push(symbol);
  }
  return errors;
}
