/** The import arrows of docs/architecture.md. A layer may import itself, what is listed here, and packages. */
const arrows = {
  kit: [],
  calendar: [],
  stats: [],
  durable: ["kit"],
  panel: ["kit", "calendar"],
  drift: ["kit", "calendar", "stats", "panel"],
  diagnosis: ["kit", "calendar", "stats", "panel"],
  forecast: ["kit", "calendar", "panel", "stats"],
  history: ["kit", "calendar", "panel"],
  backtest: ["kit", "calendar", "stats", "panel", "forecast"],
  approval: ["kit", "history", "forecast"],
  runbook: ["kit", "calendar"],
  gate: ["kit", "stats"],
  plan: ["kit", "runbook"],
  engine: ["kit", "plan", "durable"],
  command: ["kit"],
  registry: ["kit", "stats", "durable"],
  notify: ["kit", "stats"],
  report: ["kit", "stats", "diagnosis"],
  serve: ["kit", "forecast", "panel", "registry"],
};

const allowed = (layers) => layers.map((layer) => `^src/${layer}/`);

module.exports = {
  forbidden: [
    ...Object.entries(arrows).map(([layer, may]) => ({
      name: `arrows-of-${layer}`,
      severity: "error",
      comment: `src/${layer} may import: ${["itself", ...may].join(", ")}`,
      from: { path: `^src/${layer}/` },
      to: { path: "^(src|steps|tests|bench|fixtures)/", pathNot: allowed([layer, ...may]) },
    })),
    {
      name: "arrows-of-steps",
      severity: "error",
      comment: "steps get the registry, clock and notifier through their context",
      from: { path: "^steps/" },
      to: {
        path: "^(src|tests|bench|fixtures)/",
        pathNot: allowed([
          "kit",
          "calendar",
          "stats",
          "panel",
          "drift",
          "forecast",
          "history",
          "gate",
          "command",
        ]),
      },
    },
    {
      name: "steps-do-not-know-each-other",
      severity: "error",
      from: { path: "^steps/", pathNot: "^steps/index\\.ts$" },
      to: { path: "^steps/" },
    },
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "product-does-not-import-tests",
      severity: "error",
      from: { path: "^(src|steps|bin)/" },
      to: { path: "^(tests|bench|fixtures|scripts)/" },
    },
    {
      name: "no-dev-dependency-in-product",
      severity: "error",
      from: { path: "^(src|steps|bin)/" },
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: [".ts", ".js"], conditionNames: ["import", "node", "default"] },
  },
};
