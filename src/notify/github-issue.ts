import { z } from "zod";
import type { ChannelSpec } from "../kit/channels.js";
import { brokenChannel, type Channel, type Refusal } from "./channel.js";
import { callHttp, HTTP_LIMIT_MS, type HttpCall, refusalOf } from "./http.js";
import { clip } from "./notice.js";

/** GitHub takes 65,536 characters. */
const BODY = 60_000;
const TITLE = 256;

/** Issues are looked through newest first, this many pages of a hundred. */
const PAGES = 3;
const PAGE_SIZE = 100;

type IssueSpec = Extract<ChannelSpec, { kind: "github-issue" }>;

const Issues = z.array(z.object({ body: z.string().nullish() }));

/** Opens one issue for a notification: the marker in its body is how another attempt finds it again, open or closed. */
export function githubIssueChannel({
  repository,
  token,
  labels,
  api,
}: Omit<IssueSpec, "kind" | "on">): Channel {
  if (!URL.canParse(api))
    return brokenChannel(
      `github-issue-${repository}`,
      "GitHub issue",
      "the url that is configured is not a URL",
    );
  const base = new URL(api);
  const issues = (query: string) =>
    new URL(`${base.href.replace(/\/$/, "")}/repos/${repository}/issues${query}`);
  const call = (url: URL, more: Omit<HttpCall, "headers">) =>
    ask(url, {
      ...more,
      headers: {
        authorization: `Bearer ${token}`,
        accept: "application/vnd.github+json",
        "x-github-api-version": "2022-11-28",
        "user-agent": "retrain",
      },
    });

  return {
    id: `github-issue-${base.host}/${repository}`,
    target: `GitHub issue in ${repository}`,
    secrets: [token],
    limitMs: 2 * HTTP_LIMIT_MS,
    async send({ title, markdown }, key, signal) {
      const marker = `<!-- retrain ${key} -->`;
      for (let page = 1; page <= PAGES; page++) {
        const query = `?state=all&sort=created&direction=desc&per_page=${PAGE_SIZE}&page=${page}`;
        const listed = await call(issues(query), { method: "GET", signal });
        if ("refusal" in listed) return listed.refusal;
        const found = Issues.safeParse(listed.json);
        if (!found.success) return { problem: "its answer is no list of issues", retryable: false };
        if (found.data.some(({ body }) => body?.includes(marker))) return null;
        if (found.data.length < PAGE_SIZE) break;
      }
      const body = `${clip(markdown, BODY)}\n\n${marker}\n`;
      const created = await call(issues(""), { body: { title: clip(title, TITLE), body, labels }, signal });
      return "refusal" in created ? created.refusal : null;
    },
  };
}

async function ask(
  url: URL,
  call: HttpCall,
): Promise<{ readonly json: unknown } | { readonly refusal: Refusal }> {
  const answer = await callHttp(url, call);
  if ("refusal" in answer) return answer;
  const json = await answer.response.json().catch((error: unknown) => {
    if (call.signal.aborted) throw error;
    return null;
  });
  const message = (json as { message?: unknown } | null)?.message;
  const refusal = refusalOf(answer.response, typeof message === "string" ? clip(message, 200) : null);
  return refusal === null ? { json } : { refusal };
}
