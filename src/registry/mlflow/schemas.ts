import { z } from "zod";

/** What we read of MLflow's answers, with what it leaves out filled in. */

const Tags = z.array(z.object({ key: z.string(), value: z.string().default("") })).default([]);
const Count = z.coerce.number().int();

export const Experiment = z.object({
  experiment_id: z.string(),
  name: z.string(),
  lifecycle_stage: z.string().default("active"),
  tags: Tags,
});
export type Experiment = z.infer<typeof Experiment>;

const Metric = z.object({
  key: z.string(),
  value: z.union([z.number(), z.string().transform(Number)]),
  timestamp: Count.default(0),
  step: Count.default(0),
});
export type Metric = z.infer<typeof Metric>;

export const Run = z.object({
  info: z.object({
    run_id: z.string(),
    experiment_id: z.string(),
    run_name: z.string().default(""),
    status: z.string().default("RUNNING"),
    start_time: Count.default(0),
    artifact_uri: z.string().default(""),
    lifecycle_stage: z.string().default("active"),
  }),
  data: z
    .object({
      metrics: z.array(Metric).default([]),
      params: z.array(z.object({ key: z.string(), value: z.string().default("") })).default([]),
      tags: Tags,
    })
    .default({ metrics: [], params: [], tags: [] }),
  outputs: z
    .object({ model_outputs: z.array(z.object({ model_id: z.string() })).default([]) })
    .default({ model_outputs: [] }),
});
export type Run = z.infer<typeof Run>;

export const RegisteredModel = z.object({
  name: z.string(),
  tags: Tags,
  aliases: z.array(z.object({ alias: z.string(), version: z.coerce.string() })).default([]),
});
export type RegisteredModel = z.infer<typeof RegisteredModel>;

export const Version = z.object({
  name: z.string(),
  version: z.coerce.string(),
  creation_timestamp: Count.default(0),
  description: z.string().default(""),
  source: z.string().default(""),
  run_id: z.string().default(""),
  tags: Tags,
});
export type Version = z.infer<typeof Version>;

export const LoggedModel = z.object({
  info: z.object({ model_id: z.string(), artifact_uri: z.string(), status: z.string().default("") }),
});
export type LoggedModel = z.infer<typeof LoggedModel>;

const Page = z.object({ next_page_token: z.string().default("") });

export const Files = z.object({
  files: z.array(z.object({ path: z.string(), is_dir: z.boolean().default(false) })).default([]),
});
export type Files = z.infer<typeof Files>;

export const Answers = {
  experiments: Page.extend({ experiments: z.array(Experiment).default([]) }),
  experiment: z.object({ experiment: Experiment }),
  experimentId: z.object({ experiment_id: z.string() }),
  run: z.object({ run: Run }),
  runs: Page.extend({ runs: z.array(Run).default([]) }),
  history: Page.extend({ metrics: z.array(Metric).default([]) }),
  model: z.object({ registered_model: RegisteredModel }),
  version: z.object({ model_version: Version }),
  versions: Page.extend({ model_versions: z.array(Version).default([]) }),
  loggedModel: z.object({ model: LoggedModel }),
  loggedModels: Page.extend({ models: z.array(LoggedModel).default([]) }),
  files: Files,
  artifacts: Page.extend(Files.shape),
  nothing: z.unknown(),
};
