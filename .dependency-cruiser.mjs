/**
 * Which folder may import which. Arrows go one way: everything may import src/domain, which imports nothing.
 * Tests may import what they test and test/support, so they are left out.
 */

const type = ['type-only', 'type-import'];
const npm = '(^|/)node_modules/';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'domain-is-pure',
      comment: 'src/domain holds rules without I/O: it imports nothing but itself.',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: { pathNot: '^src/domain/' },
    },
    {
      name: 'workflows-are-deterministic',
      comment: 'Workflow code is replayed: it imports src/domain and the workflow SDK, nothing that does I/O.',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { pathNot: ['^workflows/', '^src/domain/', `${npm}@temporalio/(workflow|common)/`] },
    },
    {
      name: 'schema-calls-use-cases-only',
      comment: 'The GraphQL schema calls src/jobs; of other folders it knows types, never code.',
      severity: 'error',
      from: { path: '^schema/' },
      to: {
        path: ['^src/', '^workflows/', `${npm}(@temporalio|@mikro-orm|pg)/`],
        pathNot: ['^src/jobs/', '^src/domain/', '^src/job-types/(registry|define-job-type)[.]ts$'],
        dependencyTypesNot: type,
      },
    },
    {
      name: 'schema-knows-few-types',
      comment:
        'What the schema may name but not call: access, limits, uploads, exports, destinations, files of items, job types and the rows of tables.',
      severity: 'error',
      from: { path: '^schema/' },
      to: {
        path: ['^src/', '^workflows/'],
        pathNot: [
          '^src/(access|jobs|domain|job-types|item-files|limits|uploads|exports|destinations)/',
          '^src/database/entities/',
        ],
        dependencyTypes: type,
      },
    },
    {
      name: 'providers-know-no-jobs',
      comment: 'An adapter to an outside service serves any caller.',
      severity: 'error',
      from: { path: '^src/providers/' },
      to: { path: ['^src/', '^schema/', '^workflows/'], pathNot: ['^src/providers/', '^src/domain/'] },
    },
    {
      name: 'job-types-are-apart',
      comment: 'A job type never imports another: each folder can be deleted alone.',
      severity: 'error',
      from: { path: '^src/job-types/([^/]+)/' },
      to: { path: '^src/job-types/[^/]+/', pathNot: '^src/job-types/$1/' },
    },
    {
      name: 'processes-are-outermost',
      comment: 'The server, the embedded servers and the command line use the rest, never the other way round.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(cli|http|embedded)/' },
      to: { path: ['^src/(cli|http|embedded)/', '^schema/'] },
    },
    {
      name: 'not-to-tests',
      comment: 'What ships does not import tests, benchmarks or scripts.',
      severity: 'error',
      from: { path: ['^src/', '^schema/', '^workflows/'] },
      to: { path: ['^test/', '^bench/', '^scripts/'] },
    },
    {
      name: 'not-to-development-packages',
      comment: 'What ships imports dependencies, not devDependencies.',
      severity: 'error',
      from: { path: ['^src/', '^schema/', '^workflows/'] },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: type },
    },
    {
      name: 'no-cycles',
      comment: 'Code that imports itself in a circle depends on load order. Types have none.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: type } },
    },
    {
      name: 'no-missing-imports',
      comment: 'An import that cannot be found would hide from every rule above.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    // Without this parser TypeScript files are skipped in silence, and every rule holds.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '[.]test[.]ts$' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types', 'typings'],
    },
  },
};
