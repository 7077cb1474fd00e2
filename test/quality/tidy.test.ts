/** The tree keeps its conventions; and each check is shown to find what it looks for, and to leave the innocent alone. */
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { readSourceTree, type SourceTree } from './source-tree.js';
import * as checks from './tidy-checks.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

type CheckName = Exclude<keyof typeof checks, 'codeLines'>;

const manifest = (fields: object): [string, string] => ['package.json', JSON.stringify(fields)];
const open = ['TO', 'DO'].join('');
const behaviour = '/** Adds. */\nexport function add(): void {}\n';

/** one planted violation per check, and what the complaint must name */
const planted: [check: CheckName, tree: [string, string][], complaint: RegExp][] = [
  ['kebabCaseNames', [['core/risk/positionSize.ts', '']], /positionSize/],
  ['meaningfulNames', [['core/money/decimal-utils.ts', '']], /decimal-utils/],
  ['meaningfulNames', [['api/helpers/x.ts', '']], /helpers/],
  ['noMachinePaths', [['config/paths.ts', "const data = '/home/me/data';"]], /paths\.ts:1/],
  ['noForeignHosts', [['package-lock.json', '{ "resolved": "https://host/x.tgz" }']], /package-lock/],
  ['noOpenEnds', [['core/a.ts', `\n// ${open}: later`]], /a\.ts:2/],
  ['shortFiles', [['core/long.ts', 'f();\n'.repeat(301)]], /301 lines/],
  ['exactPins', [manifest({ dependencies: { pg: '^8.0.0' } })], /pg "\^8/],
  ['documentedCommandsExist', [manifest({ scripts: { test: 'x' } }), ['README.md', 'Run `npm run bench`.']], /"bench"/],
  ['documentedCommandsExist', [manifest({}), ['README.md', 'npm ci && npm start']], /"start"/],
  ['scriptFilesExist', [manifest({ scripts: { start: 'node scripts/start.mjs' } })], /scripts\/start\.mjs/],
  ['scriptFilesExist', [manifest({ scripts: { simulator: 'node dist/simulator/main.js' } })], /simulator\/main\.ts/],
  ['documentLinksResolve', [['docs/a.md', '[b](b.md)']], /b\.md leads nowhere/],
  ['documentLinksResolve', [['docs/a.md', '[b](../README.md#none)'], ['README.md', '# Some']], /#none/],
  ['coreIsTested', [['core/money/sum.ts', "import { add } from './add.js';"], ['core/money/add.ts', behaviour]], /test\/unit\/core\/money\/add\.test\.ts/],
  ['modulesIntroduceThemselves', [['core/money/add.ts', 'export const x = 1;']], /add\.ts/],
  ['everyTestRuns', [['test/a.test.ts', "describe.only('x', () => {});"]], /focused/],
  ['everyTestRuns', [['test/a.test.ts', "it.skip('x', () => {});"]], /why/],
  ['nobodySleepsInTests', [['test/a.test.ts', 'await new Promise((done) => setTimeout(done, 500));']], /condition/],
];

/** what looks similar and is fine */
const innocent: [check: CheckName, tree: [string, string][]][] = [
  ['kebabCaseNames', [['core/risk/position-size.ts', ''], ['test/a-b.test.ts', ''], ['.dependency-cruiser.reach.cjs', ''], ['adapters/postgres/migrations/0001_first-tables.sql', '']]],
  ['meaningfulNames', [['api/utilisation.ts', '']]],
  ['noMachinePaths', [['README.md', 'see https://example.org/home/x and docs/work/y']]],
  ['shortFiles', [['core/a.ts', `${'f();\n'.repeat(300)}${'// why\n'.repeat(50)}/**\n${' * why\n'.repeat(50)} */\n\n`]]],
  ['exactPins', [manifest({ dependencies: { a: '1.2.3', b: '15.18.0-beta.17' } })]],
  ['scriptFilesExist', [manifest({ scripts: { s: 'npm run build && node dist/simulator/main.js' } }), ['simulator/main.ts', '']]],
  ['documentLinksResolve', [['docs/a.md', '[x](../README.md#some-words) [y](https://example.org) [z](adr)\n```\n[no](link)\n```'], ['README.md', '## Some words'], ['docs/adr/0.md', '']]],
  ['coreIsTested', [['core/money/add.ts', behaviour], ['test/unit/core/money/add.test.ts', "import { add } from '../../../../core/money/add.js';"], ['core/ports/p.ts', '/** Types. */\nexport interface P {}']]],
  ['coreIsTested', [['test/a.test.ts', "import '../core/money/sum.js'"], ['core/money/sum.ts', "import { add } from './add.js';"], ['core/money/add.ts', behaviour]]],
  ['everyTestRuns', [['test/a.test.ts', "// not run because Python is absent here\nit.skipIf(!python)('x', () => {});"]]],
];

describe('a tidy check', () => {
  it.each(planted)('%s finds its planted violation (%#)', (check, files, complaint) => {
    expect(checks[check](new Map(files)).join('\n')).toMatch(complaint);
  });

  it.each(innocent)('%s leaves the innocent alone (%#)', (check, files) => {
    expect(checks[check](new Map(files))).toEqual([]);
  });
});

describe('the tree', () => {
  let tree: SourceTree;
  beforeAll(async () => { tree = await readSourceTree(ROOT); });

  it.each([...new Set(planted.map(([check]) => check))])('passes %s', (check) => {
    expect(tree.has('package.json')).toBe(true);
    expect(checks[check](tree)).toEqual([]);
  });

  it('has a planted violation for every check there is', () => {
    const names = Object.keys(checks).filter((name) => name !== 'codeLines').sort();
    expect([...new Set(planted.map(([check]) => check))].sort()).toEqual(names);
  });
});
