/**
 * The conventions that no compiler or linter knows, as functions from a tree to complaints. A complaint names the
 * place and what to do. Each check is proven on a planted tree before it judges the real one.
 */
import type { SourceTree } from './source-tree.js';

export type TidyCheck = (tree: SourceTree) => string[];

const CODE_LINES_MAX = 300;
const CODE = /\.(ts|mjs|cjs|js|sql)$/;
/** Written by other programs, or deliberately wrong: the fixtures, and the planted trees of these very checks. */
const EXEMPT = /^(package-lock\.json|test\/fixtures\/|test\/quality\/tidy)/;

function paths(tree: SourceTree, pattern: RegExp): string[] {
  return [...tree.keys()].filter((path) => pattern.test(path) && !EXEMPT.test(path));
}

const fileName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Complaints about single lines that match, except where `excused` accepts them. */
function linesMatching(tree: SourceTree, options: { files: RegExp; forbidden: RegExp; advice: string; excused?: (line: string, before: string) => boolean }): string[] {
  return paths(tree, options.files).flatMap((path) => {
    const lines = (tree.get(path) ?? '').split('\n');
    return lines.flatMap((line, index) =>
      options.forbidden.test(line) && options.excused?.(line, lines[index - 1] ?? '') !== true ? [`${path}:${index + 1}: ${options.advice}`] : []);
  });
}

export const kebabCaseNames: TidyCheck = (tree) =>
  paths(tree, CODE)
    .filter((path) => !/^\.?(\d+_)?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/.test(fileName(path)))
    .map((path) => `${path}: name the file in kebab-case`);

export const meaningfulNames: TidyCheck = (tree) =>
  paths(tree, CODE)
    .filter((path) => /(^|[/.-])(utils?|helpers?|managers?|misc)([/.-]|$)/.test(path))
    .map((path) => `${path}: name the file after what it knows, not after being useful`);

export const noMachinePaths: TidyCheck = (tree) =>
  linesMatching(tree, { files: /./, forbidden: /(^|[\s"'`(=])\/(home|root|Users|work)\//, advice: 'a path of one machine; derive it from the file or take it as an option' });

export const noForeignHosts: TidyCheck = (tree) =>
  [...tree].filter(([path, text]) => path === 'package-lock.json' && /"resolved":/.test(text)).map(([path]) => `${path}: names the host it was installed from; keep omit-lockfile-registry-resolved in .npmrc`);

/** In pieces, so that a search for open ends does not find this line. */
const OPEN_END = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X'.repeat(3)].join('|')})\\b`);

export const noOpenEnds: TidyCheck = (tree) =>
  linesMatching(tree, { files: /./, forbidden: OPEN_END, advice: 'finish it, or open an issue and say so in prose' });

export const shortFiles: TidyCheck = (tree) =>
  paths(tree, CODE).flatMap((path) => {
    const count = codeLines(tree.get(path) ?? '');
    return count > CODE_LINES_MAX ? [`${path}: ${count} lines of code, at most ${CODE_LINES_MAX}; split it by concept`] : [];
  });

/** Lines that are neither blank nor nothing but comment. */
export function codeLines(text: string): number {
  const withoutBlocks = text.replace(/^[ \t]*\/\*[\s\S]*?\*\/[ \t]*$/gm, '');
  return withoutBlocks.split('\n').filter((line) => line.trim() !== '' && !/^\s*(\/\/|--)/.test(line)).length;
}

export const exactPins: TidyCheck = (tree) => {
  const manifest = manifestOf(tree);
  return Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) => `package.json: ${name} "${version}" is not an exact version`);
};

interface Manifest { scripts: Record<string, string>; dependencies: Record<string, string>; devDependencies: Record<string, string> }

function manifestOf(tree: SourceTree): Manifest {
  return { scripts: {}, dependencies: {}, devDependencies: {}, ...(JSON.parse(tree.get('package.json') ?? '{}') as Partial<Manifest>) };
}

export const documentedCommandsExist: TidyCheck = (tree) => {
  const scripts = Object.keys(manifestOf(tree).scripts);
  return paths(tree, /\.md$/).flatMap((path) =>
    [...(tree.get(path) ?? '').matchAll(/\bnpm (?:run ([a-z][\w:-]*)|(start|test)\b)/g)]
      .map((match) => match[1] ?? match[2] ?? '')
      .filter((command) => !scripts.includes(command))
      .map((command) => `${path}: package.json has no script "${command}"`));
};

export const scriptFilesExist: TidyCheck = (tree) =>
  Object.entries(manifestOf(tree).scripts).flatMap(([name, command]) =>
    [...command.matchAll(/(?:^|\s)((?:dist|scripts|test|\.ci)\/[\w./-]+\.(?:js|mjs|ts))/g)]
      .map((match) => (match[1] ?? '').replace(/^dist\/(.*)\.js$/, '$1.ts'))
      .filter((path) => !tree.has(path))
      .map((path) => `package.json: script "${name}" runs ${path}, which does not exist`));

export const documentLinksResolve: TidyCheck = (tree) =>
  paths(tree, /\.md$/).flatMap((path) =>
    [...withoutCode(tree.get(path) ?? '').matchAll(/\]\(([^)\s]+)\)/g)]
      .map((match) => match[1] ?? '')
      .filter((target) => !/^[a-z]+:/.test(target) && !linkResolves(tree, path, target))
      .map((target) => `${path}: the link to ${target} leads nowhere`));

