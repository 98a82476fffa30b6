const transform = {
  "^.+\\.ts$": [
    "@swc/jest",
    {
      jsc: { target: "es2022", parser: { syntax: "typescript" } },
      module: { type: "commonjs" },
      sourceMaps: "inline",
    },
  ],
  "/node_modules/(hyparquet(-writer)?|@jitl/quickjs-wasmfile-release-sync)/.+\\.js$": [
    "@swc/jest",
    { jsc: { target: "es2022", parser: { syntax: "ecmascript" } }, module: { type: "commonjs" } },
  ],
};

const project = (name) => ({
  displayName: name,
  testEnvironment: "node",
  rootDir: __dirname,
  roots: [`<rootDir>/tests/${name}`],
  testMatch: ["**/*.test.ts"],
  modulePathIgnorePatterns: ["<rootDir>/dist/", "<rootDir>/functions/dist/"],
  transform,
  transformIgnorePatterns: ["/node_modules/(?!hyparquet(-writer)?/|@jitl/quickjs-wasmfile-release-sync/)"],
});

const suites = [
  "unit",
  "asa",
  "stream-jobs",
  "property",
  "conformance",
  "functions",
  "infra",
  "notebooks",
  "platform",
  "browser",
  "architecture",
  "docs",
];

module.exports = {
  projects: suites.map(project),
  maxWorkers: 2,
  workerIdleMemoryLimit: "1GB",
  testTimeout: 30_000,
  reporters: ["default", "<rootDir>/tests/support/summary-reporter.js"],
};
