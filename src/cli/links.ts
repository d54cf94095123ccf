/** Where a bug is reported. */
export const ISSUES = "the issue tracker of retrain, with the text above";