function linkResolves(tree: SourceTree, from: string, target: string): boolean {
  const [file = '', anchor] = target.split('#');
  const path = file === '' ? from : normalised(`${from.slice(0, from.lastIndexOf('/') + 1)}${file}`);
  const isFolder = [...tree.keys()].some((known) => known.startsWith(`${path}/`));
  if (!tree.has(path)) return isFolder && anchor === undefined;
  return anchor === undefined || anchorsOf(tree.get(path) ?? '').includes(anchor);
}

/** Headings as GitHub turns them into anchors. */
function anchorsOf(markdown: string): string[] {
  return [...withoutCode(markdown).matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? '').trim().toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-'));
}

const withoutCode = (markdown: string): string => markdown.replace(/^```[\s\S]*?^```/gm, '');

function normalised(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

/** A core module is tested when a test imports it, or when it is a part of such a module in its own folder. */
export const coreIsTested: TidyCheck = (tree) => {
  const tests = paths(tree, /^test\/.*\.test\.ts$/).map((path) => tree.get(path) ?? '').join('\n');
  const modules = paths(tree, /^core\/.*\.ts$/);
  const tested = new Set(modules.filter((path) => tests.includes(`/${path.replace(/\.ts$/, '.js')}'`)));
  // The set grows while it is walked, so parts of parts are found too.
  for (const whole of tested) for (const part of siblingsImportedBy(tree, whole)) tested.add(part);
  return modules
    .filter((path) => hasBehaviour(tree.get(path) ?? '') && !tested.has(path))
    .map((path) => `${path}: no test imports it; mirror it in test/unit/${path.replace(/\.ts$/, '.test.ts')}`);
};

function siblingsImportedBy(tree: SourceTree, path: string): string[] {
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  return [...(tree.get(path) ?? '').matchAll(/ from '\.\/([\w/-]+)\.js'/g)].map((match) => `${folder}${match[1] ?? ''}.ts`);
}

/** Types and interfaces alone leave nothing to test. */
function hasBehaviour(source: string): boolean {
  return /^export (async )?(function|class)\b|^export const .*=>|^export const \w+ = \(/m.test(source);
}

export const modulesIntroduceThemselves: TidyCheck = (tree) =>
  paths(tree, /^(core|workflows|activities|adapters|workers|api|cli|config|simulator|embedded|checker)\/.*\.ts$|^(scripts)\/.*\.mjs$/)
    .filter((path) => !/^(#!.*\n)?\s*\/(\*\*|\/)/.test(tree.get(path) ?? ''))
    .map((path) => `${path}: begin with a comment on purpose and invariants`);

export const everyTestRuns: TidyCheck = (tree) => [
  ...linesMatching(tree, { files: /^test\/.*\.ts$/, forbidden: /\b(describe|it|test)\.only\(/, advice: 'a focused test silences all others' }),
  ...linesMatching(tree, {
    files: /^test\/.*\.ts$/,
    forbidden: /\b(describe|it|test)\.(skip|skipIf|runIf|todo)\(/,
    advice: 'say on this line or the one before why it is not run: // not run because …',
    excused: (line, before) => /\/\/.*\bbecause\b/.test(`${line}\n${before}`),
  }),
];

export const nobodySleepsInTests: TidyCheck = (tree) =>
  linesMatching(tree, {
    files: /^test\/(?!drills\/|bench\/|support\/).*\.ts$/,
    forbidden: /new Promise\(.*setTimeout|(?<!\.)\bsleep\(|\bsetTimeout\(\w+, *\d/,
    advice: 'wait for a condition (expect.poll, vi.waitFor), not for time; or say: // waits because …',
    excused: (line, before) => /\/\/.*\bbecause\b/.test(`${line}\n${before}`),
  });
