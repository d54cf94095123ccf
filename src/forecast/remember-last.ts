/**
 * The same function, which keeps its last answer about each object: learner after learner asks for the same origin.
 * Nobody may write to an answer.
 */
export function rememberLast<About extends object, Asked extends readonly number[], Answer>(
  make: (about: About, ...asked: Asked) => Answer,
): (about: About, ...asked: Asked) => Answer {
  const known = new WeakMap<About, { readonly asked: Asked; readonly answer: Answer }>();
  return (about, ...asked) => {
    const last = known.get(about);
    if (last?.asked.every((value, i) => value === asked[i])) return last.answer;
    const answer = make(about, ...asked);
    known.set(about, { asked, answer });
    return answer;
  };
}
