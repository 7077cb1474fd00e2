/**
 * Import direction, first pass: who may name whom, types included. The arrows are those of docs/ARCHITECTURE.md.
 * The second pass (.dependency-cruiser.reach.cjs) asks what a workflow can reach at run time.
 * Every rule has a planted violation in test/fixtures/violations; test/quality/boundaries.test.ts proves that it fires.
 */
const SOURCES = '^(core|workflows|activities|adapters|workers|api|cli|config|simulator|embedded|checker)/';

/** A rule that lets `folder` see only what matches `allowed`. Packages are judged by rules of their own, except for core and workflows. */
const seesOnly = (folder, allowed) => ({
  from: { path: `^${folder}/` },
  to: { path: `${SOURCES.slice(0, -1)}/`, pathNot: allowed.map((path) => `^${path}`) },
});

/** A rule that keeps a package inside the folders that own it. */
const ownedBy = (packages, owners) => ({
  from: { path: SOURCES, pathNot: owners.map((path) => `^${path}/`) },
  to: { path: `(^|/)node_modules/(${packages.join('|')})/` },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'core-is-pure',
      comment: 'core/ imports core/ and three packages without effects. Pass what it needs as a value, or move the effect into an activity.',
      severity: 'error',
      from: { path: '^core/' },
      to: { pathNot: ['^core/', '(^|/)node_modules/(decimal\\.js|trading-signals|zod)/'], couldNotResolve: false },
    },
    {
      name: 'workflows-see-core-and-activity-types',
      comment: 'A workflow orchestrates: core/ decides, activities/ act. It names no edge, not even as a type.',
      severity: 'error',
      ...seesOnly('workflows', ['workflows/', 'core/', 'activities/']),
    },
    {
      name: 'workflows-take-activities-as-types',
      comment: 'Use `import type` and proxyActivities: activity code does not belong into the workflow bundle.',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: '^activities/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'workflows-use-few-packages',
      comment: 'What a workflow imports is bundled, cached per run and replayed for months. Only the Temporal SDK and the packages of core.',
      severity: 'error',
      from: { path: '^workflows/' },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'core'],
        pathNot: '(^|/)node_modules/(@temporalio/(workflow|common)|decimal\\.js|trading-signals|zod)/',
      },
    },
    {
      name: 'activities-see-ports-not-adapters',
      comment: 'An activity works on the ports of core/ that its factory is given; of workflows/ it knows the messages.',
      severity: 'error',
      ...seesOnly('activities', ['activities/', 'core/', 'workflows/(runbook-)?messages']),
    },
    {
      name: 'adapters-see-core-only',
      comment: 'An adapter implements a port of core/. What it needs besides is handed to its constructor.',
      severity: 'error',
      from: { path: '^adapters/' },
      to: { path: SOURCES, pathNot: ['^adapters/', '^core/', '^workflows/messages'] },
    },
    {
      name: 'adapters-are-islands',
      comment: 'One adapter never knows another; a composition root may connect them.',
      severity: 'error',
      from: { path: '^adapters/([^/]+)/' },
      to: { path: '^adapters/', pathNot: '^adapters/$1/' },
    },
    {
      name: 'only-roots-touch-adapters',
      comment: 'Adapters are built in workers/ (and two of them in embedded/). Everybody else takes the port.',
      severity: 'error',
      from: { path: SOURCES, pathNot: '^(workers|embedded|adapters)/' },
      to: { path: '^adapters/' },
    },
    {
      name: 'embedded-starts-it-does-not-trade',
      comment: 'The one-command stack migrates, listens to the ledger and prepares Temporal. It has no business with the exchange.',
      severity: 'error',
      from: { path: '^embedded/' },
      to: { path: '^adapters/', pathNot: '^adapters/(postgres|temporal)/' },
    },
    {
      name: 'nobody-imports-a-root',
      comment: 'workers/, embedded/ and checker/ are started, never imported.',
      severity: 'error',
      from: { path: SOURCES, pathNot: '^(workers|embedded|checker)/' },
      to: { path: '^(workers|embedded|checker)/' },
    },
    {
      name: 'api-sees-messages-and-core',
      comment: 'The API validates and speaks to workflows; data reaches it through ports given by its root.',
      severity: 'error',
      ...seesOnly('api', ['api/', 'core/', 'workflows/(runbook-)?messages']),
    },
    {
      name: 'cli-sees-messages-and-core',
      comment: 'The CLI is a thin client of the API.',
      severity: 'error',
      ...seesOnly('cli', ['cli/', 'core/', 'workflows/(runbook-)?messages']),
    },
    {
      name: 'config-goes-to-roots',
      comment: 'Only composition roots read the configuration; everybody else gets values.',
      severity: 'error',
      from: { path: SOURCES, pathNot: '^(config|workers|embedded|simulator)/' },
      to: { path: '^config/' },
    },
    {
      name: 'config-sees-core-only',
      comment: 'The configuration is parsed before anything exists that could be imported.',
      severity: 'error',
      ...seesOnly('config', ['config/', 'core/']),
    },
    {
      name: 'simulator-sees-core',
      comment: 'The simulated exchange is a foreign system to the bot: it shares core/ and its logging, nothing that trades.',
      severity: 'error',
      ...seesOnly('simulator', ['simulator/', 'core/', 'config/']),
    },
    {
      name: 'checker-is-independent',
      comment: 'The judge of the books reads them with its own code; of core/ it takes decimals and position arithmetic.',
      severity: 'error',
      ...seesOnly('checker', ['checker/', 'core/(money|portfolio)/']),
    },
    {
      name: 'nobody-imports-the-simulator',
      comment: 'Bybit cannot be imported either. Speak to it over its port.',
      severity: 'error',
      from: { path: SOURCES, pathNot: '^simulator/' },
      to: { path: '^simulator/' },
    },
    {
      name: 'nothing-imports-tests',
      comment: 'Move what production needs out of test/.',
      severity: 'error',
      from: { path: SOURCES },
      to: { path: '^(test|scripts)/' },
    },
    {
      name: 'bybit-client-stays-home',
      comment: 'bybit-api throws plain objects that hold key and secret: nothing of it leaves adapters/bybit.',
      severity: 'error',
      ...ownedBy(['bybit-api'], ['adapters/bybit']),
    },
    {
      name: 'database-clients-stay-home',
      comment: 'SQL lives in adapters/postgres; embedded/postgres asks its server whether it serves, and the checker trusts nobody.',
      severity: 'error',
      ...ownedBy(['pg', 'kysely', 'node-pg-migrate'], ['adapters/postgres', 'embedded/postgres', 'checker']),
    },
    {
      name: 'cache-clients-stay-home',
      comment: 'The cache decides what may be kept and for how long: everybody else takes the port of core/, whose kinds hold no order and no position.',
      severity: 'error',
      ...ownedBy(['redis', '@redis', 'lru-cache'], ['adapters/cache']),
    },
    {
      name: 'archive-packages-stay-home',
      comment: 'What a backup is packed, encrypted and stored with is the archive\'s business: everybody else takes the port of core/.',
      severity: 'error',
      ...ownedBy(['@aws-sdk', 'age-encryption', 'tar'], ['adapters/archive']),
    },
    {
      name: 'not-to-dev-dependency',
      comment: 'A production install has no devDependencies.',
      severity: 'error',
      from: { path: SOURCES },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'not-to-unresolvable',
      comment: 'The import leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-cycles',
      comment: 'Two modules that need each other are one module, or hide a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|test/fixtures)/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
  },
};
