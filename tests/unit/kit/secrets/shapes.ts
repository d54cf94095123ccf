/** Secrets as they come: of each at least one part is a secret by itself. */
export const SHAPES: Readonly<Record<string, string>> = {
  token: "ghp_Zk3vQ9xLr7TnWb2YcAe5",
  quoted: "p\"a's\\s<w>&ö|r*d_1",
  pem: [
    "-----BEGIN PRIVATE KEY-----",
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj",
    "MzEfYyjiWA4R4/M2bS1GB4t7NXp98C3SC6dVMvDuictGeurT8jNbvJZHtCSuYEvu",
    "NMoSfm76oqFvAp8Gy0iz5sxjZmSnXyCdPEovGhLa0VzMaQ8s+CLOyS56YyCFGeJZ",
    "-----END PRIVATE KEY-----",
    "",
  ].join("\n"),
  credential: JSON.stringify(
    {
      type: "service_account",
      project_id: "forecast",
      private_key_id: "9f8e7d6c5b4a39281706f5e4d3c2b1a0",
      private_key:
        "-----BEGIN PRIVATE KEY-----\nQmFzZTY0VGhhdElzTm9Ob3RBS2V5QXRBbGwx\n-----END PRIVATE KEY-----\n",
      client_email: "robot@forecast.iam.example.com",
    },
    null,
    2,
  ),
  spaced: "correct horse battery staple",
  url: "a/b?c=d&e%f#g+h i:j@k",
  hex: "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0",
  base64: "dGhpcyBpcyBhIHNlY3JldCE/Pj8+Pw==",
  unicode: "пароль-Schlüssel-秘密の鍵",
  blank: "  padded-secret-77 \n",
};

/** What somebody could read a secret from: it, its lines and members, in the encodings that programs use. */
export function traces(secret: string): string[] {
  const whole = secret.trim();
  const lines = whole.split("\n").map((line) => line.trim());
  const members = whole.startsWith("{")
    ? Object.entries(JSON.parse(whole) as Record<string, string>).flatMap(([key, value]) =>
        key.startsWith("private") ? [value, ...value.trim().split("\n")] : [],
      )
    : [];
  const parts = [whole, ...(whole.startsWith("{") ? [] : lines), ...members].filter(
    (part) => part.length >= 8 && !/^-----/.test(part),
  );
  const all = parts.flatMap((part) => {
    const bytes = Buffer.from(part);
    const core = (shift: number) =>
      Buffer.concat([Buffer.alloc(shift, "x"), bytes])
        .toString("base64")
        .slice(4, -4);
    return [
      part,
      JSON.stringify(part).slice(1, -1),
      JSON.stringify(JSON.stringify(part)).slice(3, -3),
      encodeURIComponent(part),
      new URLSearchParams({ a: part }).toString().slice(2),
      encodeURI(part),
      bytes.toString("base64"),
      bytes.toString("base64url"),
      ...[0, 1, 2].map(core),
      bytes.toString("hex"),
      part.replaceAll(/\s+/g, ""),
      [...part]
        .map((sign) =>
          sign.charCodeAt(0) > 126 ? `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}` : sign,
        )
        .join(""),
    ];
  });
  return [...new Set(all)].filter((trace) => trace.length >= 8);
}
