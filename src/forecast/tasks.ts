import { backtestLearner, fitLearner } from "./cv-task.js";

/** What an executor can run: functions of data that survives a structured clone. */
export const TASKS = { fit: fitLearner, backtest: backtestLearner };
export type Tasks = typeof TASKS;
