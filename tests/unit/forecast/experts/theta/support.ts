import { InferenceSession, Tensor } from "onnxruntime-node";
import type { ThetaExpert } from "../../../../../src/forecast/experts/theta/model.js";
import { theta as kind } from "../../../../../src/forecast/experts/theta/theta.js";
import { dampedTrend } from "../../../../../src/forecast/learners/damped-trend.js";
import { ses } from "../../../../../src/forecast/learners/ses.js";
import { theta } from "../../../../../src/forecast/learners/theta.js";
import type { ForecastModel } from "../../../../../src/forecast/model.js";
import { GraphBuilder } from "../../../../../src/forecast/onnx/builder.js";
import { encodeModel } from "../../../../../src/forecast/onnx/proto.js";
import { graphRows } from "../../../../../src/forecast/onnx/rows.js";
import { prepareRows, type Rows, type Shape } from "../../../../../src/forecast/rows.js";
import type { TrainingView } from "../../../../../src/forecast/training-view.js";

const NO_VIEW = {} as TrainingView;
const expertOf = { ses: ses(), theta: theta(), damped: dampedTrend() };

export const METHODS = ["ses", "theta", "damped"] as const satisfies readonly ThetaExpert["method"][];

/** The expert as its learner makes it; it needs no data. */
export const defaultExpert = (method: ThetaExpert["method"]): ThetaExpert =>
  expertOf[method].fit(NO_VIEW) as ThetaExpert;

/** Histories as rows, on the right of their contexts. */
export function rowsOf(histories: readonly ArrayLike<number>[], shape: Shape): Rows {
  const { context } = shape;
  const count = histories.length;
  const history = new Float32Array(count * context).fill(Number.NaN);
  histories.forEach((values, i) => {
    history.set(values, (i + 1) * context - values.length);
  });
  return prepareRows(
    {
      count,
      history,
      period: new Int32Array(count),
      codes: new Int32Array(0),
      known: new Float32Array(0),
      observed: new Float32Array(0),
    },
    shape,
  );
}

export const forecastOf = (
  expert: ThetaExpert,
  histories: readonly ArrayLike<number>[],
  shape: Shape,
): Float64Array => kind.forecast(expert, rowsOf(histories, shape)) as Float64Array;

/** Sessions by expert and shape: making one takes longer than running it. */
export class GraphCache {
  private readonly sessions = new Map<string, Promise<InferenceSession>>();

  async forecast(expert: ThetaExpert, rows: Rows): Promise<Float64Array> {
    const { count, history, context, season, horizon } = rows;
    const key = JSON.stringify([expert, season, horizon, context]);
    const session = this.sessions.get(key) ?? openGraph(expert, rows);
    this.sessions.set(key, session);
    const feeds = { history: new Tensor("float32", history, [count, context]) };
    const answer = await (await session).run(feeds);
    return answer.forecast!.data as Float64Array;
  }
}

function openGraph(expert: ThetaExpert, shape: Shape): Promise<InferenceSession> {
  const graph = new GraphBuilder();
  const model = { ...shape, segments: ["all"], attributes: [], known: [], observed: [] };
  const rows = graphRows(graph, model as unknown as ForecastModel);
  graph.output("forecast", "double", ["N", shape.horizon], kind.emit(expert, graph, rows));
  const { input, ...rest } = graph.graph("expert");
  const bytes = encodeModel({
    irVersion: 7,
    producerName: "test",
    producerVersion: "0",
    docString: "",
    // A graph of one expert that has no use for the calendar.
    graph: { ...rest, input: input.filter(({ name }) => name === "history") },
    opsetImport: [{ domain: "", version: 13 }],
    metadataProps: [],
  });
  return InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 });
}
