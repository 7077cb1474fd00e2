/** The pages of the codes say what the catalogue says, and their commands are commands of this product. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BotError } from '../../../core/errors/bot-error.js';
import { catalogueEntry, docsPathOf, ERROR_CODES } from '../../../core/errors/catalogue.js';
import { EXPLANATIONS } from '../../../core/errors/explanations.js';
import { serveApi, type ApiServer } from '../api/api-server.js';

const SECTIONS = ['What it means', 'What raises it here', 'What the bot does by itself', 'What you do', 'How to verify'];
const COMMAND = /127\.0\.0\.1:8080(\/[^\s'?|]*)/g;
const SCRIPT = /npm run (?:--silent )?([\w:-]+)/g;

let api: ApiServer;
let routes: { path: RegExp; methods: string[] }[];

beforeAll(async () => {
  const away = (): Promise<never> => Promise.reject(new BotError(10003, 'away'));
  api = await serveApi({ ledger: away, bot: new Proxy({} as never, { get: () => away }) });
  const { json } = await api.ask<{ paths: Record<string, Record<string, unknown>> }>('/openapi.json');
  routes = Object.entries(json.paths).map(([path, methods]) => ({ path: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`), methods: Object.keys(methods) }));
});
afterAll(() => api.close());

describe.each(ERROR_CODES)('the page of %i', (code) => {
  const page = readFileSync(docsPathOf(code), 'utf8');

  it('has title, severity and action of the catalogue, and all its sections', () => {
    const { description, severity, action } = catalogueEntry(code);
    const [title, , facts] = page.split('\n');
    expect([title, facts]).toEqual([`# ${code} · ${description}`, `Severity: **${severity}** · Action: **${action}**`]);
    expect([...page.matchAll(/^## (.*)$/gm)].map(([, section]) => section)).toEqual(SECTIONS);
  });

  it('asks only for what the API has, in the way it has it', () => {
    expect(callsOf(page).filter((call) => !isServed(call))).toEqual([]);
  });

  it('runs only scripts of the project', () => {
    expect(scriptsOf(page).filter((script) => !SCRIPTS.includes(script))).toEqual([]);
  });
});

it('the next steps that the API names are calls that it has', () => {
  const named = Object.values(EXPLANATIONS).flatMap(({ nextSteps }) => nextSteps.flatMap((step) => [...step.matchAll(/(GET|POST) (\/[\w/-]+)/g)]));
  expect(named.length).toBeGreaterThan(30);
  expect(named.map(([, method = '', path = '']) => ({ method: method.toLowerCase(), path })).filter((call) => !isServed(call))).toEqual([]);
});

it('the index lists every page, and there is no page beside them', () => {
  const index = readFileSync('docs/errors/README.md', 'utf8');
  for (const code of ERROR_CODES) {
    const { description, severity, action } = catalogueEntry(code);
    expect(index).toContain(`| [${code}](${code}.md) | ${description} | ${severity} | ${action} |`);
  }
  expect(readdirSync('docs/errors').sort()).toEqual([...ERROR_CODES.map((code) => `${code}.md`), 'README.md'].sort());
});

it('a call that the API does not have would be noticed', () => {
  expect([{ method: 'get', path: '/api/v1/nowhere' }, { method: 'get', path: '/api/v1/bot/pause' }].filter(isServed)).toEqual([]);
});

const SCRIPTS = Object.keys((JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: object }).scripts);

interface Call { method: string; path: string }

function callsOf(page: string): Call[] {
  return page.split('\n').flatMap((line) => [...line.matchAll(COMMAND)].map(([, path = '']) => ({ method: line.includes('-X POST') ? 'post' : 'get', path })));
}

function scriptsOf(page: string): string[] {
  return [...page.matchAll(SCRIPT)].map(([, script = '']) => script);
}

function isServed({ method, path }: Call): boolean {
  return routes.some((route) => route.path.test(path) && route.methods.includes(method));
}
