/**
 * Import direction, second pass: what a workflow can reach at run time, over any number of steps. Type imports are
 * gone after compilation, so this pass looks at compiled dependencies only (a `reachable` rule cannot tell them apart).
 */
const ALLOWED_PACKAGES = '(^|/)node_modules/(@temporalio/(workflow|common)|decimal\\.js|trading-signals|zod)/';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'workflows-reach-no-edge',
      comment: 'Something on the way from this workflow imports an edge. Replay would do it again.',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: '^(activities|adapters|config|workers|api|cli|simulator|embedded|checker|test)/', reachable: true },
    },
    {
      name: 'workflows-reach-no-host',
      comment: 'Something on the way from this workflow imports a Node built-in or a package with effects; the sandbox has neither.',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: '.', pathNot: ['^[a-z]+/.*\\.ts$', ALLOWED_PACKAGES], reachable: true },
    },
  ],
  options: {
    tsPreCompilationDeps: false,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|test/fixtures)/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
  },
};
